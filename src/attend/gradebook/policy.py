"""Apply the `[policy]` of `course.toml` to a gradebook: which points count, and why they differ from the raw ones.

Grades stay as they are. Whatever is exported is computed anew from them, so a policy may change during the term.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

from attend.course.rules import Policy
from attend.course.syllabus import Course, Topic
from attend.course.tables import short_number
from attend.course.words import how_many
from attend.gradebook.adjustments import Adjustment, Adjustments, Earned, read_adjustments
from attend.gradebook.attempts import Candidate, Candidates, outdated_attempts
from attend.gradebook.counted import Counted, StudentTotal
from attend.gradebook.extensions import Extension, days_late, own_due_date, read_extensions
from attend.gradebook.grade import round_points, share_passed
from attend.gradebook.late_days import late_days
from attend.gradebook.records import SubmissionTime
from attend.gradebook.store import Gradebook
from attend.gradebook.waiting import without_due_date
from attend.gradebook.weeks import limit_weeks
from attend.submissions import Person
from attend.submissions.people import Directory, Joined


def totals(course: Course, gradebook: Gradebook) -> Iterator[StudentTotal]:
    """Every student with what counts, in the order of their names.

    The topics are those that anybody handed in; who did not hand one in has 0 points there.
    """
    members = gradebook.members()
    (extensions, _), (adjustments, _) = _exceptions(course, members.people)
    policy, graded = course.policy, set(gradebook.topics())
    topics = [topic for topic in course.topics if topic.slug in graded]
    candidates = Candidates(policy, gradebook)
    rows_of = itertools.groupby(gradebook.rows(), key=lambda row: row[0])
    following, rows_there = next(rows_of, ("", ()))
    for student, person in members.people.items():  # both are in the order of names
        earned: dict[str, list[Earned]] = {}
        if student == following:
            for _, slug, exercise, points, max_points, outcome, _ in rows_there:
                earned.setdefault(slug, []).append((exercise, points, max_points, outcome))
            following, rows_there = next(rows_of, ("", ()))
        left, counted = policy.slip_days, {}
        # slip days are spent in the order of due dates
        for topic in sorted(topics, key=partial(_due, policy)):
            changes = Adjustments(topic, _about(adjustments.get(student, []), topic))
            mine = _about(extensions.get(student, []), topic)
            rows = earned.get(topic.slug)
            attempts = candidates.of(student, topic.slug, rows) if rows is not None else [None]
            found = [_count(course, changes, attempt, mine, left) for attempt in attempts]
            # of attempts that count the same, the one with fewer late days, and then the later one
            counted[topic] = max(reversed(found), key=lambda each: (each.counted, -each.days_late))
            left -= counted[topic].slip_days
        total = StudentTotal(student, person, members.section(student), policy.slip_days)
        total.topics = [counted[topic] for topic in topics]
        yield limit_weeks(policy, _drop_lowest(total, policy.drop_lowest))


def _due(policy: Policy, topic: Topic) -> float:
    due = policy.due.get(topic.slug)
    return due.timestamp() if due else math.inf


Row = TypeVar("Row", Extension, Adjustment)


def _about(rows: list[Row], topic: Topic) -> list[Row]:
    """The rows that concern a topic."""
    return [row for row in rows if row.topic in (None, topic.slug)]


def _count(
    course: Course,
    adjustments: Adjustments,
    attempt: Candidate | None,
    extensions: list[Extension],
    slip_days: int,
) -> Counted:
    """What a topic counts with an attempt, of a student who has `slip_days` left; None where nothing was handed in."""
    policy, topic, missing = course.policy, adjustments.topic, attempt is None
    rows = attempt.rows if attempt else [(each.name, 0.0, each.points, "missing") for each in topic.exercises]
    notes = attempt.notes if attempt else ["not handed in"]
    counted = Counted(
        topic,
        _sum(rows),
        0.0,
        digest=attempt.digest if attempt else "",
        attempts=attempt.of if attempt else 0,
        due=own_due_date(policy, topic, extensions),
        time=attempt.time if attempt else SubmissionTime(),
        missing=missing,
        excused=adjustments.excused,
        adjusted=bool(adjustments),
    )
    if missing and not adjustments or adjustments.excused:
        return replace(counted, notes=(*notes, *adjustments.notes))
    if attempt:
        rows = _by_policy(policy, attempt, notes)
    rows = adjustments.to_exercises(rows)
    ungraded = sum(outcome == "ungraded" for *_, outcome in rows)
    if ungraded:
        notes.append(f"{how_many(ungraded, 'exercise')} not graded yet")
    points = sum(points for _, points, _, _ in rows) + _for_examples(course, attempt, notes)
    days = days_late(policy, topic, counted.time, extensions)
    if days and not adjustments.final:
        # nothing is lost of no points
        late = late_days(policy, days, slip_days if points else 0)
        points *= 1 - late.percent / 100
        notes.append(late.note)
        counted = replace(counted, slip_days=late.slip_days)
    notes += adjustments.notes
    return replace(counted, counted=adjustments.to_topic(points), days_late=days, notes=tuple(notes))


def _for_examples(course: Course, attempt: Candidate | None, notes: list[str]) -> float:
    """The points for the student's own examples, where the course gives any; adds a note."""
    examples = attempt.grade().examples if attempt and course.example_points else None
    if examples is None:
        return 0.0
    points = round_points(course.example_points * examples.share)
    notes.append(f"examples: {short_number(points)} of {short_number(course.example_points)} points")
    return points


def _sum(rows: list[Earned]) -> float:
    return round_points(sum(points for _, points, _, _ in rows))


def _by_policy(policy: Policy, attempt: Candidate, notes: list[str]) -> list[Earned]:
    """The rows with what exercises count by the rules on carried and partial credit; adds to `notes` what changed."""
    rows, raw = attempt.rows, _sum(attempt.rows)
    if not policy.carried_forward:
        rows = _without_carried(attempt)
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


def _without_carried(attempt: Candidate) -> list[Earned]:
    """The rows with what the exercises earn without the tests that passed on right ground alone."""
    tests = {row.exercise: row.tests for row in attempt.grade().exercises}
    changed = []
    for exercise, points, max_points, outcome in attempt.rows:
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


def policy_notes(course: Course, gradebook: Gradebook) -> list[str]:
    """What an instructor should know about how the policy is applied.

    A sentence for every extension and adjustment that is not used, because its student or topic is not in the gradebook, and
    for topics of which attempts are compared that were graded with different tests, or whose results wait for a due date.
    """
    extensions, adjustments = _exceptions(course, gradebook.people())
    graded = set(gradebook.topics())
    early = [
        f"{row.where}: nobody has handed in {row.topic} yet; the row is not used."
        for rows in adjustments[0].values()
        for row in rows
        if row.topic not in (None, *graded)
    ]
    outdated = outdated_attempts(gradebook) if course.policy.attempts == "best" else []
    return [*extensions[1], *adjustments[1], *early, *outdated, *without_due_date(course, gradebook)]


def _exceptions(course: Course, people: dict[str, Person]) -> tuple[Joined[Extension], Joined[Adjustment]]:
    """The extensions and the adjustments of each student, each with a sentence for every row that fits nobody."""
    directory = Directory(people.items())
    return (
        directory.join(read_extensions(course), "the extension is not used"),
        directory.join(read_adjustments(course), "the adjustment is not used"),
    )
