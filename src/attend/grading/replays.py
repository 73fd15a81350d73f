"""The calls of a test carried out on the course's own code: on the reference, and on it with a known mistake.

Most submissions are asked the same, so what came of the calls is kept for the next one.
"""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from attend.grading.prefetch import digest
from attend.student import values
from attend.student.errors import NotPlain
from attend.student.local import LocalBackend
from attend.student.protocol import UNRECORDED, Failure, Request, Result, Step, tree_of
from attend.student.values import CallbackRef
from attend.testing.compare import same

# bytes of the outcomes that are kept for a topic; the oldest go first
MAX_KEPT = 32 << 20

Outcome = Result | Failure


@dataclass(frozen=True)
class Record:
    """The calls of one test, and the seed it started from."""

    test: str
    seed: int
    steps: list[Step]


def record_of(test: str, seed: int, exchanges: Iterable[tuple[Request, Outcome]], calls: int) -> Record:
    """The record of a test that made so many calls, from what was asked and answered: the test need not run again."""
    recorded = (pair for pair in exchanges if pair[0].operation not in UNRECORDED)
    steps = [
        Step(replace(request, seed=None), outcome) for request, outcome in itertools.islice(recorded, calls)
    ]
    return Record(test, seed, steps)


@dataclass(frozen=True)
class Replayed:
    """What some code answered to the calls of a record, and in which of them it answered otherwise than the reference."""

    outcomes: list[Outcome]
    differs: list[bool]


@dataclass
class Case:
    """What the reference, and each mistake that was tried, answered to the same calls.

    few_digits: of each call, whether it was passed a float of less than 64 bits.
    size: bytes of all outcomes.
    """

    few_digits: list[bool]
    reference: Replayed | None = None
    mistakes: dict[str, Replayed] = field(default_factory=dict)
    size: int = 0

    def of_reference(self, record: Record, load: Callable[[], ModuleType]) -> Replayed:
        """What the reference, which `load` makes, answers to the calls of `record`."""
        if self.reference is None:
            outcomes = self._replay(record, load())
            self.reference = Replayed(outcomes, [False] * len(outcomes))
        return self.reference

    def of_mistake(
        self, record: Record, name: str, load: Callable[[], ModuleType], right: Replayed
    ) -> Replayed:
        """What the mistake `name`, which `load` makes, answers, where the reference's answers are `right`."""
        if name not in self.mistakes:
            outcomes = self._replay(record, load())
            pairs = zip(right.outcomes, outcomes, self.few_digits, strict=True)
            self.mistakes[name] = Replayed(outcomes, [not agree(*pair) for pair in pairs])
        return self.mistakes[name]

    def agrees(self, record: Record, replayed: Replayed) -> bool:
        """Whether the student answered every call of `record` in the same way."""
        return all(
            agree(step.outcome, outcome, few)
            for step, outcome, few in zip(record.steps, replayed.outcomes, self.few_digits, strict=True)
        )

    def _replay(self, record: Record, module: ModuleType) -> list[Outcome]:
        outcomes = replay(record.steps, record.seed, module)
        self.size += sum(getattr(leaf, "nbytes", 64) for each in outcomes for leaf in _leaves(each))
        return outcomes


class Cases:
    """The cases that were met, the last ones of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Case] = OrderedDict()

    def of(self, record: Record) -> Case:
        """The case of the record's calls: the one that was met before, if these were the same calls.

        Calls that pass functions of the test's own are never the same.
        """
        try:
            key = digest(record.seed, *(tree_of(step.request) for step in record.steps))
        except NotPlain:
            return Case(_few_digits(record))
        if key not in self._kept:
            while self._kept and sum(case.size for case in self._kept.values()) > MAX_KEPT:
                self._kept.popitem(last=False)
            self._kept[key] = Case(_few_digits(record))
        self._kept.move_to_end(key)
        return self._kept[key]


def replay(steps: list[Step], seed: int, module: ModuleType) -> list[Outcome]:
    """The outcomes of the same requests on `module`."""
    backend = LocalBackend(module, fresh_settings=False)
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
        outcome = backend.run(request.taking(args, kwargs), callbacks)
    # an exception holds the frames that it went through, with their arrays
    return replace(outcome, exception=None) if isinstance(outcome, Failure) else outcome


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


def _has_few_digits(request: Request) -> bool:
    """Whether a number that was passed is a float of less than 64 bits."""
    dtypes = (str(getattr(leaf, "dtype", "")) for leaf in values.leaves((request.args, request.kwargs)))
    return any("float" in dtype and "64" not in dtype for dtype in dtypes)


def _few_digits(record: Record) -> list[bool]:
    return [_has_few_digits(step.request) for step in record.steps]


def _leaves(outcome: Outcome) -> list[Any]:
    return values.leaves(outcome.value) if isinstance(outcome, Result) else [None]
