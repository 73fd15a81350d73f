"""Fill the points into a table that a platform gave: everything else in it stays as the platform wrote it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.course.tables import join_key, short_number
from attend.gradebook.counted import Counted, StudentTotal
from attend.gradebook.grade import round_points
from attend.gradebook.policy import totals
from attend.gradebook.store import Gradebook
from attend.submissions.names import words_of
from attend.submissions.roster import Roster, RosterEntry, read_roster
from attend.submissions.roster_match import match

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# what Gradescope appends to the title of an assignment for its further columns
_FURTHER = re.compile(r" - (?:max points|submission time|lateness)", re.IGNORECASE)


class FillError(AttendError):
    """The table has no column for a topic that is graded."""


@dataclass
class Filled:
    """How many cells were filled in which columns, how many of known students were kept, and what was not filled and why."""

    columns: dict[str, str] = field(default_factory=dict)
    cells: int = 0
    kept: int = 0
    notes: list[str] = field(default_factory=list)


def fill(
    course: Course, gradebook: Gradebook, path: Path, out: Path, columns: dict[str, str] | None = None
) -> Filled:
    """Write the table `path` with the points that count to `out`.

    Who did not hand in keeps the cell as it is. An excused topic is EX for Canvas, and left as it is elsewhere.

    Args:
        columns: the titles of columns, by topic, where they are not called after it. For a worksheet of Moodle, which
            is for one assignment, the topic alone may be named, with the title "".

    Raises:
        TableError: the table cannot be read.
        FillError: no column of it is for a topic that is graded.
    """
    roster = read_roster(path)
    graded = [topic for topic in course.topics if topic.slug in set(gradebook.topics())]
    places = _columns(roster, course, graded, path.name, columns or {})
    by_student = {total.student: total for total in totals(course, gradebook)}
    found = match(roster.entries, {student: total.person for student, total in by_student.items()})
    scales = {topic: _possible(roster, topic, at) for topic, at in places.items()}
    filled = Filled({topic.slug: roster.sheet.cell(0, at) for topic, at in places.items()})
    filled.notes += [*roster.notes, *found.unclear, *_scales(roster, scales)]
    for student, entry in found.by_student.items():
        for topic, at in places.items():
            text = _text(roster, _counted(by_student[student], topic), *scales[topic])
            if text is None:
                filled.kept += 1
            else:
                roster.sheet.put(entry.row, at, text)
                filled.cells += 1
    known = found.by_student.keys() | found.possible
    graded_students = [
        student
        for student, total in by_student.items()
        if not all(_counted(total, topic).blank for topic in places)
    ]
    filled.notes += [
        *_nobodys_rows(roster, found.rest),
        *_without_row(path.name, [student for student in graded_students if student not in known]),
    ]
    roster.sheet.write(out)
    return filled


def _nobodys_rows(roster: Roster, entries: list[RosterEntry]) -> Iterator[str]:
    """A sentence about the rows whose people are not in the gradebook."""
    if entries:
        places = (f"{roster.sheet.where(entry.row).rpartition(', ')[2]} ({entry.label})" for entry in entries)
        yield f"{roster.sheet.name} has rows of people who are not in the gradebook: {', '.join(places)}."


def _without_row(file: str, students: list[str]) -> Iterator[str]:
    """A sentence about the students who have a grade and no row in the file."""
    if students:
        which = (
            f"{len(students)} students who have a grade" if len(students) > 1 else "a student who has a grade"
        )
        yield f"{file} has no row for {which}: {', '.join(students)}."


def _counted(total: StudentTotal, topic: Topic) -> Counted:
    return next(counted for counted in total.topics if counted.topic == topic)


def _columns(
    roster: Roster, course: Course, graded: list[Topic], file: str, named: dict[str, str]
) -> dict[Topic, int]:
    """The column of each topic: the one that is named, or that is called after it; of a worksheet, its grades."""
    head = roster.sheet.texts(0)
    found: dict[Topic, list[int]] = defaultdict(list)
    wanted = {course.topic(name): title for name, title in named.items()}
    for topic in graded:
        if wanted.get(topic):
            found[topic] = [at for at, title in enumerate(head) if _same_title(title, wanted[topic])]
            if not found[topic]:
                raise FillError(f"{file} has no column {wanted[topic]!r}; it has: {', '.join(head)}.")
        elif not wanted or topic in wanted:
            found[topic] = [at for at, title in enumerate(head) if _is_called_after(title, topic)]
    places = {topic: at for topic, at in found.items() if at}
    if not places and roster.platform == "moodle":
        topics = [topic for topic in graded if topic in wanted] or [
            topic for topic in graded if topic.number in words_of(file.replace("-", " "))
        ]
        topics = topics or (graded if len(graded) == 1 else [])
        places = {topic: [_moodles_grade(roster)] for topic in topics[:1]}
    double = [topic for topic, at in places.items() if len(at) > 1]
    if not places or double:
        number = (double or graded or course.topics)[0].number
        which = f"several columns for {number}" if double else "no column that is called after a graded topic"
        raise FillError(
            f"{file} has {which}; name it with --column {number}=TITLE. It has: {', '.join(head)}."
        )
    return {topic: at[0] for topic, at in places.items()}


def _same_title(title: str, wanted: str) -> bool:
    return join_key(wanted) in (join_key(title), join_key(_without_number(title)))


def _is_called_after(title: str, topic: Topic) -> bool:
    if _FURTHER.search(title):
        return False
    words = re.findall(r"[^\W_]+", title.casefold())
    return topic.number in words or join_key(_without_number(title)) in (
        join_key(topic.title),
        join_key(topic.slug),
    )


def _without_number(title: str) -> str:
    """Canvas puts its number of the assignment behind a title, as in `Attention (4711)`."""
    return re.sub(r"\s*\(\d+\)$", "", title)


def _moodles_grade(roster: Roster) -> int:
    """The column of grades of a worksheet: in every language it is before the one in which all have the same maximum."""
    sheet = roster.sheet
    rows = [entry.row for entry in roster.entries]
    head = [title.casefold() for title in sheet.texts(0)]
    if "grade" in head:
        return head.index("grade")
    for at in range(1, len(head) - 1):
        texts = {sheet.cell(row, at + 1) for row in rows}
        if len(texts) == 1 and NUMBER.fullmatch(next(iter(texts))):
            return at
    raise FillError(
        f"{sheet.name} has no column of grades before one with the maximum; name it with --column."
    )


def _possible(roster: Roster, topic: Topic, at: int) -> tuple[float, bool]:
    """The points possible on the platform, and whether it writes numbers with a comma."""
    sheet = roster.sheet
    texts = [sheet.cell(row, at) for row in range(1, len(sheet.rows))]
    most = ""
    if roster.platform == "moodle" and roster.entries:
        most = sheet.cell(roster.entries[0].row, at + 1)
    for row in range(1, min(4, len(sheet.rows))):
        if roster.platform == "canvas" and sheet.cell(row, 0).casefold() == "points possible":
            most = sheet.cell(row, at)
    if roster.platform == "gradescope":
        further = [
            column
            for column, title in enumerate(sheet.texts(0))
            if title == f"{sheet.cell(0, at)} - Max Points"
        ]
        most = next((sheet.cell(entry.row, further[0]) for entry in roster.entries), "") if further else ""
    comma = any(re.fullmatch(r"\d+,\d+", text) for text in [*texts, most])
    value = float(most.replace(",", ".")) if NUMBER.fullmatch(most) else topic.points
    return value or topic.points, comma


def _scales(roster: Roster, scales: dict[Topic, tuple[float, bool]]) -> Iterator[str]:
    for topic, (possible, _) in scales.items():
        if possible != topic.points:
            yield (
                f"{topic.number} gives {short_number(topic.points)} points here and {short_number(possible)} in "
                f"{roster.sheet.name}; the points were scaled."
            )


def _text(roster: Roster, counted: Counted, possible: float, comma: bool) -> str | None:
    """What is written into the cell; None where it stays as it is."""
    if counted.excused:
        return "EX" if roster.platform == "canvas" else None
    if counted.blank:
        return None
    text = short_number(round_points(counted.counted * possible / counted.topic.points))
    return text.replace(".", ",") if comma else text
