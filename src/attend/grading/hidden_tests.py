"""Run a topic's hidden tests: on replies to their scripts, on answers seen before, or on new ones."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial

import pytest

from attend.course.errors import AttendError
from attend.gradebook.grade import TestGrade
from attend.grading.memo import KnownTest, Room, Row
from attend.grading.prefetch import ExerciseScripts, OffScriptError, Played, Recorder
from attend.grading.replays import Record, record_of
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.codec import Buffer
from attend.student import Student
from attend.student.local import Backend
from attend.student.protocol import Failure, Request, Result
from attend.student.stub_names import StubNames
from attend.testing.explain import Explanation, explain
from attend.testing.plugin import SEED, sentence
from attend.testing.session import Run, TopicTests


class UngradedError(Exception):
    """A test failed for a reason that is not the student's; its text says which test and why."""


class ReferenceFailsError(AttendError):
    """A hidden test fails on the course's own solution."""


@dataclass(frozen=True)
class KeptVerdict:
    """One test's grade, which arguments had been changed in place, and how many calls it made.

    It holds for every submission that answers alike.
    """

    test: TestGrade
    edited: tuple[str, ...]
    calls: int


@dataclass(frozen=True)
class Verdict(KeptVerdict):
    """The verdict on one submission, with a function that makes the record of its calls.

    The record is made when it is asked for: it holds every array of its test, and is looked at only where an exercise
    is not right.
    """

    record: Callable[[], Record]

    @property
    def kept(self) -> KeptVerdict:
        """The verdict without its record."""
        return KeptVerdict(self.test, self.edited, self.calls)


