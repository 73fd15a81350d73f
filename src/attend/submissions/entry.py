"""What was handed in, by whom, for what."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from attend.course.errors import AttendError
from attend.submissions.trees import Member

GRADEBOOK = "gradebook.sqlite"
NOTES = "notes.txt"  # what was noticed about hand-ins, beside the gradebook


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
class PlatformRecord:
    """What a platform says about something handed in."""

    person: Person = Person()
    submitted: datetime | None = None
    late: bool = False  # the platform calls it late, and does not say by how much
    reference: str = ""  # the platform's name of the hand-in


@dataclass(frozen=True)
class Entry(PlatformRecord):
    """What somebody handed in for one topic.

    path: where it lies, for messages; what is read, where `files` is None.
    files: the files among which the answer is.
    notes: what was noticed when it was found.
    entry: the name of the file or folder in the class or download.
    earlier: what the same student handed in before, in which something is written; the oldest first.
    """

    student: str
    topic: str
    path: Path
    files: tuple[Member, ...] | None = None
    notes: tuple[str, ...] = ()
    entry: str = ""
    earlier: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class Upload:
    """Files that came together from one person, as the entry `entry` of a download.

    Of several uploads the one with the greatest `order` is the latest. `path` is that of the entry, for messages.
    """

    student: str
    entry: str
    path: Path
    files: tuple[Member, ...]
    record: PlatformRecord = PlatformRecord()
    order: int = 0
    is_folder: bool = False


@dataclass
class Download:
    """The uploads in one folder or zip that was named, and what in it belongs to nobody.

    shape: what it was recognised as, in words.
    total: how many entries it has; fitting: how many of them have names of that shape.
    notes: why entries were not taken.
    """

    shape: str
    uploads: list[Upload] = field(default_factory=list)
    total: int = 0
    fitting: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class Intake:
    """What was found, in which shapes, and what was left aside and why."""

    entries: list[Entry] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        """How many hand-ins there are to be graded."""
        return sum(1 + len(entry.earlier) for entry in self.entries)

    @property
    def students(self) -> int:
        """How many students there are."""
        return len({entry.student for entry in self.entries})
