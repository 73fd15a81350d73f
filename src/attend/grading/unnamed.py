"""What is kept of a wrong answer to which no known mistake fits: how it behaves, and its code."""

import hashlib

from attend.course.source import SpliceError
from attend.course.syllabus import Exercise
from attend.gradebook.grade import Unnamed
from attend.grading.diagnosis import is_replayed
from attend.grading.hidden_tests import Verdict
from attend.submissions.own_code import own_code
from attend.testing.fingerprints import digest

# characters of code that a grade keeps
MAX_CODE = 10_000


def unnamed(verdicts: list[Verdict], text: str, exercise: Exercise, given: str, nearest: str) -> Unnamed:
    """What is kept of the answer to `exercise` in the module `text`, of which the course has given `given`."""
    return Unnamed(_behaviour(verdicts), _code(text, exercise, given), nearest)


def _behaviour(verdicts: list[Verdict]) -> str:
    """A digest of what a submission answered in an exercise's tests, its numbers rounded to five digits.

    Of a test that passed, or whose answers are too large to look at, only the outcome is looked at.
    """
    parts = []
    for verdict in verdicts:
        record = None if verdict.test.passed else verdict.record()
        answered = digest(record.steps) if record is not None and is_replayed(record) else ""
        parts.append(f"{verdict.test.name}:{verdict.test.outcome}:{answered}")
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]


def _code(text: str, exercise: Exercise, given: str) -> str:
    """The student's code of an exercise; empty where it is too long or nested too deep, or is no definition."""
    try:
        code = own_code(text, exercise.target, given)
    except (SpliceError, RecursionError):
        return ""
    return code if len(code) <= MAX_CODE else ""
