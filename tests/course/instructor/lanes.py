"""Lanes for tests of what happens when one dies. The processes of a batch import this by name."""

import os
from pathlib import Path

from attend.course.syllabus import Course
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.submissions.submission import Submission

MARKS = "ATTEND_TEST_MARKS"  # the folder in which it is marked that a process has died
course: Course | None = None


def open_lane(given: Course, level: str, numbers) -> None:
    global course
    course = given


def grade_or_die(submission: Submission) -> Grade:
    """Full points to everybody; the student called poison ends the process, always, and once only, the first time."""
    if submission.student == "poison":
        os._exit(9)
    if submission.student == "once":
        mark = Path(os.environ[MARKS], "died")
        if not mark.exists():
            mark.touch()
            os._exit(9)
    topic = course.by_slug[submission.topic]
    rows = [ExerciseGrade(each.name, each.points, each.points, "full") for each in topic.exercises]
    about = (course.version, course.seed, submission.digest, "namespaces", rows)
    return Grade(submission.student, topic.slug, *about)
