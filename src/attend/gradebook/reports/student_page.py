"""One page a student for all topics, whole in one file: what is given back on a platform or by mail."""

from attend.course.syllabus import Course
from attend.gradebook.counted import StudentTotal
from attend.gradebook.reports.feedback import environment, exercise_views, owner_mark
from attend.gradebook.reports.plain_text import exercise_text
from attend.gradebook.store import Gradebook


def student_page(course: Course, gradebook: Gradebook, total: StudentTotal) -> str:
    """The page as HTML: the points that count, then the feedback on each topic that was handed in."""
    pages = []
    for counted in total.topics:
        if not counted.missing:
            grade = gradebook.grade(total.student, counted.topic.slug, counted.digest)
            views = exercise_views(counted.topic, grade, course.site_url)
            pages.append((counted.topic, grade, views, counted.sentence))
    shown = {topic.slug for topic, *_ in pages}
    values = {
        "course": course,
        "total": total,
        "pages": pages,
        "shown": shown,
        "owner": owner_mark(total.student),
    }
    return environment().get_template("student.html").render(values)


def student_text(course: Course, gradebook: Gradebook, total: StudentTotal) -> str:
    """The same as lines of text, for files that are shown as they are."""
    lines = [f"{course.name} {course.version}: {total.points:g} of {total.max_points:g} points"]
    lines += [total.slip_days_sentence] if total.slip_days else []
    for counted in total.topics:
        reasons = f" ({'; '.join(counted.notes)})" if counted.notes else ""
        points = (
            "excused" if counted.excused else f"{counted.counted:g} of {counted.topic.points:g} points count"
        )
        lines += ["", f"{counted.topic.number} {counted.topic.title}: {points}{reasons}"]
        if counted.missing:
            continue
        grade = gradebook.grade(total.student, counted.topic.slug, counted.digest)
        lines += [text for text in (grade.problem, *grade.notes) if text]
        for row, view in zip(
            grade.exercises, exercise_views(counted.topic, grade, course.site_url), strict=True
        ):
            lines += ["", f"{view.exercise.label} {row.exercise}", exercise_text(row)]
            if row.outcome not in ("full", "carried"):
                lines.append(f"Read on: {view.link or view.read_on}")
    return "\n".join(lines) + "\n"
