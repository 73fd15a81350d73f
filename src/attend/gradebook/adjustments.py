"""Points that an instructor sets, adds or excuses for single students: the table that `[policy] adjustments` names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.course.tables import TableError, read_table
from attend.course.words import how_many
from attend.gradebook.extensions import EVERY
from attend.gradebook.grade import round_points

POINTS, EXCUSED, BONUS = KINDS = ("points", "excused", "bonus")
YES, NO = ("yes", "x", "1", "true", "excused"), ("", "no", "0", "false")

# an exercise's name, its points, the most it can give, and its outcome
Earned = tuple[str, float, float, str]


@dataclass(frozen=True)
class Adjustment:
    """One row of the table. `topic` or `exercise` is None where the row holds for every one.

    value: the points that are set, or added; 0 where something is excused.
    where: the row, for messages.
    """

    student: str
    topic: str | None
    exercise: str | None
    kind: str
    value: float
    reason: str
    where: str

    @property
    def note(self) -> str:
        """What the row does and why, as students read it."""
        what = {
            POINTS: f"{how_many(self.value, 'point')} set",
            EXCUSED: "excused",
            BONUS: f"{'+' if self.value > 0 else ''}{how_many(self.value, 'point')}",
        }
        exercise = f"{self.exercise}: " if self.exercise else ""
        return f"{exercise}{what[self.kind].replace('-', '−')} ({self.reason})"


def read_adjustments(course: Course) -> list[Adjustment]:
    """The rows of the CSV that `[policy] adjustments` names.

    Raises:
        TableError: the file is missing, or a row cannot be read.
    """
    if not course.policy.adjustments:
        return []
    path = course.root / course.policy.adjustments
    needed = ("student", "topic", "exercise", "reason")
    return [_adjustment(course, where, row) for where, row in read_table(path, needed)]


def _adjustment(course: Course, where: str, row: dict[str, str]) -> Adjustment:
    kinds = [kind for kind in KINDS if _is_set(where, kind, row.get(kind, ""))]
    if len(kinds) != 1 or not row["student"]:
        raise TableError(f"{where}: an adjustment names a student, and one of points, excused and bonus.")
    if not row["reason"]:
        raise TableError(f"{where}: an adjustment has a reason, which the student reads.")
    [kind] = kinds
    try:
        topic = None if row["topic"].casefold() in EVERY else course.topic(row["topic"])
        exercise = None
        if row["exercise"].casefold() not in EVERY:
            if topic is None:
                raise TableError(f"{where}: the exercise {row['exercise']!r} needs its topic.")
            exercise = topic.exercise(row["exercise"])
    except TableError:
        raise
    except AttendError as error:
        raise TableError(f"{where}: {error}") from error
    value = 0.0
    if kind != EXCUSED:
        if topic is None:
            raise TableError(f"{where}: the column {kind} needs the name of one topic.")
        most = exercise.points if exercise else topic.points
        value = _number(where, kind, row[kind], most)
    return Adjustment(
        row["student"],
        topic.slug if topic else None,
        exercise.name if exercise else None,
        kind,
        value,
        row["reason"],
        where,
    )


def _is_set(where: str, kind: str, cell: str) -> bool:
    if kind != EXCUSED:
        return bool(cell)
    if cell.casefold() not in YES + NO:
        raise TableError(f"{where}: excused is {cell!r}; it is yes or empty.")
    return cell.casefold() in YES


def _number(where: str, kind: str, cell: str, most: float) -> float:
    try:
        value = float(cell)
    except ValueError as error:
        raise TableError(f"{where}: {kind} is {cell!r}, which is not a number; write it as 7.5.") from error
    if kind == POINTS and not 0 <= value <= most:
        raise TableError(f"{where}: points is {cell}; it is from 0 to {most:g}. More than that is a bonus.")
    if not math.isfinite(value) or kind == BONUS and value == 0:
        raise TableError(f"{where}: {kind} is {cell}; it is a number other than 0.")
    return value


class Adjustments:
    """The adjustments of one student for one topic, as they are applied one after the other.

    Raises:
        TableError: two rows say different things of the same exercise.
    """

    def __init__(self, topic: Topic, rows: Sequence[Adjustment]):
        self.topic = topic
        self._bonus = [row for row in rows if row.kind == BONUS]
        self._set: dict[str | None, Adjustment] = {}
        for row in rows:
            if row.kind == BONUS:
                continue
            earlier = self._set.setdefault(row.exercise, row)
            if (earlier.kind, earlier.value) != (row.kind, row.value):
                raise TableError(
                    f"{row.where}: {earlier.where.rpartition(', ')[2]} already sets or excuses "
                    f"{row.exercise or 'the topic'} in {topic.number} for {row.student!r}."
                )

    def __bool__(self) -> bool:
        return bool(self._set or self._bonus)

    @property
    def final(self) -> bool:
        """Whether the points of the whole topic are set: late days take nothing off them."""
        return None in self._set

    @property
    def excused(self) -> bool:
        """Whether the whole topic is excused, as such or exercise by exercise."""
        names = [exercise.name for exercise in self.topic.exercises]
        whole = self._set.get(None)
        if whole is not None:
            return whole.kind == EXCUSED
        return bool(names) and all(name in self._set and self._set[name].kind == EXCUSED for name in names)

    @property
    def notes(self) -> list[str]:
        """What each row does and why."""
        return [row.note for row in (*self._set.values(), *self._bonus)]

    def to_exercises(self, rows: list[Earned]) -> list[Earned]:
        """The rows with the points that are set for single exercises.

        An excused exercise is left out, and the others weigh more, so that the topic can still give all its points.
        """
        changed = []
        for name, points, most, outcome in rows:
            row = self._set.get(name)
            if row is None:
                changed.append((name, points, most, outcome))
            elif row.kind == POINTS:
                changed.append((name, row.value, most, "set"))
        left = sum(most for _, _, most, _ in changed)
        scale = self.topic.points / left if left and len(changed) < len(rows) else 1.0
        return [(name, points * scale, most * scale, outcome) for name, points, most, outcome in changed]

    def to_topic(self, points: float) -> float:
        """The points of the topic, after late days: what is set for the whole of it, and what is added; never below 0."""
        whole = self._set.get(None)
        if whole is not None:
            points = whole.value
        return max(0.0, round_points(points + sum(row.value for row in self._bonus)))
