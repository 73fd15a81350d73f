"""Apply the `[policy]` of `course.toml` to a gradebook: which points count, and why they differ from the raw ones.

Grades stay as they are. Whatever is exported is computed anew from them, so a policy may change during the term.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from attend.course.syllabus import Course, Policy, Topic
from attend.course.tables import short_number
from attend.gradebook.adjustments import Adjustment, Adjustments, Earned, read_adjustments
from attend.gradebook.extensions import Extension, days_late, read_extensions
from attend.gradebook.grade import round_points, share_passed
from attend.gradebook.records import SubmissionTime
from attend.gradebook.store import Gradebook
from attend.submissions import Person
from attend.submissions.people import Directory, Joined


@dataclass(frozen=True)
class Counted:
    """What one topic of one student counts.

    missing: nothing was handed in.
    excused: the topic counts neither points nor points possible.
    adjusted: an instructor's row says something about it.
    """

    topic: Topic
    raw: float
    counted: float
    days_late: int = 0
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


@dataclass
class StudentTotal:
    """A student's topics and what they add up to."""

    student: str
    person: Person
    section: str = ""
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
        return round_points(sum(counted.topic.points for counted in self.kept))

    @property
    def notes(self) -> list[str]:
        """What the policy changed, one sentence each, with the topic it concerns."""
        notes = [f"{counted.topic.number}: {note}" for counted in self.topics for note in counted.notes]
        return notes + [f"{counted.topic.number}: dropped" for counted in self.topics if counted.dropped]


def totals(course: Course, gradebook: Gradebook) -> Iterator[StudentTotal]:
    """Every student with what counts, in the order of their names.

    The topics are those that anybody handed in; who did not hand one in has 0 points there.
    """
    members = gradebook.members()
    (extensions, _), (adjustments, _) = _exceptions(course, members.people)
    hand_ins, graded = gradebook.hand_ins(), set(gradebook.topics())
    topics = [topic for topic in course.topics if topic.slug in graded]
    rows_of = itertools.groupby(gradebook.rows(), key=lambda row: row[0])
    following, rows_there = next(rows_of, ("", ()))
    for student, person in members.people.items():  # both are in the order of names
        earned: dict[str, list[Earned]] = {}
        if student == following:
            for _, slug, exercise, points, max_points, outcome, _ in rows_there:
                earned.setdefault(slug, []).append((exercise, points, max_points, outcome))
            following, rows_there = next(rows_of, ("", ()))
        total = StudentTotal(student, person, members.section(student))
        for topic in topics:
            changes = [each for each in adjustments.get(student, ()) if each.topic in (None, topic.slug)]
            time = hand_ins.get((student, topic.slug), SubmissionTime())
            mine = [each for each in extensions.get(student, ()) if each.topic in (None, topic.slug)]
            rows = earned.get(topic.slug)
            total.topics.append(
                _count(course.policy, gradebook, student, Adjustments(topic, changes), rows, time, mine)
            )
        yield _drop_lowest(total, course.policy.drop_lowest)


def _count(
    policy: Policy,
    gradebook: Gradebook,
    student: str,
    adjustments: Adjustments,
    rows: list[Earned] | None,
    time: SubmissionTime,
    extensions: list[Extension],
) -> Counted:
    """What a topic counts; `rows` is None where nothing was handed in."""
    topic, missing = adjustments.topic, rows is None
    notes = ["not handed in"] if missing else []
    rows = rows or [(each.name, 0.0, each.points, "missing") for each in topic.exercises]
    counted = Counted(
        topic, _sum(rows), 0.0, missing=missing, excused=adjustments.excused, adjusted=bool(adjustments)
    )
    if missing and not adjustments or adjustments.excused:
        return replace(counted, notes=(*notes, *adjustments.notes))
    if not missing:
        rows = _by_policy(policy, gradebook, student, topic, rows, notes)
    rows = adjustments.to_exercises(rows)
    ungraded = sum(outcome == "ungraded" for *_, outcome in rows)
    if ungraded:
        notes.append(f"{ungraded} exercise{'s' if ungraded > 1 else ''} not graded yet")
    points = sum(points for _, points, _, _ in rows)
    days = days_late(policy, topic, time, extensions)
    if days and not adjustments.final:
        percent = min(100.0, policy.late_percent_per_day * days)
        if policy.late_days_at_most is not None and days > policy.late_days_at_most:
            percent = 100.0
        points *= 1 - percent / 100
        notes.append(f"{days} day{'s' if days > 1 else ''} late, −{percent:g} %")
    notes += adjustments.notes
    return replace(counted, counted=adjustments.to_topic(points), days_late=days, notes=tuple(notes))


