"""Name the mistake: replay the calls that a failing test made against every known wrong answer."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from attend.course.bank import BankAnswer
from attend.course.syllabus import Topic
from attend.grading.replays import Case, Cases, Outcome, Record, Replayed
from attend.student import values
from attend.student.module import compile_module, load_module
from attend.student.protocol import Failure, Result

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


@dataclass(frozen=True)
class Diagnosis:
    """What the search for a name found.

    answer: the known mistake that was recognised, or None.
    tests: the failing tests that it explains.
    nearest: where none was recognised, the name of the one that explains most failing tests; empty where none explains any.
    """

    answer: BankAnswer | None = None
    tests: frozenset[str] = frozenset()
    nearest: str = ""


class _TooLong(Exception):
    """The search for a name has used up its time."""


@dataclass(frozen=True)
class _Tried:
    """A record with its case, and what the reference answers to its calls."""

    record: Record
    case: Case
    right: Replayed

    @cached_property
    def is_right(self) -> bool:
        return self.case.agrees(self.record, self.right)


class Diagnostician:
    """Holds a topic's reference and misconceptions, compiled when first needed."""

    def __init__(self, solution_text: str, topic: Topic, bank: list[BankAnswer]):
        self._text, self._topic, self._bank = solution_text, topic, bank
        self._compiled: dict[str, tuple[str, CodeType]] = {}
        self._cases = Cases()
        self._end = 0.0

    def module(self, answer: BankAnswer | None = None) -> ModuleType:
        """The reference, or the reference with `answer` in its place, loaded anew.

        A module may keep something of the calls that it gets, and those before were another student's.
        """
        name = answer.name if answer else "reference"
        # one process grades many topics: no two modules may share a name
        label = f"{self._topic.slug}_{name}"
        if name not in self._compiled:
            text = answer.spliced(self._text, self._topic) if answer else self._text
            self._compiled[name] = text, compile_module(text, f"<{label}>")
        text, code = self._compiled[name]
        return load_module(text, f"attend_replay_{label}", f"<{label}>", code)

    def diagnose(self, exercise: str, failing: list[Record], passed: Iterable[Record]) -> Diagnosis:
        """The misconception whose answers are the student's, if there is one.

        A candidate could explain a failing test in which it answers otherwise than the reference; it does explain it
        when it answers as the student does in every call. It is named when it

        - explains most of the failing tests that it could explain,
        - agrees with the student, and not with the reference, on at least one value in them,
        - contradicts no passed test: there it answers otherwise than the student only if the reference does too.

        Of several the one that explains most tests is named, then the first of the bank. None is named where the search
        takes too long.

        Args:
            passed: the records of the passed tests, looked at only where a candidate explains enough.
        """
        self._end = time.process_time() + REPLAY_SECONDS
        try:
            return self._search(exercise, failing, passed)
        except _TooLong:
            return Diagnosis()

    def _search(self, exercise: str, failing: list[Record], passed: Iterable[Record]) -> Diagnosis:
        wrong = [each for each in self._on_reference(failing) if not each.is_right]
        right: list[_Tried] | None = None
        best, most = Diagnosis(), 0
        for answer in self._bank if wrong else ():
            if answer.exercise != exercise:
                continue
            tests, is_evidence = self._explained(answer, wrong)
            if best.answer is None and len(tests) > most:
                best, most = Diagnosis(nearest=answer.name), len(tests)
            if not is_evidence or len(tests) <= len(best.tests):
                continue
            if right is None:
                right = self._on_reference(passed)
            if not any(self._contradicts(answer, each) for each in right):
                best = Diagnosis(answer, frozenset(tests))
        return best

    def _on_reference(self, records: Iterable[Record]) -> list[_Tried]:
        """The records that are replayed, with what the reference answers."""
        tried = []
        for record in filter(is_replayed, records):
            self._check_time()
            case = self._cases.of(record)
            tried.append(_Tried(record, case, case.of_reference(record, self.module)))
        return tried

    def _on_mistake(self, answer: BankAnswer, tried: _Tried) -> Replayed:
        self._check_time()
        return tried.case.of_mistake(tried.record, answer.name, lambda: self.module(answer), tried.right)

    def _check_time(self) -> None:
        if time.process_time() > self._end:
            raise _TooLong

    def _explained(self, answer: BankAnswer, failing: list[_Tried]) -> tuple[list[str], bool]:
        """The failing tests that `answer` explains, and whether they are evidence for it."""
        could, explained = 0, []
        on_a_value = False
        for tried in failing:
            replayed = self._on_mistake(answer, tried)
            if not any(replayed.differs):
                continue
            could += 1
            if tried.case.agrees(tried.record, replayed):
                explained.append(tried.record.test)
                telling = [
                    outcome
                    for differs, outcome in zip(replayed.differs, replayed.outcomes, strict=True)
                    if differs
                ]
                on_a_value = on_a_value or any(map(_has_numbers, telling))
        return explained, on_a_value and 2 * len(explained) > could

    def _contradicts(self, answer: BankAnswer, tried: _Tried) -> bool:
        return tried.is_right and not tried.case.agrees(tried.record, self._on_mistake(answer, tried))


def is_replayed(record: Record) -> bool:
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
