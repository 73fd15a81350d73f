"""How a hidden test comes to its verdict: by replies to its script, by answers seen before, or by running on new ones."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from attend.gradebook.grade import TestGrade
from attend.grading.diagnosis import Record
from attend.grading.memo import KnownTest
from attend.grading.prefetch import ExerciseScripts, OffScript, Played, Recorder
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.codec import Buffer
from attend.student import Student
from attend.student.local import Backend
from attend.testing.explain import Explanation, explain
from attend.testing.plugin import SEED, sentence
from attend.testing.session import TopicTests


@dataclass(frozen=True)
class Verdict:
    """One test's grade, which arguments had been changed in place, and the record of its calls, if any."""

    test: TestGrade
    edited: tuple[str, ...] = ()
    record: Callable[[], Record] | None = None


class Judge:
    """A topic's hidden tests, with their scripts and what is known of them.

    `reference` makes a backend that runs the topic's own solution.
    """

    def __init__(self, tests: TopicTests, reference: Callable[[], RemoteBackend]):
        self._tests, self._reference = tests, reference
        self._known: dict[str, KnownTest] = defaultdict(KnownTest)

    @cached_property
    def scripts(self) -> dict[str, ExerciseScripts]:
        """What each test asks of the reference. A test that the reference fails gets no script."""
        learned = {}
        backend = self._reference()
        try:
            for exercise, items in self._tests.items.items():
                scripts = {}
                for item in items:
                    recorder = Recorder(backend)
                    run = self._tests.run(item, Student(recorder))
                    if run.error is None and (script := recorder.script()):
                        scripts[item.name] = script
                learned[exercise] = ExerciseScripts(scripts)
        finally:
            backend.close()
        return learned

    def begin(self, exercise: str, backend: RemoteBackend) -> dict[str, Verdict]:
        """Begin an exercise: the verdicts of the tests that could be judged by replies to their scripts."""
        scripts = self.scripts[exercise]  # learned before the worker's time begins
        backend.begin()
        replies = scripts.play(backend)
        verdicts = {}
        for item in self._tests.items[exercise]:
            if item.name in replies:
                try:
                    verdicts[item.name] = self._played(item, scripts, replies[item.name])
                except OffScript:
                    continue
        return verdicts

    def _played(self, item: pytest.Item, scripts: ExerciseScripts, replies: Buffer) -> Verdict:
        def judged() -> Verdict:
            return self._judged(item, Played(scripts.scripts[item.name], replies))

        seen = scripts.seen(item.name, replies)
        if seen is None:
            seen = judged()
            scripts.note(item.name, replies, replace(seen, record=None))
        # a record is looked at only where an exercise is not right, and holds every array of its test
        return Verdict(seen.test, seen.edited, lambda: judged().record())

    def ask(self, item: pytest.Item, backend: RemoteBackend) -> Verdict:
        """The verdict on answers that come one after the other; the test itself runs where some are new."""
        return backend.undisturbed(lambda: self._asked(item, backend))

    def _asked(self, item: pytest.Item, backend: RemoteBackend) -> Verdict:
        row = self._known[item.name].follow(backend)
        seen = row.verdict()
        if seen is not None:
            return Verdict(seen.test, seen.edited, lambda: self._judged(item, row.again()).record())
        verdict = self._judged(item, row)
        row.conclude(replace(verdict, record=None))
        return verdict

    def _judged(self, item: pytest.Item, backend: Backend) -> Verdict:
        """Run a test on what `backend` answers."""
        run = self._tests.run(item, Student(backend))
        record = Record(item.name, item.stash[SEED], run.student.steps, run.error is None)
        edited = tuple(name for step in record.steps for name in getattr(step.outcome, "edited", ()))
        if run.error is None:
            test = TestGrade(item.name, sentence(item), "passed", seconds=run.seconds)
        else:
            explanation = explain(run.error, run.student.steps, with_values=False)
            words = in_words(explanation)
            test = TestGrade(item.name, sentence(item), explanation.category, words, run.seconds)
        return Verdict(test, edited, lambda: record)


def in_words(explanation: Explanation) -> str:
    """A hidden test's message: the call with its sizes, and what was wrong."""
    where = f" (line {explanation.line} of your file)" if explanation.line else ""
    call = f"{explanation.call}: " if explanation.call else ""
    return f"{call}{explanation.words}{where}"