def _sum(rows: list[Earned]) -> float:
    return round_points(sum(points for _, points, _, _ in rows))


def _by_policy(
    policy: Policy, gradebook: Gradebook, student: str, topic: Topic, rows: list[Earned], notes: list[str]
) -> list[Earned]:
    """The rows with what exercises count by the rules on carried and partial credit; adds to `notes` what changed."""
    raw = _sum(rows)
    if not policy.carried_forward:
        rows = _without_carried(gradebook, student, topic, rows)
        if _sum(rows) != raw:
            notes.append("carried credit does not count")
    if policy.credit == "all_or_nothing":
        rows = _all_or_nothing(policy, rows)
        if _sum(rows) != raw:
            notes.append("only whole exercises count")
    return rows


def _all_or_nothing(policy: Policy, rows: list[Earned]) -> list[Earned]:
    """The rows with all points of an exercise that is right, and none of one that is not."""
    full = {"full", "carried"} if policy.carried_forward else {"full"}
    return [(name, most if outcome in full else 0.0, most, outcome) for name, _, most, outcome in rows]


def _without_carried(gradebook: Gradebook, student: str, topic: Topic, rows: list[Earned]) -> list[Earned]:
    """The rows with what the exercises earn without the tests that passed on right ground alone."""
    tests = {row.exercise: row.tests for row in gradebook.grade(student, topic.slug).exercises}
    changed = []
    for exercise, points, max_points, outcome in rows:
        if any(test.outcome == "carried" for test in tests[exercise]):
            points = round_points(max_points * share_passed(tests[exercise], carried=False))
        changed.append((exercise, points, max_points, outcome))
    return changed


def _drop_lowest(total: StudentTotal, count: int) -> StudentTotal:
    """Mark the topics with the lowest share as dropped; of equal ones the later. One topic always stays."""
    counting = [pair for pair in enumerate(total.topics) if not pair[1].excused]
    order = sorted(counting, key=lambda pair: (pair[1].share, -pair[0]))
    lowest = {index for index, _ in order[: min(count, max(0, len(order) - 1))]}
    total.topics = [replace(counted, dropped=index in lowest) for index, counted in enumerate(total.topics)]
    return total


def counts_sentence(counted: Counted) -> str:
    """A sentence where points that count are others than the points earned, or an instructor changed something."""
    reasons = ", ".join(counted.notes)
    if counted.excused:
        return f"This topic does not count for you: {reasons}."
    if counted.counted == counted.raw and not counted.adjusted:
        return ""
    points = f"{short_number(counted.counted)} of {short_number(counted.topic.points)}"
    return f"{points} points count: {reasons}."


def unmatched_rows(course: Course, gradebook: Gradebook) -> list[str]:
    """A sentence for every extension and adjustment that is not used: its student or topic is not in the gradebook."""
    extensions, adjustments = _exceptions(course, gradebook.people())
    graded = set(gradebook.topics())
    early = [
        f"{row.where}: nobody has handed in {row.topic} yet; the row is not used."
        for rows in adjustments[0].values()
        for row in rows
        if row.topic not in (None, *graded)
    ]
    return [*extensions[1], *adjustments[1], *early]


def _exceptions(course: Course, people: dict[str, Person]) -> tuple[Joined[Extension], Joined[Adjustment]]:
    """The extensions and the adjustments of each student, each with a sentence for every row that fits nobody."""
    directory = Directory(people.items())
    return (
        directory.join(read_extensions(course), "nobody has this extension"),
        directory.join(read_adjustments(course), "nobody has this adjustment"),
    )
