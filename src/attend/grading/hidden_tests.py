"""Run a topic's hidden tests: on replies to their scripts, on answers seen before, or on new ones."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import pytest

from attend.course.errors import AttendError
from attend.gradebook.grade import TestGrade
from attend.grading.memo import KnownTest, Room
from attend.grading.prefetch import ExerciseScripts, OffScriptError, Played, Recorder
from attend.grading.replays import Record
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.codec import Buffer
from attend.student import Student
from attend.student.local import Backend
from attend.student.protocol import Result
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
    """One test's grade and which arguments had been changed in place: it holds for every submission that answers alike."""

    test: TestGrade
    edited: tuple[str, ...]


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
        return KeptVerdict(self.test, self.edited)


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
        finally:
            backend.close()
        return learned

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

    def begin(self, exercise: str, backend: RemoteBackend) -> dict[str, Verdict]:
        """Begin an exercise: the verdicts of the tests that could be judged by replies to their scripts."""
        # learned before the worker's time begins
        scripts = self.scripts[exercise]
        backend.begin()
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
        def judged() -> Verdict:
            return self._judged(item, Played(scripts.scripts[item.name], replies))

        seen = scripts.seen(item.name, replies)
        if seen is None:
            seen = judged().kept
            scripts.note(item.name, replies, seen)
        return Verdict(seen.test, seen.edited, lambda: judged().record())

    def ask(self, item: pytest.Item, backend: RemoteBackend) -> Verdict:
        """The verdict on answers that come one after the other; the test itself runs where some are new.

        Raises:
            UngradedError: the test failed for a reason that is not the student's.
        """
        return backend.undisturbed(lambda: self._asked(item, backend))

    def _asked(self, item: pytest.Item, backend: RemoteBackend) -> Verdict:
        row = self._known[item.name].follow(backend)
        seen = row.verdict()
        if seen is not None:
            return Verdict(seen.test, seen.edited, lambda: self._judged(item, row.again()).record())
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
        return Verdict(test, edited, lambda: record)

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


def in_words(explanation: Explanation) -> str:
    """A hidden test's message: the call with its sizes, and what was wrong."""
    where = f" (line {explanation.line} of your file)" if explanation.line else ""
    call = f"{explanation.call}: " if explanation.call else ""
    return f"{call}{explanation.words}{where}"
