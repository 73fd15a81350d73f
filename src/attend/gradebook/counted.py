"""What topics of a student count, and what they add up to."""

from dataclasses import dataclass, field
from datetime import datetime

from attend.course.syllabus import Topic
from attend.course.tables import short_number
from attend.gradebook.grade import round_points
from attend.gradebook.records import SubmissionTime
from attend.submissions import Person


@dataclass(frozen=True)
class Counted:
    """What one topic of one student counts.

    raw: the points that the attempt which counts earned.
    possible: what the topic adds to the points that can be had; None for all its points.
    digest: that of the attempt that counts; "" for the last one.
    attempts: how many attempts there are.
    due: the student's own due date, extensions allowed for; None for none.
    time: when the attempt was handed in.
    slip_days: how many of the late days are paid with slip days.
    missing: nothing was handed in.
    excused: the topic counts neither points nor points possible.
    adjusted: an instructor's row says something about it.
    """

    topic: Topic
    raw: float
    counted: float
    possible: float | None = None
    digest: str = ""
    attempts: int = 1
    due: datetime | None = None
    time: SubmissionTime = SubmissionTime()
    days_late: int = 0
    slip_days: int = 0
    dropped: bool = False
    missing: bool = False
    excused: bool = False
    adjusted: bool = False
    notes: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether a platform's cell stays empty: nothing was handed in, and no instructor gave points."""
        return self.missing and not self.adjusted

    @property
    def share(self) -> float:
        """The counted points as a share of the topic's, between 0 and 1."""
        return self.counted / self.topic.points if self.topic.points else 0.0

    @property
    def sentence(self) -> str:
        """What students read if other points count than those earned, or if something else was decided for them."""
        reasons = ", ".join(self.notes)
        if self.excused:
            return f"This topic does not count for you: {reasons}."
        if self.counted == self.raw and not (self.adjusted or self.slip_days or self.attempts > 1):
            return ""
        points = f"{short_number(self.counted)} of {short_number(self.topic.points)}"
        return f"{points} points count: {reasons}."


@dataclass
class StudentTotal:
    """A student's topics and what they add up to.

    slip_days: how many slip days the policy gives to everybody.
    """

    student: str
    person: Person
    section: str = ""
    slip_days: int = 0
    topics: list[Counted] = field(default_factory=list)

    @property
    def kept(self) -> list[Counted]:
        """The topics that count: all but the dropped and the excused ones."""
        return [counted for counted in self.topics if not (counted.dropped or counted.excused)]

    @property
    def points(self) -> float:
        """The points of the topics that count, rounded."""
        return round_points(sum(counted.counted for counted in self.kept))

    @property
    def max_points(self) -> float:
        """The points that could be had in the topics that count."""
        possible = (
            counted.topic.points if counted.possible is None else counted.possible for counted in self.kept
        )
        return round_points(sum(possible))

    @property
    def slip_days_sentence(self) -> str:
        """How many slip days are used and left; "" without slip days."""
        if not self.slip_days:
            return ""
        used = sum(counted.slip_days for counted in self.topics)
        return f"Slip days: {used} of {self.slip_days} used, {self.slip_days - used} left."

    @property
    def notes(self) -> list[str]:
        """What the policy changed, one sentence each, with the topic it concerns."""
        notes = [f"{counted.topic.number}: {note}" for counted in self.topics for note in counted.notes]
        return notes + [f"{counted.topic.number}: dropped" for counted in self.topics if counted.dropped]
