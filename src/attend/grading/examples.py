"""Grade the examples that a student wrote: each is tried on the reference, on right answers and on known mistakes.

Every call runs in a confined worker, also on the course's own code: the arguments are the student's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attend.course.bank import BankAnswer
from attend.course.syllabus import Exercise, Topic
from attend.gradebook.grade import ExamplesGrade
from attend.sandbox.backend import RemoteBackend
from attend.student import Student, StudentRaised
from attend.testing.examples import Example, agrees, is_of, read_examples
from attend.testing.plain_values import plain, raised, size_of
from attend.testing.small_calls import SmallCalls
from attend.testing.small_table import MOST_SHOWN

# examples of one exercise that are tried, and processor time of all calls on one piece of code
MOST_TRIED, SECONDS = 20, 2.0

# the answer where there is none: no example agrees with it
NONE = raised("")

MakeWorker = Callable[[str, float], RemoteBackend]


@dataclass
class _Code:
    """The course's own code of an exercise in one of its shapes, in a worker that is opened when it is first asked."""

    text: str
    make: MakeWorker
    backend: RemoteBackend | None = None

    def answer(self, calls: SmallCalls, call: str) -> Any:
        """The plain answer; NONE where there is none, or it is larger than any that an example can hold."""
        if self.backend is None:
            self.backend = self.make(self.text, SECONDS)
        try:
            value = calls.run(call, Student(self.backend))
            return plain(value) if size_of(value) <= MOST_SHOWN else NONE
        except StudentRaised as error:
            return raised(error.type_name)
        except Exception:
            return NONE

    def close(self) -> None:
        if self.backend is not None:
            self.backend.close()


class ExamplesGrader:
    """A topic's own code, on which examples are tried."""

    def __init__(
        self,
        topic: Topic,
        solution: str,
        right: list[BankAnswer],
        wrong: list[BankAnswer],
        calls: SmallCalls,
        make: MakeWorker,
    ):
        """Args:
        right, wrong: the answers of the two banks.
        """
        self._topic, self._solution = topic, solution
        self._right, self._wrong = right, wrong
        self._calls, self._make = calls, make

    def grade(self, text: str) -> ExamplesGrade:
        """How many examples hold, and how many of the known mistakes they show."""
        examples = [example for example in read_examples(text) if not example.problem]
        found = ExamplesGrade()
        for exercise in self._topic.exercises:
            mine = [example for example in examples if is_of(example, exercise, self._topic)][:MOST_TRIED]
            found.mistakes += sum(answer.exercise == exercise.name for answer in self._wrong)
            if mine:
                self._add(found, exercise, mine)
        return found

    def _add(self, found: ExamplesGrade, exercise: Exercise, examples: list[Example]) -> None:
        rights = [self._code(None), *map(self._code, self._of(self._right, exercise))]
        wrongs = [self._code(answer) for answer in self._of(self._wrong, exercise)]
        try:
            holding = [example for example in examples if all(self._holds(example, code) for code in rights)]
            found.right += len(holding)
            found.wrong += len(examples) - len(holding)
            found.caught += sum(any(not self._holds(each, code) for each in holding) for code in wrongs)
        finally:
            for code in (*rights, *wrongs):
                code.close()

    def _of(self, answers: list[BankAnswer], exercise: Exercise) -> list[BankAnswer]:
        return [answer for answer in answers if answer.exercise == exercise.name]

    def _code(self, answer: BankAnswer | None) -> _Code:
        text = answer.spliced(self._solution, self._topic) if answer else self._solution
        return _Code(text, self._make)

    def _holds(self, example: Example, code: _Code) -> bool:
        return agrees(example.expected, code.answer(self._calls, example.call))
