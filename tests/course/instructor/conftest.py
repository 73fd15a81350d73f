"""What the tests of the instructor's commands share: a class, a gradebook written by hand, a way to run commands."""

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from attend.cli.settings import settings
from attend.course.syllabus import Course
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade
from attend.gradebook.store import Gradebook
from attend.submissions import Entry, Person

TOPIC = "t01_tiny"


@dataclass
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def attend(monkeypatch, capsys):
    """Run a command in this process, as the console script does."""

    def run(course: Course, *arguments) -> Ran:
        from attend.cli import main

        monkeypatch.setattr(sys, "argv", ["attend", "--course", str(course.root), *map(str, arguments)])
        monkeypatch.setattr(settings, "course_folder", None)
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return Ran(stopped.value.code or 0, said.out, said.err)

    return run


@pytest.fixture
def answers(tiny) -> dict[str, str]:
    """Files that a student could hand in for t01 of the tiny course, by what they are."""
    right = tiny.solution(tiny.topic("t01")).read_text(encoding="utf-8")
    return {
        "right": right,
        "wrong": right.replace("return x * factor", "return x + factor"),
        "stub": tiny.assignment(tiny.topic("t01")).read_text(encoding="utf-8"),
        "broken": right.replace("def shifted(", "def shifted("[:-1]),
    }


@pytest.fixture
def hand_in(tmp_path):
    """Write `class/STUDENT/t01_tiny.py`; the class's folder."""

    def write(files: dict[str, str], name: str = f"{TOPIC}.py") -> Path:
        for student, text in files.items():
            path = tmp_path / "class" / student / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "class"

    return write


def grade_of(
    student: str, outcomes: dict[str, tuple[str, float, float]], topic: str = TOPIC, **about
) -> Grade:
    """A grade written by hand: exercise → outcome, points, points possible. Half of a carried one's tests are carried."""
    rows = []
    for exercise, (outcome, points, possible) in outcomes.items():
        second = ("carried", "") if outcome == "carried" else ("values", "f(x): no")
        tests = [
            TestGrade("first", "It scales.", "passed"),
            TestGrade("second", "It shifts.", *second),
        ]
        rows.append(ExerciseGrade(exercise, points, possible, outcome, tests=tests))
    return Grade(student, topic, "1", 7, f"digest of {student}", "namespaces", rows, **about)


@pytest.fixture
def gradebook(tmp_path):
    """An empty gradebook with `put(grade, person=…, submitted=…, late=…)`."""
    with Gradebook(tmp_path / "results" / "gradebook.sqlite") as book:

        def put(grade: Grade, person: Person | None = None, **about) -> None:
            entry = Entry(grade.student, grade.topic, Path("handed in"), person=person or Person(), **about)
            book.note([entry])
            book.add(grade, "grader")

        book.put = put
        yield book


def kill_a_child() -> int | None:
    """Kill one of the processes that this one spawned to grade; its number, or None where there is none."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any("spawn_main" in word for word in child.cmdline()):
                child.kill()
                return child.pid
    return None


def git(folder: Path, *words: str) -> str:
    """Run git as somebody with a name."""
    person = ("-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main")
    command = ["git", *person, "-C", str(folder), *words]
    # git itself sets variables for its hooks, which would name another repository
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()
