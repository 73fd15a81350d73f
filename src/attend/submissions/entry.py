"""What was handed in, by whom, for what."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from attend.course.errors import AttendError

GRADEBOOK = "gradebook.sqlite"


class BatchError(AttendError):
    """A class cannot be graded as asked."""


@dataclass(frozen=True)
class Person:
    """Who a student is on the platforms: what an export needs to find them again."""

    name: str = ""
    email: str = ""
    sid: str = ""
    canvas_id: str = ""
    moodle_id: str = ""


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """What a platform tells of something handed in."""

    person: Person = Person()
    submitted: datetime | None = None
    late: bool = False  # the platform calls it late, and does not say by how much
    reference: str = ""  # the platform's name of the hand-in


@dataclass(frozen=True)
class Entry(HandIn):
    """One file (or folder) that somebody handed in, for one topic."""

    student: str
    topic: str
    path: Path


@dataclass
class Intake:
    """What was found, in which shapes, and what was left aside and why."""

    entries: list[Entry] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def students(self) -> int:
        return len({entry.student for entry in self.entries})


@dataclass(frozen=True)
class Found(HandIn):
    """A file with its name as the student gave it."""

    student: str
    path: Path
    name: str
    order: int = 0  # a later upload has a higher one
