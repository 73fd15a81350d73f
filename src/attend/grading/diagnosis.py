"""Name the mistake: replay the calls that a failing test made against every known wrong answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from attend.course.bank import BankAnswer
from attend.course.syllabus import Topic
from attend.student import values
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.student.protocol import Failure, Request, Result, Step
from attend.student.values import CallbackRef
from attend.testing.compare import same

# a test that made more calls (it trains a model, say) is left out of the search for a name: each candidate would
# train too
MAX_REPLAYED = 60
# A test may hand an answer on, and that is what a submission likes. The replay takes place in the grader, so there are
# limits on the bytes of all arguments of one test and of all its answers, on the items in the arguments, and on whole
# numbers: one may be a size.
MAX_ARGUMENTS = 4 << 20
MAX_ANSWERED = 512 << 10
MAX_ITEMS = 100_000
MAX_WHOLE = 10_000
# processor time that the search for a name may take, for one exercise
REPLAY_SECONDS = 20.0

Outcome = Result | Failure


@dataclass(frozen=True)
class Record:
    """The calls of one test, the seed it started from, and whether it passed."""

    test: str
    seed: int
    steps: list[Step]
    passed: bool


@dataclass(frozen=True)
class Diagnosis:
    """A known mistake that was recognised, and the failing tests that it explains."""

    answer: BankAnswer
    tests: frozenset[str]


def replay(steps: list[Step], seed: int, module: ModuleType) -> list[Outcome]:
    """The outcomes of the same requests on `module`."""
    backend = LocalBackend(module)
    seeds = [seed] + [None] * len(steps)
    return [
        _replay_one(backend, replace(step.request, seed=first))
        for step, first in zip(steps, seeds, strict=False)
    ]


def _replay_one(backend: LocalBackend, request: Request) -> Outcome:
    callbacks: list[Callable[..., Any]] = []

    def leaf(value: Any) -> Any:
        if callable(value) and not isinstance(value, type):
            callbacks.append(value)
            return CallbackRef(len(callbacks) - 1)
        return value

    args, kwargs = values.map_leaves((request.args, request.kwargs), leaf)
    with np.errstate(all="ignore"):
        return backend.run(request.taking(args, kwargs), callbacks)


def agree(first: Outcome, second: Outcome, few_digits: bool = False) -> bool:
    """Whether two outcomes are the same answer: type, shape, dtype, values within rounding, or the same failure.

    With `few_digits` rounding is that of float32 in float64 too: an earlier mistake may have widened what came in.
    """
    if isinstance(first, Failure) or isinstance(second, Failure):
        if not isinstance(first, Failure) or not isinstance(second, Failure):
            return False
        same_kind = (first.kind, first.type_name) == (second.kind, second.type_name)
        return same_kind and first.odd_dtype == second.odd_dtype
    return same(first.value, second.value, few_digits)


def agrees_throughout(record: Record, module: ModuleType) -> bool:
    """Whether `module` gives the student's outcome in every call of the record."""
    return _agree_throughout(record, replay(record.steps, record.seed, module))


def _agree_throughout(record: Record, outcomes: list[Outcome]) -> bool:
    return all(
        agree(step.outcome, outcome, _has_few_digits(step.request))
        for step, outcome in zip(record.steps, outcomes, strict=True)
    )


def _has_few_digits(request: Request) -> bool:
    """Whether a number that was passed is a float of less than 64 bits."""
    dtypes = (str(getattr(leaf, "dtype", "")) for leaf in values.leaves((request.args, request.kwargs)))
    return any("float" in dtype and "64" not in dtype for dtype in dtypes)


class _TooLong(Exception):
    """The search for a name has used up its time."""


