"""Ask the tests of an exercise of a worker: of which one, and what is asked once more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from attend.course.syllabus import Exercise
from attend.grading.hidden_tests import HiddenTests, Verdict
from attend.grading.replays import Record
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.ground import Ground


def _no_record() -> Record:
    raise RuntimeError("the record of this test was not kept")


@dataclass
class Answers:
    """What came of an exercise's tests on one ground; a test that was not asked has no verdict.

    in_doubt: a test failed in a worker that had answered another exercise before.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    timed_out: bool = False
    in_doubt: bool = False

    def kept(self) -> "Answers":
        """The same without the records, which hold every array of every test."""
        kept = {name: replace(each, record=_no_record) for name, each in self.verdicts.items()}
        return Answers(kept, self.timed_out)

    def passed(self, item: pytest.Item) -> bool:
        """Whether a test was asked and passed."""
        return item.name in self.verdicts and self.verdicts[item.name].test.passed


class Workers:
    """The workers of one submission: on its own ground, and on the right ground that was last asked for.

    Exercises that stand on the same earlier ones are asked of the same worker.
    """

    def __init__(self, text: str, make: Callable[..., RemoteBackend]):
        self._text, self._make = text, make
        self.own = make(text)
        self._ground: Ground | None = None
        self._on: RemoteBackend | None = None

    def on(self, ground: Ground) -> RemoteBackend:
        """The worker on right ground."""
        if self._on is None or self._ground != ground:
            if self._on is not None:
                self._on.close()
            self._ground, self._on = ground, self._make(self._text, ground)
        return self._on

    def close(self) -> None:
        """End all of them."""
        for backend in (self.own, self._on):
            if backend is not None:
                backend.close()


class Asker:
    """Asks a topic's hidden tests. `reference` answers for it where its functions take the place of a student's."""

    def __init__(self, hidden: HiddenTests, reference: RemoteBackend):
        self._hidden, self._reference = hidden, reference

    def ask(self, exercise: Exercise, backend: RemoteBackend) -> Answers:
        """What comes of the exercise's tests.

        A worker answers one exercise after the other. What fails in one that has answered another exercise before is
        asked once more of a fresh one: what an exercise leaves behind costs no other one anything.
        """
        backend.begin()
        answers = self._asked(exercise, backend)
        if answers.in_doubt:
            self._reference.begin()
            backend.begin(fresh=True)
            answers = self._asked(exercise, backend)
        return answers

    def _asked(self, exercise: Exercise, backend: RemoteBackend) -> Answers:
        """As `ask`, once; it ends where a failure is in doubt."""
        is_used = backend.is_used
        answers = Answers(self._hidden.play(exercise.name, backend))
        if is_used and not all(verdict.test.passed for verdict in answers.verdicts.values()):
            answers.in_doubt = True
        else:
            for verdict in self._ask_each(self._missing(exercise, answers), backend, answers):
                if backend.is_used and not verdict.test.passed:
                    answers.in_doubt = True
                    break
        return answers

    def _missing(self, exercise: Exercise, answers: Answers) -> list[pytest.Item]:
        return [item for item in self._hidden.items[exercise.name] if item.name not in answers.verdicts]

    def ask_on(self, ground: Ground, exercise: Exercise, workers: Workers) -> Answers:
        """What comes of the exercise's tests on right ground."""
        self._reference.begin()
        backend = workers.on(ground)
        return self.ask(exercise, backend) if backend.worker_failure is None else Answers()

    def ask_own(self, exercise: Exercise, backend: RemoteBackend) -> Answers:
        """What comes of the tests with the student's own earlier functions, where right ground decides.

        They are asked of a fresh worker: most fail, and would be asked twice. Nothing is asked any more once the scripts
        are not answered in time.
        """
        backend.begin(fresh=True)
        answers = Answers(self._hidden.play(exercise.name, backend))
        missing = self._missing(exercise, answers)
        if not any(self._hidden.has_script(exercise.name, item) for item in missing):
            list(self._ask_each(missing, backend, answers))
        return answers

    def _ask_each(
        self, items: list[pytest.Item], backend: RemoteBackend, answers: Answers
    ) -> Iterator[Verdict]:
        """Ask one test after another, until one does not end in time: then no other is waited for."""
        for item in items:
            verdict = answers.verdicts[item.name] = self._hidden.ask(item, backend)
            yield verdict
            if verdict.test.outcome == "timeout":
                answers.timed_out = True
                return
