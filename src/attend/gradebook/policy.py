"""Apply the `[policy]` of `course.toml` to a gradebook: which points count, and why they differ from the raw ones.

Grades stay as they are. Whatever is exported is computed anew from them, so a policy may change during the term.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Policy, Topic
from attend.course.tables import TableError, parse_moment, read_table
from attend.gradebook.grade import round_points, share_passed
from attend.gradebook.store import Gradebook, SubmissionTime
from attend.submissions import Person
from attend.submissions.people import Directory

MAX_DAYS = 3660
EVERY = ("", "*", "all")  # an extension that names no topic holds for every one

# an exercise's name, its points, the most it can give, and its outcome
Earned = tuple[str, float, float, str]


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


@dataclass(frozen=True)
class Counted:
    """What one topic of one student counts."""

    topic: Topic
    raw: float
    counted: float
    days_late: int = 0
    dropped: bool = False
    missing: bool = False
    notes: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The counted points as a share of the topic's, between 0 and 1."""
        return self.counted / self.topic.points if self.topic.points else 0.0


@dataclass
class StudentTotal:
    """A student's topics and what they add up to."""

    student: str
    person: Person
    topics: list[Counted] = field(default_factory=list)

    @property
    def kept(self) -> list[Counted]:
        """The topics that count: all but the dropped ones."""
        return [counted for counted in self.topics if not counted.dropped]

    @property
    def points(self) -> float:
        """The points of the topics that count, rounded."""
        return round_points(sum(counted.counted for counted in self.kept))

    @property
    def max_points(self) -> float:
        """The points that could be had in the topics that count."""
        return sum(counted.topic.points for counted in self.kept)

    @property
    def notes(self) -> list[str]:
        """What the policy changed, one sentence each, with the topic it concerns."""
        notes = [f"{counted.topic.number}: {note}" for counted in self.topics for note in counted.notes]
        return notes + [f"{counted.topic.number}: dropped" for counted in self.topics if counted.dropped]


def totals(course: Course, gradebook: Gradebook) -> Iterator[StudentTotal]:
    """Every student with what counts, in the order of their names.

    The topics are those that anybody handed in; who did not hand one in has 0 points there.
    """
    extensions = _by_student(course, gradebook)[0]
    hand_ins, graded = gradebook.hand_ins(), set(gradebook.topics())
    topics = [topic for topic in course.topics if topic.slug in graded]
    rows_of = itertools.groupby(gradebook.rows(), key=lambda row: row[0])
    following, rows_there = next(rows_of, ("", ()))
    for student, person in gradebook.people().items():  # both are in the order of names
        earned: dict[str, list[Earned]] = {}
        if student == following:
            for _, slug, exercise, points, max_points, outcome, _ in rows_there:
                earned.setdefault(slug, []).append((exercise, points, max_points, outcome))
            following, rows_there = next(rows_of, ("", ()))
        total = StudentTotal(student, person)
        for topic in topics:
            rows = earned.get(topic.slug)
            if rows is None:
                total.topics.append(Counted(topic, 0.0, 0.0, missing=True, notes=("not handed in",)))
                continue
            time = hand_ins.get((student, topic.slug), SubmissionTime())
            mine = [each for each in extensions.get(student, ()) if each.topic in (None, topic.slug)]
            total.topics.append(_count(course.policy, gradebook, student, topic, rows, time, mine))
        yield _drop_lowest(total, course.policy.drop_lowest)


