"""The public tests of a topic as test files of otter, one an exercise, so that `otter check` runs them."""

from attend.course.syllabus import Exercise, Topic

# The course is looked for when the test runs: `otter check` runs it where the student works. In an autograder no code of a
# student is defined, and the plugin puts its results in the place of these.
TEMPLATE = '''"""The public tests of {label} {name}, for `otter check`, which is run in the course's folder."""

from otter.test_files import test_case

OK_FORMAT = False
name = "{label} {name}"
points = {points!r}


@test_case()
def test_{name}(env):
    assert "{first}" in env, "{first} is not defined"
    from attend.checking.live import check_exercise

    check_exercise(env, "{slug}", "{name}")
'''


def otter_tests(topic: Topic) -> dict[str, str]:
    """The files of a topic's tests by name."""
    return {
        f"{exercise.label.replace('.', '_')}_{exercise.name}.py": _file(exercise)
        for exercise in topic.exercises
    }


def _file(exercise: Exercise) -> str:
    return TEMPLATE.format(
        label=exercise.label,
        name=exercise.name,
        points=exercise.points,
        first=exercise.target.partition(".")[0],
        slug=exercise.slug,
    )
