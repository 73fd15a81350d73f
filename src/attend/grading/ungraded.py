"""The grades of what was not graded: a row for every exercise, none with points."""

from attend.course.syllabus import Course
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.submissions.submission import Submission

DIED = "process ended again and again"


def refused(course: Course, submission: Submission) -> Grade:
    """What could not be taken."""
    return _without_points(course, submission, "refused", submission.refusal)


def given_up(course: Course, submission: Submission, what: str) -> Grade:
    """What nobody could grade: what went wrong was ours, and only a person can tell why."""
    problem = f"the grader's own {what} while it graded this file; an instructor has to look"
    return _without_points(course, submission, "crash", problem)


def _without_points(course: Course, submission: Submission, outcome: str, problem: str) -> Grade:
    topic = course.by_slug[submission.topic]
    rows = [ExerciseGrade(exercise.name, 0.0, exercise.points, outcome) for exercise in topic.exercises]
    return Grade(
        submission.student,
        topic.slug,
        course.version,
        course.seed,
        submission.digest,
        "none",
        rows,
        problem=problem,
        notes=list(submission.notes),
        filename=submission.filename,
    )
