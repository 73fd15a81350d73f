"""More time for single students: the table that `[policy] extensions` names, and the days late that are left."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from attend.course.errors import AttendError
from attend.course.rules import Policy
from attend.course.syllabus import Course, Topic
from attend.course.tables import TableError, join_key, parse_moment, read_table
from attend.gradebook.records import SubmissionTime

MAX_DAYS = 3660
EVERY = ("", "*", "all")  # a row that names no topic, or no exercise, holds for every one


@dataclass(frozen=True)
class Extension:
    """More time for one student, by days or until a moment; for one topic or for all."""

    student: str
    topic: str | None
    days: float = 0.0
    until: datetime | None = None
    where: str = ""  # the row, for messages

    def due(self, due: datetime) -> datetime:
        """The later due date: days are added to what the clock on the wall shows in the zone of `due`."""
        return max(due + timedelta(days=self.days), self.until or due, key=_universal)


def days_late(policy: Policy, topic: Topic, time: SubmissionTime, extensions: list[Extension]) -> int:
    """Days begun after the due date, extensions and grace allowed for.

    A day ends when the clock on the wall shows the time of the due date again, in the policy's zone: where clocks are set
    back it has 25 hours. Where a platform says late without saying since when, that is one day, or none where there is an
    extension.
    """
    due = own_due_date(policy, topic, extensions)
    if time.submitted is None:
        return int(time.late and not extensions)
    if due is None:
        return 0
    zone = due.tzinfo
    if _universal(time.submitted) - _universal(due) <= timedelta(minutes=policy.grace_minutes):
        return 0
    on_the_wall = time.submitted.astimezone(zone).replace(tzinfo=None) - due.replace(tzinfo=None)
    return max(1, math.ceil(on_the_wall / timedelta(days=1)))


def own_due_date(policy: Policy, topic: Topic, extensions: list[Extension]) -> datetime | None:
    """The due date of a student with these extensions, as the clock shows it where days are counted; None for none."""
    due = policy.due_on_the_wall(topic.slug)
    if due is None:
        return None
    return max([due, *(extension.due(due) for extension in extensions)], key=_universal).astimezone(
        due.tzinfo
    )


def due_dates(course: Course) -> Callable[[str, Topic], datetime | None]:
    """A function of a student and a topic: the student's own due date, by name alone."""
    rows = read_extensions(course)

    def due(student: str, topic: Topic) -> datetime | None:
        mine = [
            row
            for row in rows
            if row.topic in (None, topic.slug) and join_key(row.student) == join_key(student)
        ]
        return own_due_date(course.policy, topic, mine)

    return due


def _universal(moment: datetime) -> datetime:
    """Two moments of one zone are compared and subtracted by what the clock on the wall shows; so never compare them."""
    return moment.astimezone(UTC)


def read_extensions(course: Course) -> list[Extension]:
    """The extensions in the CSV that `[policy] extensions` names: student, topic, days or until.

    Raises:
        TableError: the file is missing, or a row cannot be read.
    """
    if not course.policy.extensions:
        return []
    path = course.root / course.policy.extensions
    return [_extension(course, where, row) for where, row in read_table(path, ("student",))]


def _extension(course: Course, where: str, row: dict[str, str]) -> Extension:
    try:
        topic = None if row.get("topic", "") in EVERY else course.topic(row["topic"]).slug
        days = float(row.get("days") or 0)
    except (AttendError, ValueError) as error:
        raise TableError(f"{where}: {error}") from error
    until = parse_moment(where, row["until"], course.policy.time_zone) if row.get("until") else None
    if not row["student"] or not (0 <= days <= MAX_DAYS) or (days == 0 and until is None):
        raise TableError(
            f"{where}: an extension names a student, and days above 0 (at most {MAX_DAYS}) or until."
        )
    return Extension(row["student"], topic, days, until, where)
