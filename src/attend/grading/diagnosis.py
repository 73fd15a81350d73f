"""Name the mistake: replay the calls that a failing test made against every known wrong answer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from attend.course.bank import Answer
from attend.student import values
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.student.protocol import Failure, Request, Result, Step
from attend.student.values import CallbackRef

# a test that made more calls (it trains a model, say) is left out of the search for a name: each candidate would train too
MAX_REPLAYED = 60


@dataclass(frozen=True)
class Record:
    """The calls of one test, the seed it started from, and whether it passed."""

    test: str
    seed: int
    steps: list[Step]
    passed: bool


def replay(steps: list[Step], seed: int, module: ModuleType) -> list[Result | Failure]:
    """The outcomes of the same requests on `module`."""
    backend = LocalBackend(module)
    seeds = [seed] + [None] * len(steps)
    return [
        _replay_one(backend, replace(step.request, seed=first))
        for step, first in zip(steps, seeds, strict=False)
    ]


def _replay_one(backend: LocalBackend, request: Request) -> Result | Failure:
    callbacks: list = []

    def leaf(value):
        if callable(value) and not isinstance(value, type):
            callbacks.append(value)
            return CallbackRef(len(callbacks) - 1)
        return value

    args, kwargs = values.map_leaves((request.args, request.kwargs), leaf)
    with np.errstate(all="ignore"):
        return backend.run(request.taking(args, kwargs), callbacks)


def agree(first: Result | Failure, second: Result | Failure, few_digits: bool = False) -> bool:
    """Whether two outcomes are the same answer: type, shape, dtype, values within rounding, or the same failure.

    With `few_digits` rounding is that of float32 in float64 too: an earlier mistake may have widened what came in.
    """
    if isinstance(first, Failure) or isinstance(second, Failure):
        both = isinstance(first, Failure) and isinstance(second, Failure)
        return both and (first.kind, first.type_name) == (second.kind, second.type_name)
    return _close(first.value, second.value, few_digits)


def _close(first: object, second: object, few_digits: bool) -> bool:
    if isinstance(first, list | tuple) and type(first) is type(second):
        pairs = zip(first, second, strict=False)
        return len(first) == len(second) and all(_close(*pair, few_digits) for pair in pairs)
    if isinstance(first, dict) and isinstance(second, dict):
        same = list(first) == list(second)
        return same and all(_close(first[key], second[key], few_digits) for key in first)
    if values.is_tensor(first) and values.is_tensor(second):
        if first.dtype != second.dtype or first.shape != second.shape:
            return False
        if first.requires_grad != second.requires_grad:  # one of the two has cut the graph
            return False
        few_digits = few_digits or "64" not in str(first.dtype)
        return _close_arrays(first.detach().double().numpy(), second.detach().double().numpy(), few_digits)
    if isinstance(first, np.ndarray | np.generic | float) and isinstance(
        second, np.ndarray | np.generic | float
    ):
        one, two = np.asarray(first), np.asarray(second)
        few_digits = few_digits or "64" not in one.dtype.name
        return one.dtype == two.dtype and one.shape == two.shape and _close_arrays(one, two, few_digits)
    return type(first) is type(second) and first == second


def _close_arrays(first: np.ndarray, second: np.ndarray, few_digits: bool) -> bool:
    tolerance = 1e-4 if few_digits else 1e-8
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.allclose(first, second, rtol=tolerance, atol=tolerance, equal_nan=True))


def agrees_throughout(record: Record, module: ModuleType) -> bool:
    """Whether `module` gives the student's outcome in every call of the record."""
    outcomes = replay(record.steps, record.seed, module)
    return all(
        agree(step.outcome, outcome, _has_few_digits(step.request))
        for step, outcome in zip(record.steps, outcomes, strict=True)
    )


def _has_few_digits(request: Request) -> bool:
    """Whether a number that was passed is a float of less than 64 bits."""
    dtypes = (str(getattr(leaf, "dtype", "")) for leaf in values.leaves((request.args, request.kwargs)))
    return any("float" in dtype and "64" not in dtype for dtype in dtypes)


class Diagnostician:
    """Holds a topic's reference and misconceptions as modules, built when first needed."""

    def __init__(self, solution_text: str, topic, bank: list[Answer]):
        self._text, self._topic, self._bank = solution_text, topic, bank
        self._modules: dict[str, ModuleType] = {}

    def module(self, answer: Answer | None = None) -> ModuleType:
        """The reference, or the reference with `answer` in its place."""
        name = answer.name if answer else "reference"
        if name not in self._modules:
            text = answer.spliced(self._text, self._topic) if answer else self._text
            label = f"{self._topic.slug}_{name}"  # one lane grades many topics: no two may share a name
            self._modules[name] = load_module(text, f"attend_replay_{label}", f"<{label}>")
        return self._modules[name]

    def rivals(self, exercise: str) -> Iterator[ModuleType]:
        """The exercise's misconceptions, each as a module."""
        return (self.module(answer) for answer in self._bank if answer.exercise == exercise)

    def diagnose(self, exercise: str, records: list[Record], plug=lambda module: module) -> Answer | None:
        """The misconception whose answers are the student's, or None.

        A candidate must agree with the student in every call of a failing test in which the reference
        does not. Among several the one that explains most failing tests wins, then the one that agrees
        on most tests at all, then the first of the bank. `plug` changes a module before it is replayed.
        """
        reference = plug(self.module())
        records = [record for record in records if len(record.steps) <= MAX_REPLAYED] or records
        failing = [record for record in records if not record.passed]
        failing = [record for record in failing if not agrees_throughout(record, reference)]
        best, best_score = None, (0, 0)
        for answer in self._bank:
            if answer.exercise != exercise or not failing:
                continue
            module = plug(self.module(answer))
            explained = sum(agrees_throughout(record, module) for record in failing)
            if explained == 0 or explained < best_score[0]:
                continue
            passing = sum(agrees_throughout(record, module) for record in records if record.passed)
            if (explained, passing) > best_score:
                best, best_score = answer, (explained, passing)
        return best
