"""Names that several test files need when they are collected."""

from __future__ import annotations

import ast
import contextlib
import csv
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attend.course.syllabus import load_course
from attend.submissions.submission import Submission

if TYPE_CHECKING:
    # what students install does not have msgspec, which a grade needs
    from attend.gradebook.grade import ExerciseGrade, Grade

ROOT = Path(__file__).resolve().parents[2]
TINY = Path(__file__).resolve().parent / "tiny"
COURSE = load_course(ROOT)

# topics that have all their layers; of the others test_layers_agree tells
WHOLE = [
    topic
    for topic in COURSE.topics
    if all(
        getattr(COURSE, layer)(topic).exists()
        for layer in ("solution", "graders", "misconceptions", "alternates", "public_tests", "assignment")
    )
]

each_topic = pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.number)
each_exercise = pytest.mark.parametrize(
    ("topic", "exercise"),
    [
        pytest.param(topic, exercise, id=exercise.label)
        for topic in COURSE.topics
        for exercise in topic.exercises
    ],
)


def submission(topic, text: str, student: str = "ada") -> Submission:
    return Submission(student, topic.slug, f"{topic.slug}.py", text)


def row(grade: Grade, exercise: str) -> ExerciseGrade:
    return next(row for row in grade.exercises if row.exercise == exercise)


def outcomes(grade: Grade) -> dict[str, str]:
    """The outcome of each exercise, by name."""
    return {row.exercise: row.outcome for row in grade.exercises}


def test_functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The test functions of a file, by name."""
    found = ast.parse(path.read_text(encoding="utf-8")).body
    return {
        node.name: node
        for node in found
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


test_functions.__test__ = False


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Return as soon as `condition` holds; fail where it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds} s"
        time.sleep(0.01)


def graded_so_far(out: Path) -> int:
    """How many grades are in the gradebook of a batch that may be writing to it."""
    address = f"file:{out / 'gradebook.sqlite'}?mode=ro"
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(address, uri=True)) as book:
        return book.execute("SELECT count(*) FROM submissions").fetchone()[0]
    return 0


def read_rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as a list of rows."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def marked_exercise(function: ast.FunctionDef) -> str | None:
    """The exercise that a test function is marked with."""
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.exercise":
            return ast.literal_eval(mark.args[0])
    return None
