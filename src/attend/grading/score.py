"""What the tests of an exercise come to: its points, its outcome, and a sentence about right ground."""

from attend.course.syllabus import Exercise
from attend.gradebook.grade import ExerciseGrade, TestGrade, round_points, share_passed


def score(exercise: Exercise, tests: list[TestGrade]) -> ExerciseGrade:
    """The points and the outcome of an exercise, from the grades of its tests."""
    passed = sum(test.passed for test in tests)
    points = round_points(exercise.points * share_passed(tests))
    failing = [test.outcome for test in tests if not test.passed]
    if not failing:
        outcome = "carried" if any(test.outcome == "carried" for test in tests) else "full"
    elif all(kind in ("not done", "missing") for kind in failing) and not passed:
        outcome = "missing"
    elif "timeout" in failing:
        outcome = "timeout"
    elif "crash" in failing:
        outcome = "crash"
    elif passed:
        outcome = "partial"
    else:
        outcome = "error" if set(failing) == {"raised"} else "wrong"
    return ExerciseGrade(exercise.name, points, exercise.points, outcome, tests=tests)


def about_ground(grade: ExerciseGrade, wrong: list[Exercise], fits_own: bool) -> str:
    """Which earlier exercises were replaced, and what that shows."""
    names = " and ".join(f"`{other.target}`" for other in wrong)
    if grade.outcome == "carried":
        return f"right, with the course's {names} in place of yours: correct {wrong[0].name} first"
    if fits_own:
        return f"your code passes with your own {names} only, and that is wrong: both have to change"
    return f"judged with the course's {names} in place of yours: this exercise has a mistake of its own"
