"""One page a student for all topics, whole in one file: what is given back on a platform or by mail."""

from datetime import datetime

from attend.course.syllabus import Course
from attend.gradebook.counted import StudentTotal
from attend.gradebook.folders import owner_mark
from attend.gradebook.reports.feedback import environment, exercise_views
from attend.gradebook.reports.plain_text import exercise_text
from attend.gradebook.store import Gradebook
from attend.gradebook.waiting import Waiting, waiting


def student_page(
    course: Course, gradebook: Gradebook, total: StudentTotal, now: datetime | None = None
) -> str:
    """The page as HTML: the points that count, then the feedback on each topic that was handed in.

    Where results of a topic wait at the moment `now`, no sum is shown, and no reason for points.
    """
    pages, waits = [], _waits(course, gradebook, total, now)
    for counted in total.topics:
        if not counted.missing:
            grade = gradebook.grade(total.student, counted.topic.slug, counted.digest)
            wait = waits.get(counted.topic.slug)
            views = exercise_views(counted.topic, grade, course.site_url, wait)
            pages.append((counted.topic, grade, views, "" if waits else counted.sentence, wait))
    shown = {topic.slug for topic, *_ in pages}
    values = {
        "course": course,
        "total": total,
        "pages": pages,
        "shown": shown,
        "waits": waits,
        "owner": owner_mark(total.student),
    }
    return environment().get_template("student.html").render(values)


def _waits(
    course: Course, gradebook: Gradebook, total: StudentTotal, now: datetime | None
) -> dict[str, Waiting]:
    """The topics whose results wait, by slug."""
    found = {
        counted.topic.slug: waiting(course, gradebook, total.student, counted, now)
        for counted in total.topics
        if not counted.missing
    }
    return {slug: wait for slug, wait in found.items() if wait}


def student_text(
    course: Course, gradebook: Gradebook, total: StudentTotal, now: datetime | None = None
) -> str:
    """The same as lines of text, for files that are shown as they are."""
    waits = _waits(course, gradebook, total, now)
    sums = "" if waits else f": {total.points:g} of {total.max_points:g} points"
    lines = [f"{course.name} {course.version}{sums}"]
    lines += [total.slip_days_sentence] if total.slip_days else []
    for counted in total.topics:
        wait = waits.get(counted.topic.slug)
        reasons = f" ({'; '.join(counted.notes)})" if counted.notes and not waits else ""
        points = f"{counted.counted:g} of {counted.topic.points:g} points count{reasons}"
        if counted.excused:
            points = "does not count" if waits else "; ".join(counted.notes)
        elif wait:
            points = wait.why
        lines += ["", f"{counted.topic.number} {counted.topic.title}: {points}"]
        if counted.missing:
            continue
        grade = gradebook.grade(total.student, counted.topic.slug, counted.digest)
        lines += [text for text in (grade.problem, *grade.notes) if text]
        for view in exercise_views(counted.topic, grade, course.site_url, wait):
            row = view.row
            text = row.sentence if wait else exercise_text(row)
            lines += ["", f"{view.exercise.label} {row.exercise}", text]
            if row.outcome not in ("full", "carried"):
                lines.append(f"Read on: {view.link or view.read_on}")
    return "\n".join(lines) + "\n"
