"""What a regrade changed: whose points moved, from what to what, and by which tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from attend.course.tables import short_number, write_csv
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade
from attend.gradebook.store import Gradebook

COLUMNS = (
    "student", "topic", "exercise", "before", "max_before", "after", "max_after", "tests", "regraded"
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """An exercise of a submission that was graded twice with different points.

    before, after: the points, with `max_before` and `max_after` the most that could be had.
    tests: the tests whose outcome changed, as `test_rows: values → passed`.
    graded: when the later grade was given; empty where that is not known.
    """

    student: str
    topic: str
    exercise: str
    before: float
    max_before: float
    after: float
    max_after: float
    tests: tuple[str, ...]
    graded: str

    @property
    def points(self) -> str:
        """`20 → 35 of 40`."""
        before, after = short_number(self.before), short_number(self.after)
        if self.max_before != self.max_after:
            before += f" of {short_number(self.max_before)}"
        return f"{before} → {after} of {short_number(self.max_after)}"


def changes(
    gradebook: Gradebook, topics: set[str] | None = None, since: datetime | None = None
) -> Iterator[Change]:
    """The exercises whose points moved between two grades of the same text, by student, topic and time.

    Args:
        topics: only these slugs.
        since: only grades given at this moment or later.
    """
    whose, last = ("", ""), dict[str, Grade]()
    for attempt in gradebook.attempts():
        grade, graded = attempt.grade, attempt.graded
        if whose != (grade.student, grade.topic):
            whose, last = (grade.student, grade.topic), {}
        earlier = last.get(grade.digest)
        last[grade.digest] = grade
        if earlier is None or topics is not None and grade.topic not in topics:
            continue
        if since is None or graded and datetime.fromisoformat(graded) >= since:
            yield from _between(earlier, grade, graded)


def _between(earlier: Grade, later: Grade, graded: str) -> Iterator[Change]:
    """The exercises whose points differ; one that is only in one of the grades has 0 of 0 points in the other."""
    names = dict.fromkeys(row.exercise for row in (*later.exercises, *earlier.exercises))
    before = {row.exercise: row for row in earlier.exercises}
    after = {row.exercise: row for row in later.exercises}
    for name in names:
        nothing = ExerciseGrade(name, 0.0, 0.0, "missing")
        old, new = before.get(name, nothing), after.get(name, nothing)
        if (old.points, old.max_points) != (new.points, new.max_points):
            yield Change(
                later.student,
                later.topic,
                name,
                old.points,
                old.max_points,
                new.points,
                new.max_points,
                tuple(_tests(old.tests, new.tests)),
                graded,
            )


def _tests(before: list[TestGrade], after: list[TestGrade]) -> Iterator[str]:
    old = {test.name: test.outcome for test in before}
    new = {test.name: test.outcome for test in after}
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name, 'no such test')} → {new.get(name, 'no such test')}"


def write_changes(found: list[Change], path: Path) -> None:
    """Write the changes as a table."""
    rows = (
        (
            change.student, change.topic, change.exercise, change.before, change.max_before,
            change.after, change.max_after, "; ".join(change.tests), change.graded,
        )
        for change in found
    )  # fmt: skip
    write_csv(path, COLUMNS, rows)
