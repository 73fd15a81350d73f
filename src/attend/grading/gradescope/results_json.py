"""What Gradescope reads: results.json with the fields that it documents, and a check that it holds no others."""

from typing import NotRequired, TypedDict

from attend.course.syllabus import Topic
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.gradebook.reports.plain_text import exercise_text
from attend.grading.showing import VISIBLE, Showing

SHOWN = Showing()
MAX_OUTPUT = 20_000  # characters a text field
VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")
FORMATS = ("text", "html", "simple_format", "md", "ansi")
# what a field may hold: values of these types, or one of these texts
Allowed = tuple[type, ...] | tuple[str, ...]
NUMBER, TEXT, TABLE, LIST = (int, float), (str,), (dict,), (list,)
TOP: dict[str, Allowed] = {
    "score": NUMBER,
    "execution_time": NUMBER,
    "output": TEXT,
    "output_format": FORMATS,
    "test_output_format": FORMATS,
    "test_name_format": FORMATS,
    "visibility": VISIBILITIES,
    "stdout_visibility": VISIBILITIES,
    "extra_data": TABLE,
    "tests": LIST,
    "leaderboard": LIST,
}
TEST: dict[str, Allowed] = {
    "score": NUMBER,
    "max_score": NUMBER,
    "status": ("passed", "failed"),
    "name": TEXT,
    "name_format": FORMATS,
    "number": TEXT,
    "output": TEXT,
    "output_format": FORMATS,
    "tags": LIST,
    "visibility": VISIBILITIES,
    "extra_data": TABLE,
}


class ExerciseResult(TypedDict):
    """An exercise as one of Gradescope's tests."""

    score: NotRequired[float]
    max_score: NotRequired[float]
    name: str
    output: str
    status: NotRequired[str]
    number: NotRequired[str]
    visibility: NotRequired[str]
    extra_data: NotRequired[dict[str, str]]


class Results(TypedDict):
    """The contents of results.json, with those of Gradescope's fields that this course uses."""

    score: float
    output: str
    output_format: str
    visibility: str
    stdout_visibility: str
    tests: list[ExerciseResult]
    execution_time: NotRequired[int]
    test_output_format: NotRequired[str]
    test_name_format: NotRequired[str]
    extra_data: NotRequired[dict[str, str | int]]


def results(topic: Topic, grade: Grade, showing: Showing = SHOWN) -> Results:
    """The grade as Gradescope shows it: one test an exercise.

    While results wait, Gradescope shows no score: it never does where a test is not visible.
    """
    named: list[ExerciseResult] = [
        {"name": name, "output": words, "visibility": VISIBLE} for name, words in showing.named(topic, grade)
    ]
    return {
        "score": grade.points,
        "execution_time": round(grade.seconds),
        "output": showing.output(topic, grade)[:MAX_OUTPUT],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": VISIBLE,
        "stdout_visibility": "hidden",
        "extra_data": {
            "course_version": grade.course_version,
            "seed": grade.seed,
            "digest": grade.digest,
            "isolation": grade.isolation,
        },
        "tests": [*named, *(_test(topic, row, showing.visibility) for row in grade.exercises)],
    }


def _test(topic: Topic, row: ExerciseGrade, visibility: str) -> ExerciseResult:
    exercise = topic.exercise(row.exercise)
    return {
        "score": row.points,
        "max_score": row.max_points,
        "status": "passed" if row.points == row.max_points else "failed",
        "name": f"{exercise.label} {row.exercise}",
        "number": f"{int(topic.number[1:])}.{exercise.number}",
        "output": exercise_text(row)[:MAX_OUTPUT],
        "visibility": visibility,
        "extra_data": {"outcome": row.outcome, "diagnosis": row.diagnosis},
    }


def failure(topic: Topic | None, words: str) -> Results:
    """What is shown where the autograder itself failed: nobody's mistake is made of it."""
    tests: list[ExerciseResult] = [
        {
            "score": 0.0,
            "max_score": exercise.points,
            "name": f"{exercise.label} {exercise.name}",
            "output": "not graded",
        }
        for exercise in (topic.exercises if topic else ())
    ]
    output = f"This could not be graded, and it is not your code's fault: {words} Tell your instructor."
    return {
        "score": 0.0,
        "output": output[:MAX_OUTPUT],
        "output_format": "text",
        "visibility": VISIBLE,
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def problems(data: object) -> list[str]:
    """Where `data` differs from what Gradescope documents; empty when it does not."""
    if not isinstance(data, dict):
        return ["the results are no object"]
    found = _check(data, TOP, "the results")
    tests = data.get("tests", [])
    if "score" not in data and not (tests and all("score" in test for test in tests)):
        found.append("neither the results nor each test has a score")
    for index, test in enumerate(tests if isinstance(tests, list) else []):
        found += (
            _check(test, TEST, f"test {index}") if isinstance(test, dict) else [f"test {index} is no object"]
        )
    return found


def _check(entry: dict[str, object], fields: dict[str, Allowed], where: str) -> list[str]:
    found = [f"{where} has {key!r}, which is not documented" for key in entry if key not in fields]
    for key, allowed in fields.items():
        value = entry.get(key)
        if key not in entry:
            continue
        types = tuple(each for each in allowed if isinstance(each, type))
        if types:
            if not isinstance(value, types) or isinstance(value, bool):
                found.append(f"{where}: {key} is {value!r}")
        elif value not in allowed:
            found.append(f"{where}: {key} is {value!r}; it is one of {', '.join(map(str, allowed))}")
    return found
