"""A grade as plain data, and how it is read from and written to JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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
    "ungraded": "not graded: an instructor has to look",
}


@dataclass
class TestGrade:
    """One hidden test: `outcome` is `passed`, `carried` (passed on right ground) or the category of its failure."""

    # pytest collects no tests from it, though its name begins with Test
    __test__ = False

    name: str
    sentence: str
    outcome: str
    message: str = ""
    seconds: float = 0.0
    # whether the mistake that is named makes this test fail
    explained: bool = False

    @property
    def function(self) -> str:
        """The name of the test function that this is a case of."""
        return self.name.partition("[")[0]

    @property
    def passed(self) -> bool:
        """Whether it counts towards the points."""
        return self.outcome in ("passed", "carried")


@dataclass
class Unnamed:
    """A wrong answer to which no known mistake fits.

    behaviour: a digest of what it answered in the hidden tests; the same for all answers that behave alike.
    code: the student's code without comments, with its own helpers; empty where it is too long.
    nearest: the known mistake that fits most of the failing tests; empty where none fits any.
    """

    behaviour: str
    code: str = ""
    nearest: str = ""


@dataclass
class ExerciseGrade:
    """The grade of one exercise.

    diagnosis, sentence: the known mistake that was recognised, and what its student reads.
    smallest: the smallest call on which the answer is wrong, as a sentence.
    """

    exercise: str
    points: float
    max_points: float
    outcome: str
    diagnosis: str = ""
    sentence: str = ""
    notes: list[str] = field(default_factory=list)
    tests: list[TestGrade] = field(default_factory=list)
    unnamed: Unnamed | None = None
    smallest: str = ""


@dataclass
class ExamplesGrade:
    """How a student's own examples of a topic did.

    right, wrong: how many hold on all right answers, and how many do not.
    caught: how many of the topic's known `mistakes` the right ones show.
    """

    right: int = 0
    wrong: int = 0
    caught: int = 0
    mistakes: int = 0

    @property
    def share(self) -> float:
        """The share of the points for examples, from 0 to 1: the mistakes that are shown, less for wrong examples."""
        if not (self.right and self.mistakes):
            return 0.0
        return self.caught / self.mistakes * self.right / (self.right + self.wrong)

    @property
    def sentence(self) -> str:
        """What is said to the student."""
        return (
            f"{self.right} of your {self.right + self.wrong} examples are right, and they catch {self.caught} of "
            f"{self.mistakes} known mistakes"
        )


@dataclass
class Grade:
    """One submission's grade, with all that is needed to give it again.

    problem: why nothing could be graded. notes: how the file was chosen, and what of it was left out.
    filename: where the file lay, as it was handed in. versions: what it was graded with.
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
    filename: str = ""
    examples: ExamplesGrade | None = None
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The points of all exercises together."""
        return round_points(sum(exercise.points for exercise in self.exercises))

    @property
    def max_points(self) -> float:
        """The points that could be had."""
        return round_points(sum(exercise.max_points for exercise in self.exercises))

    def to_json(self) -> str:
        """The grade as JSON, for `from_json`."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Grade":
        """The grade that `to_json` wrote.

        Raises:
            msgspec.DecodeError: the text is no such JSON.
        """
        return msgspec.json.decode(text, type=cls)


def same_result(first: Grade, second: Grade) -> bool:
    """Whether two grades say the same; how long grading took, and with which versions, does not matter."""
    return _what_it_says(first) == _what_it_says(second)


def _what_it_says(grade: Grade) -> Grade:
    rows = [replace(row, tests=[replace(test, seconds=0.0) for test in row.tests]) for row in grade.exercises]
    return replace(grade, exercises=rows, seconds=0.0, versions={})


def round_points(points: float) -> float:
    """Points to two decimals: thirds of a point add up to what a person expects to read."""
    return round(points + 1e-9, 2)


def explained_sentences(row: ExerciseGrade) -> list[str]:
    """What the tests ask for that the named mistake makes fail, each once."""
    sentences = dict.fromkeys(test.sentence.rstrip(".") for test in row.tests if test.explained)
    return list(sentences)


def share_passed(tests: Sequence[TestGrade], carried: bool = True) -> float:
    """The share of an exercise's points that its tests earn, from 0 to 1.

    Every test function weighs the same, and its cases share its weight: many cases make no test heavier.

    Args:
        carried: count the tests that passed on right ground alone.
    """
    functions: dict[str, list[bool]] = {}
    for test in tests:
        passed = test.passed if carried else test.outcome == "passed"
        functions.setdefault(test.function, []).append(passed)
    return sum(sum(cases) / len(cases) for cases in functions.values()) / len(functions)
