"""The small calls of a topic with the right answers, and the smallest one on which some code answers otherwise.

`tests/public/small/SLUG.json` is built from `autograder/small/SLUG.toml` by `attend fingerprints`; this module reads it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attend.student import Student, StudentError, StudentMissing, StudentRaised
from attend.student.errors import StudentTimeout
from attend.testing.plain_values import close_enough, has_text, is_raised, plain, shown, size_of
from attend.testing.small_calls import NoPlaceError, SmallCalls
from attend.testing.small_language import SmallCallError, form_of
from attend.testing.small_signatures import Signatures

MOST_NUMBERS = 6
# numbers of an answer that are shown; the right answers have fewer
MOST_SHOWN = 100
NO_VALUE = "is no array, tensor, number or list"


@dataclass(frozen=True)
class SmallRow:
    """A small call, what it is about, and the right answer.

    caught: the places in the bank, among the exercise's mistakes, of those that answer otherwise.
    """

    text: str
    about: str
    answer: Any
    caught: tuple[int, ...]


@dataclass(frozen=True)
class Counterexample:
    """A call whose right answer is another than the one that came.

    expected, actual: with a verb: "be [0, 1]" or "raise ValueError", "is [1, 0]" or "raises TypeError".
    """

    call: str
    expected: str
    actual: str

    @property
    def sentence(self) -> str:
        """`softmax([0, 1]) must be [0.2689, 0.7311]; yours is [0, 1]`."""
        return f"{self.call} must {self.expected}; yours {self.actual}"


@dataclass(frozen=True)
class SmallTable:
    """A topic's small calls by exercise, the smallest first, and how many known mistakes each exercise has.

    made_from: a digest of the files that the table was made from.
    """

    library: str = "numpy"
    signatures: Signatures = field(default_factory=dict)
    mistakes: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[SmallRow]] = field(default_factory=dict)
    made_from: str = ""

    @classmethod
    def read(cls, path: Path) -> "SmallTable":
        """The table at `path`; an empty one where there is no such file.

        Raises:
            ValueError, KeyError, TypeError: the file is not such a table.
        """
        if not path.exists():
            return cls()
        data = json.loads(path.read_text(encoding="utf-8"))
        kinds = {name: [(each, kind) for each, kind in pairs] for name, pairs in data["signatures"].items()}
        rows = {
            name: [SmallRow(text, about, answer, tuple(caught)) for text, about, answer, caught in found]
            for name, found in data["rows"].items()
        }
        return cls(data["library"], kinds, data["mistakes"], rows, data.get("made_from", ""))

    def to_json(self) -> str:
        """The table as JSON, a line for each call."""
        rows = {
            name: [[row.text, row.about, row.answer, list(row.caught)] for row in found]
            for name, found in self.rows.items()
        }
        head: dict[str, Any] = {"made_from": self.made_from, "library": self.library}
        head |= {"signatures": self.signatures, "mistakes": self.mistakes}
        lines = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
        parts = [
            f'"{name}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in found) + "\n]"
            for name, found in rows.items()
        ]
        return "{\n" + ",\n".join(lines) + ',\n"rows": {\n' + ",\n".join(parts) + "\n}}\n"

    @property
    def calls(self) -> SmallCalls:
        """What carries out this topic's calls."""
        return SmallCalls(self.signatures, self.library)

    def forms(self, exercise: str) -> list[str]:
        """A call of an exercise in each form that its calls have, the plainest first."""
        found = {form_of(row.text): row.text for row in self.rows.get(exercise, ())}
        return [found[form] for form in sorted(found)]

    def counterexample(
        self, exercise: str, fresh: Callable[[], Student], with_text: bool = True
    ) -> Counterexample | None:
        """The smallest call of an exercise on which the code answers otherwise; None where all answers are right.

        What was found is looked at once more on code that has answered nothing before, and is passed on only if it is
        the same.

        Args:
            fresh: loads the code anew.
            with_text: whether texts that the code returned may be shown.

        Raises:
            StudentTimeout: the code's time is used up.
        """
        student = fresh()
        for row in self.rows.get(exercise, ()):
            found = self._tried(row, student, with_text)
            if found is not None:
                return found if self._tried(row, fresh(), with_text) == found else None
        return None

    def _tried(self, row: SmallRow, student: Student, with_text: bool) -> Counterexample | None:
        try:
            value = self.calls.run(row.text, student)
        except StudentTimeout:
            raise
        except (NotImplementedError, StudentMissing, SmallCallError):
            return None
        except Exception as error:
            right = is_raised(error, row.answer)
            return None if right else Counterexample(row.text, _must(row.answer), _problem(error))
        try:
            actual = _difference(value, row.answer, with_text)
        # numbers that Python cannot compare or write: whole numbers of thousands of digits
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            actual = NO_VALUE if _must(row.answer).startswith("be") else "raises nothing"
        return Counterexample(row.text, _must(row.answer), actual) if actual else None


def _must(answer: Any) -> str:
    """What a call must do: `be [0, 1]`, `raise ValueError`."""
    verb = "raise" if isinstance(answer, dict) and "raises" in answer else "be"
    return f"{verb} {shown(answer)}"


def _difference(value: Any, right: Any, with_text: bool) -> str:
    """What the value is, where it is another than the right one; empty where it is the same.

    Raises:
        SmallCallError: it is an object.
        ArithmeticError, ValueError, TypeError: it cannot be compared or written.
    """
    if size_of(value) > MOST_SHOWN:
        return "has far more numbers"
    answer = plain(value)
    if close_enough(answer, right):
        return ""
    if has_text(answer) and not with_text:
        return "is another text"
    return f"is {shown(answer)}{_usual(answer, right)}"


def _problem(error: Exception) -> str:
    """What happened in the place of an answer."""
    kind = error.type_name if isinstance(error, StudentRaised) else type(error).__name__
    if isinstance(error, NoPlaceError):
        return "has no such place"
    if isinstance(error, StudentError) and not isinstance(error, StudentRaised):
        return NO_VALUE if error.kind == "type" else "does not come"
    return f"raises {kind or 'an exception'}"


def _usual(answer: Any, right: Any) -> str:
    """The dtype of an answer that is the usual one, where the right answer has another."""
    has_dtype = isinstance(right, dict) and "dtype" in right and isinstance(answer, list | float)
    return " in float64" if has_dtype else ""
