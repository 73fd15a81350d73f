"""Write what people read of a gradebook: feedback pages, the table of grades, the class on one page."""

import hashlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from attend.course import bank
from attend.course.syllabus import Course
from attend.course.tables import write_csv
from attend.gradebook.policy import totals
from attend.gradebook.reports.class_report import write_report
from attend.gradebook.reports.feedback import page_folder, write_feedback
from attend.gradebook.store import COLUMNS, Gradebook
from attend.gradebook.waiting import waiting

AT_ONCE = 500  # pages between two notes of what is written


def write_results(
    course: Course,
    gradebook: Gradebook,
    out: Path,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """`grades.csv`, `report.html` and the feedback pages that are not there yet or show an older grade."""
    write_csv(out / "grades.csv", COLUMNS, gradebook.rows())
    write_pages(course, gradebook, out / "feedback", only_new=True, report=report)
    write_report(course, gradebook, out / "report.html")


def write_pages(
    course: Course,
    gradebook: Gradebook,
    out: Path,
    only_new: bool = False,
    students: set[str] | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write the feedback pages of `students` (all of them when left out) below `out`; how many were written.

    With `only_new`, `out` is the gradebook's own folder, and pages that are up to date stay as they are.
    """
    shown = gradebook.pages() if only_new else {}
    total, seen, written, fresh = gradebook.count(), 0, 0, []
    ways = cache(partial(bank.ways, course))
    for student in totals(course, gradebook):
        if students is not None and student.student not in students:
            continue
        for counted in student.topics:
            if counted.missing:
                continue
            seen += 1
            grade = gradebook.grade(student.student, counted.topic.slug, counted.digest)
            counts, wait = counted.sentence, waiting(course, gradebook, student.student, counted)
            other = ways(counted.topic)
            said = f"{grade.to_json()}{counts}{course.site_url}{wait or ''}{other}"
            digest = hashlib.sha256(said.encode()).hexdigest()[:16]
            key = (grade.student, grade.topic)
            page = page_folder(out, grade.student, counted.topic) / f"{grade.topic}.html"
            if shown.get(key) != digest or not page.exists():
                write_feedback(grade, counted.topic, out, counts, course.site_url, wait, other)
                fresh.append((*key, digest))
                written += 1
            if only_new and len(fresh) >= AT_ONCE:
                gradebook.note_pages(fresh)
                fresh = []
            report(seen, total)
    if only_new:
        gradebook.note_pages(fresh)
    return written
