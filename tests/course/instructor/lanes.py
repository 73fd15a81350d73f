"""Lanes for tests of what happens when one dies. The processes of a batch import this by name."""

import os
from pathlib import Path

from attend.course.syllabus import Course, load_course
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.submissions import Entry
from attend.submissions.submission import read_submission

course: Course | None = None


def open_lane(root: Path, level: str, numbers) -> None:
    global course
    course = load_course(root)


def grade_or_die(entry: Entry) -> Grade:
    """Full points to everybody; the student called poison ends the process, always, and once only, the first time."""
    if entry.student == "poison":
        os._exit(9)
    if entry.student == "once":
        mark = entry.path.with_suffix(".died")
        if not mark.exists():
            mark.touch()
            os._exit(9)
    topic = course.by_slug[entry.topic]
    digest = read_submission(entry.path, topic, entry.student).digest
    rows = [ExerciseGrade(each.name, each.points, each.points, "full") for each in topic.exercises]
    return Grade(entry.student, topic.slug, course.version, course.seed, digest, "namespaces", rows)
