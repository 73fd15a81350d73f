"""Write a sample class in the layout of a platform's download, to try and to test how such downloads are read."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attend.submissions import METADATA

TERM = datetime(2026, 10, 2, 18, 0, tzinfo=UTC)  # the day around which the sample class hands in
LATE = 0.1  # share of students who are late


@dataclass(frozen=True)
class HandedIn:
    """One file on its way to a platform; `number` counts the students from 1."""

    student: str
    number: int
    topic: str
    path: Path


@dataclass(frozen=True)
class Shape:
    """How a platform names things: the student's key in a gradebook, and the layout of a topic's download."""

    key: Callable[[HandedIn], str]
    write: Callable[[Path, list[HandedIn], random.Random], None]


def _name(student: str) -> str:
    """`ada-eliot-001` is Ada Eliot."""
    return " ".join(part.capitalize() for part in student.split("-")[:2])


def _email(student: str) -> str:
    return f"{student}@students.example"


def _folders(out: Path, files: list[HandedIn], random_: random.Random) -> None:
    for file in files:
        _move(file, out / file.student / file.path.name)


def _gradescope(out: Path, files: list[HandedIn], random_: random.Random) -> None:
    """`assignment_3_export/submission_metadata.yml` and a folder a submission."""
    export = out / f"assignment_{files[0].topic[1:3]}_export"
    lines = ["---"]
    for file in files:
        folder = f"submission_{310000 + file.number}"
        _move(file, export / folder / file.path.name)
        moment = (
            TERM
            + timedelta(minutes=random_.randrange(-4000, -10))
            + timedelta(days=2 * (random_.random() < LATE))
        )
        lines += [
            f"{folder}:",
            "  :submitters:",
            f"  - :name: {_name(file.student)}",
            f"    :sid: '{700000 + file.number}'",
            f"    :email: {_email(file.student)}",
            f"  :created_at: {moment:%Y-%m-%d %H:%M:%S.%f000} Z",
            "  :score: 0.0",
            "  :status: processed",
        ]
    (export / METADATA).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _canvas(out: Path, files: list[HandedIn], random_: random.Random) -> None:
    """`submissions-t03/eliotada_10001_50001_t03….py`, with LATE after the name where it is."""
    for file in files:
        late = "LATE_" if random_.random() < LATE else ""
        upload = 50000 + file.number
        name = f"{_canvas_name(file)}_{late}{10000 + file.number}_{upload}_{file.path.name}"
        _move(file, out / f"submissions-{file.topic[:3]}" / name)


def _canvas_name(file: HandedIn) -> str:
    return "".join(reversed(_name(file.student).lower().split()))


def _moodle(out: Path, files: list[HandedIn], random_: random.Random) -> None:
    """`t03/Ada Eliot_20001_assignsubmission_file_/t03….py`."""
    for file in files:
        folder = f"{_name(file.student)}_{20000 + file.number}_assignsubmission_file_"
        _move(file, out / file.topic[:3] / folder / file.path.name)


def _move(file: HandedIn, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    file.path.rename(target)


SHAPES = {
    "folders": Shape(lambda file: file.student, _folders),
    "gradescope": Shape(lambda file: _email(file.student), _gradescope),
    "canvas": Shape(lambda file: f"{_canvas_name(file)}_{10000 + file.number}", _canvas),
    "moodle": Shape(lambda file: f"{_name(file.student)}_{20000 + file.number}", _moodle),
}
