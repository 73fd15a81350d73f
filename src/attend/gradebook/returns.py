"""Archives by which feedback goes back to students: in the layout that each platform takes, or a folder a student."""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from attend.course.archives import write_zip
from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.syllabus import Course
from attend.course.tables import table_bytes
from attend.gradebook.counted import StudentTotal
from attend.gradebook.folders import folder_name
from attend.gradebook.policy import totals
from attend.gradebook.records import SubmissionTime
from attend.gradebook.reports.student_page import student_page, student_text
from attend.gradebook.store import Gradebook
from attend.submissions.platform_downloads import CANVAS, MOODLE

PAGE = "feedback.html"


class ReturnError(AttendError):
    """There is no feedback that could be given back."""


@dataclass
class Returned:
    """How many files were written for how many students, and whose pages were left out and why.

    nothing: how many students have no page, because they handed in nothing and have no adjustment.
    """

    students: int = 0
    files: int = 0
    nothing: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Feedback:
    """A student's page, in the form that is asked for, and the hand-ins it is about; none where there is nothing to say."""

    course: Course
    gradebook: Gradebook
    total: StudentTotal
    hand_ins: list[tuple[str, SubmissionTime]]

    @cached_property
    def html(self) -> str:
        """The page itself."""
        return student_page(self.course, self.gradebook, self.total)

    @cached_property
    def text(self) -> str:
        """The page as lines of text."""
        return student_text(self.course, self.gradebook, self.total)


Member = tuple[str, bytes]


def export_feedback(
    course: Course, gradebook: Gradebook, form: str, out: Path, topics: set[str] | None = None
) -> Returned:
    """Write the archive `out` for the platform `form`, one of FORMS, with a page for each student.

    Args:
        topics: only hand-ins for these slugs; an assignment of a platform is for one of them. The page is about all.

    Raises:
        ReturnError: nobody's feedback can be given back so.
    """
    returned = Returned()
    seen: set[str] = set()
    addresses: list[tuple[str, ...]] = []

    def members() -> Iterator[Member]:
        for feedback in _feedbacks(course, gradebook, topics):
            if not feedback.hand_ins:
                returned.nothing += 1
                continue
            found = [member for member in FORMS[form](feedback) if member[0].casefold() not in seen]
            seen.update(name.casefold() for name, _ in found)
            if found:
                returned.students += 1
                returned.files += len(found)
                addresses.append(_address(feedback.total, found[0][0]))
            else:
                returned.notes.append(
                    f"The gradebook knows no file of {feedback.total.student} in a download of {form}; "
                    "this page is not in the archive."
                )
            yield from found
        if form == "mail":
            yield "mail.csv", table_bytes(("student", "name", "email", "file"), addresses)

    with whole_file(out) as part:
        write_zip(part, members())
        if not returned.files:
            raise ReturnError(
                f"{gradebook.path} knows no hand-in from a download of {form}; nothing was written."
            )
    return returned


def _feedbacks(course: Course, gradebook: Gradebook, topics: set[str] | None) -> Iterator[_Feedback]:
    times = gradebook.hand_ins()
    for total in totals(course, gradebook):
        # points that an instructor gave have a reason to read, even where nothing was handed in
        slugs = [counted.topic.slug for counted in total.topics if not counted.blank]
        wanted = [slug for slug in slugs if topics is None or slug in topics]
        hand_ins = [(slug, times.get((total.student, slug), SubmissionTime())) for slug in wanted]
        yield _Feedback(course, gradebook, total, hand_ins)


def _folder(feedback: _Feedback) -> Iterator[Member]:
    """`STUDENT/feedback.html`."""
    yield f"{folder_name(feedback.total.student)}/{PAGE}", feedback.html.encode()


def _moodle(feedback: _Feedback) -> Iterator[Member]:
    """`Ada Eliot_12345_assignsubmission_file_/feedback.html`, for *Upload multiple feedback files in a zip*."""
    person = feedback.total.person
    for _, time in feedback.hand_ins:
        match = MOODLE.fullmatch(time.entry)
        name, number = (match["name"], match["user"]) if match else (person.name, person.moodle_id)
        if name and number:
            yield f"{_flat(name)}_{number}_assignsubmission_file_/{PAGE}", feedback.html.encode()


def _canvas(feedback: _Feedback) -> Iterator[Member]:
    """The names of the downloaded files, for *Re-Upload Submissions*.

    Canvas shows each under the name that the student gave it, so what is in it is of that kind.
    """
    person = feedback.total.person
    for slug, time in feedback.hand_ins:
        match = CANVAS.fullmatch(time.entry)
        name = time.entry if match and match["upload"] else ""
        if not name and person.canvas_id and time.reference:
            plain = re.sub(r"[^a-z0-9]", "", person.name.casefold()) or "student"
            name = f"{plain}_{person.canvas_id}_{time.reference}_{slug}.py"
        if name:
            yield _flat(name), _as_kind(feedback, name)


def _flat(name: str) -> str:
    return re.sub(r"[/\\\0]", "_", name)


def _as_kind(feedback: _Feedback, name: str) -> bytes:
    """The feedback as a zip with the page, a notebook with a cell of text, comments of Python, or the page itself."""
    kind = Path(name).suffix.casefold()
    if kind == ".zip":
        packed = io.BytesIO()
        write_zip(packed, [(PAGE, feedback.html.encode())])
        return packed.getvalue()
    if kind == ".ipynb":
        lines = [f"    {line}" for line in feedback.text.splitlines(keepends=True)]
        cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": lines}
        return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    if kind == ".py":
        return "".join(f"# {line}".rstrip() + "\n" for line in feedback.text.splitlines()).encode()
    return feedback.html.encode()


def _address(total: StudentTotal, page: str) -> tuple[str, ...]:
    """A row of the table for a mail merge: student, name, email, and the page's path in the archive."""
    return total.student, total.person.name, total.person.email, page


FORMS: dict[str, Callable[[_Feedback], Iterator[Member]]] = {
    "moodle": _moodle,
    "canvas": _canvas,
    "gradescope": _folder,
    "mail": _folder,
}