def _count(
    policy: Policy,
    gradebook: Gradebook,
    student: str,
    topic: Topic,
    rows: list[Earned],
    time: SubmissionTime,
    extensions: list[Extension],
) -> Counted:
    raw = round_points(sum(points for _, points, _, _ in rows))
    points, notes = raw, []
    if not policy.carried_forward:
        rows = _without_carried(gradebook, student, topic, rows)
        points = sum(row[1] for row in rows)
        if points != raw:
            notes.append("carried credit does not count")
    ungraded = sum(outcome == "ungraded" for *_, outcome in rows)
    if ungraded:
        notes.append(f"{ungraded} exercise{'s' if ungraded > 1 else ''} not graded yet")
    if policy.credit == "all_or_nothing":
        full = {"full", "carried"} if policy.carried_forward else {"full"}
        points = sum(max_points for _, _, max_points, outcome in rows if outcome in full)
        if points != raw:
            notes.append("only whole exercises count")
    days = days_late(policy, topic, time, extensions)
    if days:
        percent = min(100.0, policy.late_percent_per_day * days)
        if policy.late_days_at_most is not None and days > policy.late_days_at_most:
            percent = 100.0
        points *= 1 - percent / 100
        notes.append(f"{days} day{'s' if days > 1 else ''} late, −{percent:g} %")
    return Counted(topic, raw, round_points(points), days, notes=tuple(notes))


def _without_carried(gradebook: Gradebook, student: str, topic: Topic, rows: list[Earned]) -> list[Earned]:
    """The rows with what the exercises earn without the tests that passed on right ground alone."""
    tests = {row.exercise: row.tests for row in gradebook.grade(student, topic.slug).exercises}
    changed = []
    for exercise, points, max_points, outcome in rows:
        if any(test.outcome == "carried" for test in tests[exercise]):
            points = round_points(max_points * share_passed(tests[exercise], carried=False))
        changed.append((exercise, points, max_points, outcome))
    return changed


def days_late(policy: Policy, topic: Topic, time: SubmissionTime, extensions: list[Extension]) -> int:
    """Days begun after the due date, extensions and grace allowed for.

    A day ends when the clock on the wall shows the time of the due date again, in the policy's zone: where clocks are set
    back it has 25 hours. Where a platform says late without saying since when, that is one day, or none where there is an
    extension.
    """
    due = policy.due.get(topic.slug)
    if time.submitted is None:
        return int(time.late and not extensions)
    if due is None:
        return 0
    zone = policy.time_zone or due.tzinfo
    due = due.astimezone(zone)
    due = max([due, *(extension.due(due) for extension in extensions)], key=_universal).astimezone(zone)
    if _universal(time.submitted) - _universal(due) <= timedelta(minutes=policy.grace_minutes):
        return 0
    on_the_wall = time.submitted.astimezone(zone).replace(tzinfo=None) - due.replace(tzinfo=None)
    return max(1, math.ceil(on_the_wall / timedelta(days=1)))


def _universal(moment: datetime) -> datetime:
    """Two moments of one zone are compared and subtracted by what the clock on the wall shows; so never compare them."""
    return moment.astimezone(UTC)


def _drop_lowest(total: StudentTotal, count: int) -> StudentTotal:
    """Mark the topics with the lowest share as dropped; of equal ones the later. One topic always stays."""
    order = sorted(enumerate(total.topics), key=lambda pair: (pair[1].share, -pair[0]))
    lowest = {index for index, _ in order[: min(count, len(order) - 1)]}
    total.topics = [
        Counted(**{**vars(counted), "dropped": index in lowest}) for index, counted in enumerate(total.topics)
    ]
    return total


def unmatched_extensions(course: Course, gradebook: Gradebook) -> list[str]:
    """A sentence for every extension whose student is not in the gradebook."""
    return _by_student(course, gradebook)[1]


def _by_student(course: Course, gradebook: Gradebook) -> tuple[dict[str, list[Extension]], list[str]]:
    """The extensions of each student, and a sentence for every row that fits nobody."""
    found: dict[str, list[Extension]] = defaultdict(list)
    notes = []
    people = Directory(gradebook.people().items())
    for extension in read_extensions(course):
        student, problem = people.find(extension.student)
        if student is None:
            notes.append(f"{extension.where}: {problem}; nobody has this extension.")
        else:
            found[student].append(extension)
    return found, notes


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