class HiddenTests:
    """A topic's hidden tests, with their scripts and what is known of them.

    `reference` makes a backend that runs the topic's own `solution`.
    """

    def __init__(self, tests: TopicTests, solution: str, reference: Callable[[], RemoteBackend]):
        self._tests, self._reference = tests, reference
        self._names = StubNames(tests.topic, solution)
        room = Room()
        self._known: dict[str, KnownTest[KeptVerdict]] = defaultdict(lambda: KnownTest(room))
        self._failures: dict[str, str] = {}

    @property
    def items(self) -> dict[str, list[pytest.Item]]:
        """The tests of each exercise."""
        return self._tests.items

    @cached_property
    def scripts(self) -> dict[str, ExerciseScripts[KeptVerdict]]:
        """What each test asks of the reference. A test that the reference fails gets no script."""
        learned: dict[str, ExerciseScripts[KeptVerdict]] = {}
        backend = self._reference()
        try:
            for exercise, items in self.items.items():
                scripts = {}
                for item in items:
                    recorder, run = backend.undisturbed(partial(self._recorded, item, backend))
                    if run.error is not None:
                        self._failures[item.name] = in_words(self._explanation(run.error, run.student))
                    elif script := recorder.script():
                        scripts[item.name] = script
                learned[exercise] = ExerciseScripts(scripts)
                self._learn_right(items, learned[exercise], backend)
        finally:
            backend.close()
        return learned

    def _learn_right(
        self, items: list[pytest.Item], scripts: ExerciseScripts[KeptVerdict], backend: RemoteBackend
    ) -> None:
        """Note what the reference answers, and the verdict on it: other right answers differ by rounding alone."""
        backend.begin()
        replies = scripts.play(backend)
        for item in items:
            if item.name in replies:
                played = Played(scripts.scripts[item.name], replies[item.name])
                scripts.note_right(item.name, replies[item.name], self._judged(item, played).kept)
            elif item.name not in self._failures:
                row = Row(self._known[item.name], backend)
                row.conclude(self._judged(item, row).kept)
                row.is_right()

    def _recorded(self, item: pytest.Item, backend: RemoteBackend) -> tuple[Recorder, Run]:
        """Run a test on `backend`, and record its requests."""
        recorder = Recorder(backend)
        return recorder, self._tests.run(item, Student(recorder))

    def check_reference(self) -> None:
        """See that the course's own solution passes every test.

        Raises:
            ReferenceFailsError: it does not.
        """
        if self.scripts and self._failures:
            name, why = next(iter(self._failures.items()))
            raise ReferenceFailsError(
                f"{self._tests.path.name}: {name} fails on the course's own solution ({why}); nothing was graded. "
                "Correct the test or the solution: `attend audit` lists every such test."
            )

    def play(self, exercise: str, backend: RemoteBackend) -> dict[str, Verdict]:
        """The verdicts of an exercise's tests that could be judged by replies to their scripts."""
        scripts = self.scripts[exercise]
        replies = scripts.play(backend)
        verdicts = {}
        for item in self.items[exercise]:
            if item.name in replies:
                try:
                    verdicts[item.name] = self._played(item, scripts, replies[item.name])
                except OffScriptError:
                    continue
        return verdicts

    def has_script(self, exercise: str, item: pytest.Item) -> bool:
        """Whether the test's requests are sent at once."""
        return item.name in self.scripts[exercise].scripts

    def _played(self, item: pytest.Item, scripts: ExerciseScripts[KeptVerdict], replies: Buffer) -> Verdict:
        played = partial(Played, scripts.scripts[item.name], replies)
        seen = scripts.seen(item.name, replies)
        if seen is None:
            seen = self._judged(item, played()).kept
            scripts.note(item.name, replies, seen)
        return _verdict(item, seen, lambda: played().exchanges())

    def ask(self, item: pytest.Item, backend: RemoteBackend) -> Verdict:
        """The verdict on answers that come one after the other; the test itself runs where some are new.

        Raises:
            UngradedError: the test failed for a reason that is not the student's.
        """
        return backend.undisturbed(lambda: self._asked(item, backend))

    def _asked(self, item: pytest.Item, backend: RemoteBackend) -> Verdict:
        row = self._known[item.name].follow(backend)
        seen = row.verdict()
        if seen is None and row.is_rounded:
            # the test's own requests come from the answers themselves
            row = self._known[item.name].follow(backend, exactly=True)
            seen = row.verdict()
        if seen is not None:
            return _verdict(item, seen, lambda: zip(row.asked, row.answers, strict=True))
        verdict = self._judged(item, row)
        row.conclude(verdict.kept)
        return verdict

    def _judged(self, item: pytest.Item, backend: Backend) -> Verdict:
        """Run a test on what `backend` answers."""
        run = self._tests.run(item, Student(backend))
        record = Record(item.name, item.stash[SEED], run.student.steps)
        edited = tuple(
            self._names.argument(step.request, position)
            for step in record.steps
            if isinstance(step.outcome, Result)
            for position in step.outcome.edited
        )
        if run.error is None:
            test = TestGrade(item.name, sentence(item), "passed", seconds=run.seconds)
        else:
            explanation = self._explanation(run.error, run.student)
            if explanation.raised_by_test:
                self._check_cause(item, run)
            words = in_words(explanation)
            test = TestGrade(item.name, sentence(item), explanation.category, words, run.seconds)
        return Verdict(test, edited, len(record.steps), lambda: record)

    def _explanation(self, error: BaseException, student: Student) -> Explanation:
        return explain(error, student.steps, with_values=False, names=self._names)

    def _check_cause(self, item: pytest.Item, run: Run) -> None:
        """A test raised by itself: see that the student's answer is the reason.

        Raises:
            UngradedError: it is not, because the test fails on the reference's answers too, or the machine is at fault.
        """
        backend = self._reference()
        try:
            on_reference = self._tests.run(item, Student(backend))
        finally:
            backend.close()
        if on_reference.error is not None or isinstance(run.error, OSError | ImportError | SystemError):
            # its text may repeat an answer
            raise UngradedError(f"{item.name}: {type(run.error).__name__}") from run.error


def _verdict(
    item: pytest.Item, seen: KeptVerdict, exchanges: Callable[[], Iterable[tuple[Request, Result | Failure]]]
) -> Verdict:
    """A verdict that was known, with what was asked and answered this time."""

    def record() -> Record:
        return record_of(item.name, item.stash[SEED], exchanges(), seen.calls)

    return Verdict(seen.test, seen.edited, seen.calls, record)


def in_words(explanation: Explanation) -> str:
    """A hidden test's message: the call with its sizes, and what was wrong."""
    where = f" (line {explanation.line} of your file)" if explanation.line else ""
    call = f"{explanation.call}: " if explanation.call else ""
    return f"{call}{explanation.words}{where}"
