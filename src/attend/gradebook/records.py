"""What the gradebook keeps beside grades: when something was handed in, and when it was graded."""

from dataclasses import dataclass
from datetime import datetime

from attend.gradebook.grade import Grade


@dataclass(frozen=True)
class SubmissionTime:
    """When something was handed in, if the platform gives the time; `entry` is the name in the class or download."""

    submitted: datetime | None = None
    late: bool = False
    reference: str = ""
    entry: str = ""


@dataclass(frozen=True)
class Attempt:
    """A grade that was given once, and when its text was handed in.

    graded: when it was given; empty where gradebooks did not keep the time yet.
    """

    grade: Grade
    grader: str
    graded: str
    time: SubmissionTime = SubmissionTime()
