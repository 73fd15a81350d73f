"""The small calls of a topic with the right answers, and the smallest one on which some code answers otherwise.

`tests/public/small/SLUG.json` is built from `autograder/small/SLUG.toml` by `attend fingerprints`; this module reads it.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attend.student import NotDone, Student, StudentError, StudentMissing, StudentRaised
from attend.student.errors import StudentTimeout
from attend.testing.small_calls import Signatures, SmallCallError, SmallCalls, close_enough, plain, shown

MOST_NUMBERS = 6


@dataclass(frozen=True)
class SmallRow:
    """A small call. about: what it shows. answer: the right one. caught: the places of the mistakes that answer otherwise."""

    text: str
    about: str
    answer: Any
    caught: tuple[int, ...]


@dataclass(frozen=True)
class Counterexample:
    """A call whose right answer is another than the one that came."""

    call: str
    expected: str
    actual: str

    @property
    def sentence(self) -> str:
        """`softmax([0, 1]) must be [0.2689, 0.7311]; yours is [0, 1]`."""
        return f"{self.call} must be {self.expected}; yours {self.actual}"


@dataclass(frozen=True)
class SmallTable:
    """A topic's small calls by exercise, the smallest first, and how many known mistakes each exercise has."""

    library: str = "numpy"
    signatures: Signatures = field(default_factory=dict)
    mistakes: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[SmallRow]] = field(default_factory=dict)

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
        return cls(data["library"], kinds, data["mistakes"], rows)

    def to_json(self) -> str:
        """The table as JSON, a line for each call."""
        rows = {
            name: [[row.text, row.about, row.answer, list(row.caught)] for row in found]
            for name, found in self.rows.items()
        }
        head = {"library": self.library, "signatures": self.signatures, "mistakes": self.mistakes}
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

    def counterexample(self, exercise: str, fresh: Callable[[], Student]) -> Counterexample | None:
        """The smallest call of an exercise on which the code answers otherwise; None where all answers are right.

        `fresh` loads the code anew. What was found is looked at once more on code that has answered nothing before, and
        is passed on only if it is the same.

        Raises:
            StudentTimeout: the code's time is used up.
        """
        student = fresh()
        for row in self.rows.get(exercise, ()):
            found = self._tried(row, student)
            if found is not None:
                return found if self._tried(row, fresh()) == found else None
        return None

    def _tried(self, row: SmallRow, student: Student) -> Counterexample | None:
        try:
            value = plain(self.calls.run(row.text, student))
        except (NotDone, StudentMissing, StudentTimeout, SmallCallError):
            return None
        except Exception as error:
            kind = error.type_name if isinstance(error, StudentRaised) else type(error).__name__
            problem = f"raises {kind}" if not isinstance(error, StudentError) or kind else "gives no answer"
            return Counterexample(row.text, shown(row.answer), problem)
        if close_enough(value, row.answer):
            return None
        return Counterexample(row.text, shown(row.answer), f"is {shown(value)}")


def small_path(tests: Path, slug: str) -> Path:
    """The table of the topic `slug`, where `tests` is the folder of the public tests."""
    return tests / "small" / f"{slug}.json"


def smallest(table: SmallTable, exercise: str, fresh: Callable[[], Student]) -> str:
    """The sentence of the smallest counterexample; empty where there is none or it takes too long."""
    with suppress(StudentTimeout):
        if found := table.counterexample(exercise, fresh):
            return found.sentence
    return ""
