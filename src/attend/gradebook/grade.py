"""A grade as plain data, and how it is read from and written to JSON."""

from dataclasses import dataclass, field

import msgspec

# how an exercise went: the word of grades.csv, and what people read
VERDICTS = {
    "full": "right",
    "carried": "right, given your earlier answers",
    "partial": "partly right",
    "wrong": "not right yet",
    "error": "raised an error",
    "timeout": "did not finish in time",
    "crash": "ended its process",
    "missing": "not done yet",
    "refused": "could not be read",
}
OUTCOMES = tuple(VERDICTS)


@dataclass
class TestGrade:
    """One hidden test: `outcome` is `passed` or the category of its failure."""

    # pytest collects no tests from it, though its name begins with Test
    __test__ = False

    name: str
    sentence: str
    outcome: str
    message: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


@dataclass
class ExerciseGrade:
    exercise: str
    points: float
    max_points: float
    outcome: str
    diagnosis: str = ""
    sentence: str = ""
    notes: list[str] = field(default_factory=list)
    tests: list[TestGrade] = field(default_factory=list)


@dataclass
class Grade:
    """One submission's grade, with all that is needed to give it again.

    problem: why nothing could be graded. notes: how the file was chosen, and what of it was left out.
    """

    student: str
    topic: str
    course_version: str
    seed: int
    digest: str
    isolation: str
    exercises: list[ExerciseGrade]
    seconds: float = 0.0
    problem: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_points(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Grade":
        return msgspec.json.decode(text, type=cls)


def round_points(points: float) -> float:
    """Points to two decimals: thirds of a point add up to what a person expects to read."""
    return round(points + 1e-9, 2)