class Diagnostician:
    """Holds a topic's reference and misconceptions as modules, built when first needed."""

    def __init__(self, solution_text: str, topic: Topic, bank: list[BankAnswer]):
        self._text, self._topic, self._bank = solution_text, topic, bank
        self._modules: dict[str, ModuleType] = {}
        self._end = 0.0

    def module(self, answer: BankAnswer | None = None) -> ModuleType:
        """The reference, or the reference with `answer` in its place."""
        name = answer.name if answer else "reference"
        if name not in self._modules:
            text = answer.spliced(self._text, self._topic) if answer else self._text
            # one process grades many topics: no two modules may share a name
            label = f"{self._topic.slug}_{name}"
            self._modules[name] = load_module(text, f"attend_replay_{label}", f"<{label}>")
        return self._modules[name]

    def diagnose(self, exercise: str, records: list[Record]) -> Diagnosis | None:
        """The misconception whose answers are the student's, or None.

        A candidate could explain a failing test in which it answers otherwise than the reference; it does explain it
        when it answers as the student does in every call. It is named when it

        - explains most of the failing tests that it could explain,
        - agrees with the student, and not with the reference, on at least one value in them,
        - contradicts no passed test: there it answers otherwise than the student only if the reference does too.

        Of several the one that explains most tests is named, then the first of the bank. None is named where the search
        takes too long.
        """
        self._end = time.process_time() + REPLAY_SECONDS
        try:
            return self._search(exercise, records)
        except _TooLong:
            return None

    def _search(self, exercise: str, records: list[Record]) -> Diagnosis | None:
        records = [record for record in records if _is_replayed(record)]
        expected = {id(record): self._outcomes(record) for record in records}
        failing = [record for record in records if not record.passed]
        failing = [record for record in failing if not _agree_throughout(record, expected[id(record)])]
        passed = [record for record in records if record.passed]
        best: Diagnosis | None = None
        for answer in self._bank:
            if answer.exercise != exercise or not failing:
                continue
            tests = self._explained(answer, failing, expected)
            if best is not None and len(tests) <= len(best.tests):
                continue
            if tests and not any(
                self._contradicts(answer, record, expected[id(record)]) for record in passed
            ):
                best = Diagnosis(answer, frozenset(tests))
        return best

    def _outcomes(self, record: Record, answer: BankAnswer | None = None) -> list[Outcome]:
        if time.process_time() > self._end:
            raise _TooLong
        return replay(record.steps, record.seed, self.module(answer))

    def _explained(
        self, answer: BankAnswer, failing: list[Record], expected: dict[int, list[Outcome]]
    ) -> list[str]:
        """The failing tests that `answer` explains; none where they are no evidence for it."""
        could, explained = 0, []
        on_a_value = False
        for record in failing:
            right = expected[id(record)]
            outcomes = self._outcomes(record, answer)
            few = [_has_few_digits(step.request) for step in record.steps]
            differs = [not agree(*pair) for pair in zip(right, outcomes, few, strict=True)]
            if not any(differs):
                continue
            could += 1
            if _agree_throughout(record, outcomes):
                explained.append(record.test)
                telling = [outcome for other, outcome in zip(differs, outcomes, strict=True) if other]
                on_a_value = on_a_value or any(map(_has_numbers, telling))
        return explained if on_a_value and 2 * len(explained) > could else []

    def _contradicts(self, answer: BankAnswer, record: Record, right: list[Outcome]) -> bool:
        return _agree_throughout(record, right) and not _agree_throughout(
            record, self._outcomes(record, answer)
        )


def _is_replayed(record: Record) -> bool:
    """Whether the test made few calls with small arguments and answers: an argument may be an answer, of any size."""
    if len(record.steps) > MAX_REPLAYED:
        return False
    size = answered = items = 0
    answered_huge = False
    for step in record.steps:
        leaves = values.leaves((step.request.args, step.request.kwargs))
        items += len(leaves)
        size += _bytes_of(leaves)
        if size > MAX_ARGUMENTS or items > MAX_ITEMS or answered_huge and any(map(_is_huge, leaves)):
            return False
        answers = values.leaves(step.outcome.value) if isinstance(step.outcome, Result) else []
        answered += _bytes_of(answers)
        answered_huge = answered_huge or any(map(_is_huge, answers))
    return answered <= MAX_ANSWERED


def _bytes_of(leaves: list[Any]) -> int:
    return sum(getattr(leaf, "nbytes", 0) for leaf in leaves)


def _is_huge(leaf: Any) -> bool:
    """Whether a value is, or holds, a whole number that would be too large as a size."""
    if type(leaf) is int:
        return abs(leaf) > MAX_WHOLE
    if values.is_tensor(leaf):
        if leaf.is_floating_point() or leaf.is_complex():
            return False
        leaf = leaf.numpy()
    if not isinstance(leaf, np.ndarray | np.generic) or leaf.dtype.kind not in "iu":
        return False
    return bool(leaf.size) and not -MAX_WHOLE <= int(leaf.min()) <= int(leaf.max()) <= MAX_WHOLE


def _has_numbers(outcome: Outcome) -> bool:
    if isinstance(outcome, Failure):
        return bool(outcome.odd_dtype)
    return values.has_numbers(outcome.value)
