"""Write a gradebook in the form that a platform imports. What is written are the points that count (see policy)."""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.course.tables import join_key, write_csv
from attend.gradebook.counted import Counted, StudentTotal
from attend.gradebook.grade import VERDICTS, round_points
from attend.gradebook.policy import totals
from attend.gradebook.store import Gradebook

Row = tuple[str | float, ...]
Rows = Iterator[Row]


class ExportError(AttendError):
    """There is nothing to export."""


def export(
    course: Course, gradebook: Gradebook, form: str, out: Path, sections: Collection[str] = ()
) -> list[Path]:
    """Write the gradebook in one of FORMATS to the file or folder `out`; the paths written.

    Args:
        sections: only the students of these sections of the roster.

    Raises:
        ExportError: nothing is graded yet, or nobody is in the sections.
    """
    students = list(totals(course, gradebook))
    topics = [counted.topic for counted in students[0].topics] if students else []
    if sections:
        known = sorted({total.section for total in students if total.section})
        students = [total for total in students if in_sections(total.section, sections)]
        if topics and not students:
            raise ExportError(
                f"nobody is in {', '.join(sections)}; the sections are: {', '.join(known) or 'not known'}."
            )
    if not topics:
        raise ExportError(f"{gradebook.path} holds no grade of this course's topics; grade a class first.")
    return FORMATS[form](gradebook, students, topics, out)


# by what a platform finds a person
IDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "canvas": ("Canvas", ("canvas_id", "sid", "email")),
    "moodle": ("Moodle", ("moodle_id", "email")),
    "gradescope": ("Gradescope", ("email", "sid")),
}


def people_not_found(gradebook: Gradebook, form: str) -> str:
    """A sentence about the students whom the platform will not find in an export; "" where it finds everybody."""
    if form not in IDS:
        return ""
    platform, names = IDS[form]
    people = gradebook.people()
    lost = [student for student, person in people.items() if not any(getattr(person, name) for name in names)]
    if not lost:
        return ""
    shown = ", ".join(lost[:5]) + (", …" if len(lost) > 5 else "")
    return f"{platform} will not find {len(lost)} of {len(people)} students, of whom no number or address is known: {shown}."


def write_plain(
    gradebook: Gradebook, students: list[StudentTotal], topics: list[Topic], out: Path
) -> list[Path]:
    """A row a student: who they are, each topic, the total, and why points differ from the raw ones."""
    who = ("student", "name", "email", "sid", "section")
    sums = ("points", "max_points", "percent", "notes")
    columns = (*who, *(topic.slug for topic in topics), *sums)

    def rows() -> Rows:
        for total in students:
            who = total.person
            percent = 100 * total.points / total.max_points if total.max_points else 0.0
            yield (
                total.student, who.name, who.email, who.sid, total.section, *(_cell(counted) for counted in total.topics),
                total.points, float(total.max_points), round_points(percent), "; ".join(total.notes),
            )  # fmt: skip

    write_csv(out, columns, rows())
    return [out]


def in_sections(section: str, wanted: Collection[str]) -> bool:
    """Whether somebody of `section` is in one of the sections `wanted`; Canvas writes several as `A and B`."""
    parts = {join_key(part) for part in re.split(r"\s+and\s+|\s*[,;]\s*", section)} | {join_key(section)}
    return any(join_key(each) in parts for each in wanted)


def _cell(counted: Counted, excused: str = "excused") -> str | float:
    """What a topic counts; the word `excused` where it is."""
    return excused if counted.excused else counted.counted


def write_canvas(
    gradebook: Gradebook, students: list[StudentTotal], topics: list[Topic], out: Path
) -> list[Path]:
    """What Canvas imports: its columns for a person, then one an assignment, and a row with the points possible.

    Canvas finds a person by ID, SIS User ID or SIS Login ID. Who did not hand in keeps an empty cell; EX is excused.
    """
    who = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    columns = (*who, *(f"{topic.number} {topic.title}" for topic in topics))

    def rows() -> Rows:
        yield ("    Points Possible", "", "", "", "", *(float(topic.points) for topic in topics))
        for total in students:
            who = total.person
            points = ("" if counted.blank else _cell(counted, "EX") for counted in total.topics)
            yield (who.name or total.student, who.canvas_id, who.sid, who.email, total.section, *points)

    write_csv(out, columns, rows())
    return [out]


def write_moodle(
    gradebook: Gradebook, students: list[StudentTotal], topics: list[Topic], out: Path
) -> list[Path]:
    """A grading worksheet a topic, for `Upload grading worksheet` of its assignment in Moodle.

    Moodle's worksheets know no excused assignment: who is excused has no row.
    """
    columns = (
        "Identifier",
        "Full name",
        "Email address",
        "Maximum grade",
        "Grade",
        "Last modified (grade)",
        "Feedback comments",
    )
    paths = []
    for index, topic in enumerate(topics):
        rows = (
            _moodle_row(gradebook, total, index)
            for total in students
            if not (total.topics[index].blank or total.topics[index].excused)
        )
        path = out.parent / f"{out.stem or 'export'}-{topic.slug}.csv"
        write_csv(path, columns, rows)
        paths.append(path)
    return paths


def _moodle_row(gradebook: Gradebook, total: StudentTotal, index: int) -> Row:
    counted, who = total.topics[index], total.person
    identifier = f"Participant {who.moodle_id}" if who.moodle_id else ""
    words = []
    if not counted.missing:
        grade = gradebook.grade(total.student, counted.topic.slug, counted.digest)
        words = [f"{row.exercise}: {VERDICTS[row.outcome]}" for row in grade.exercises]
    feedback = "; ".join([*counted.notes, *words])
    return (
        identifier, who.name or total.student, who.email, float(counted.topic.points), counted.counted, "", feedback,
    )  # fmt: skip


def write_gradescope(
    gradebook: Gradebook, students: list[StudentTotal], topics: list[Topic], out: Path
) -> list[Path]:
    """The columns of Gradescope's own course grades, four a topic, to compare with what it shows."""
    hand_ins = gradebook.hand_ins()
    columns = ["First Name", "Last Name", "SID", "Email"]
    for topic in topics:
        name = f"{topic.number} {topic.title}"
        columns += [name, f"{name} - Max Points", f"{name} - Submission Time", f"{name} - Lateness (H:M:S)"]

    def rows() -> Rows:
        for total in students:
            first, _, last = (total.person.name or total.student).partition(" ")
            row: list[str | float] = [first, last, total.person.sid, total.person.email]
            for counted in total.topics:
                hand_in = hand_ins.get((total.student, counted.topic.slug))
                moment = hand_in.submitted if hand_in else None
                row += ["" if counted.blank else _cell(counted, ""), float(counted.topic.points)]
                row += [str(moment or ""), _lateness(timedelta(days=counted.days_late)) if moment else ""]
            yield tuple(row)

    write_csv(out, tuple(columns), rows())
    return [out]


def _lateness(span: timedelta) -> str:
    hours, rest = divmod(int(span.total_seconds()), 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


FORMATS: dict[str, Callable[..., list[Path]]] = {
    "csv": write_plain,
    "canvas": write_canvas,
    "moodle": write_moodle,
    "gradescope": write_gradescope,
}
