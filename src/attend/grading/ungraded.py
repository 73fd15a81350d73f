"""The grades of what was not graded: a row for every exercise, none with points."""

from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.submissions import Entry
from attend.submissions.submission import file_digest, read_submission

# a submission during which so many lanes died, it being alone in them, is given up with a row of its own
MAX_DEATHS = 3
DIED = f"process ended {MAX_DEATHS} times"
# so many given up one after the other: it is not the submissions, it is the machine
MAX_GIVEN_UP = 3


def refused(path: Path, course: Course, topic: Topic, student: str, problem: str) -> Grade:
    """What could not be taken."""
    return _without_points(course, topic, student, file_digest(path), "refused", problem)


def given_up(course: Course, entry: Entry, what: str) -> Grade:
    """What nobody could grade: what went wrong was ours, and only a person can tell why."""
    topic = course.by_slug[entry.topic]
    problem = f"the grader's own {what} while it graded this file; an instructor has to look"
    digest = read_submission(entry.path, topic, entry.student).digest
    return _without_points(course, topic, entry.student, digest, "crash", problem)


def _without_points(
    course: Course, topic: Topic, student: str, digest: str, outcome: str, problem: str
) -> Grade:
    rows = [ExerciseGrade(exercise.name, 0.0, exercise.points, outcome) for exercise in topic.exercises]
    return Grade(student, topic.slug, course.version, course.seed, digest, "none", rows, problem=problem)
