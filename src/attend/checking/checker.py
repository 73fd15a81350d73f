"""Run a topic's public tests on a student's module, in this process."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from attend.checking.parallel import Ahead
from attend.course.syllabus import Course, Exercise, Topic
from attend.student import Student
from attend.student.deadline import deadline
from attend.student.local import (
    LocalBackend,
    NeedsTorchError,
    UnloadableError,
    has_library,
    load_code,
    read_code,
)
from attend.submissions.answer_file import answer
from attend.testing.plugin import public_seconds, sentence
from attend.testing.session import TopicTests
from attend.testing.verdict import ExerciseVerdict, TopicCheck, TopicVerdicts, place_of


def _nobody(_told) -> None:
    """Nobody wants to be told."""


class Checker:
    """A topic's public tests, ready to be run on one version of a module after another.

    `trying` is the exercise whose tests are running, for whoever has to say where something got stuck. With `ahead`
    a fork runs the last of them meanwhile.
    """

    def __init__(
        self,
        course: Course,
        topic: Topic,
        on_stuck: Callable[[], None] | None = None,
        ahead: bool = False,
    ):
        if not has_library(topic):
            raise NeedsTorchError(topic)
        self._course, self.topic, self._on_stuck, self._ahead = course, topic, on_stuck, ahead
        self._tests = TopicTests(course, topic, course.public_tests(topic))
        self.trying: Exercise | None = None

    def check(
        self,
        path: Path,
        exercises: tuple[Exercise, ...] = (),
        text: str | None = None,
        begun: Callable[[Exercise], None] = _nobody,
        ended: Callable[[ExerciseVerdict], None] = _nobody,
    ) -> TopicCheck:
        """How the module at `path` does on the public tests of `exercises`; all of them when none is named.

        `text` is checked as if it stood at `path`. `begun` and `ended` are told about each exercise as it comes.
        """
        result = TopicCheck(self.topic)
        try:
            result.code = read_code(path, self.topic) if text is None else text
            with _quiet(self.topic):
                module = load_code(path, self.topic, result.code, self._course.grading.load_seconds)
        except UnloadableError as error:
            result.problem = str(error)
            result.line = place_of(error)
            return result
        self._try_all(result, path, module, exercises, begun, ended)
        return result

    def check_live(self, names: dict[str, Any], exercises: tuple[Exercise, ...]) -> TopicCheck:
        """How functions that are defined already do, as those of a notebook."""
        module = ModuleType(f"attend_live_{self.topic.slug}")
        module.__dict__.update(names)
        result = TopicCheck(self.topic)
        self._try_all(result, Path(f"{self.topic.slug}.ipynb"), module, exercises)
        return result

    def _try_all(
        self, result: TopicCheck, path: Path, module, exercises, begun=_nobody, ended=_nobody
    ) -> None:
        verdicts = TopicVerdicts(self._course, self.topic, path)
        wanted = [
            exercise for exercise in self.topic.exercises if exercise in (exercises or self.topic.exercises)
        ]
        with self._try_ahead(wanted, module, path) as ahead:
            for exercise in wanted:
                self.trying = exercise
                begun(exercise)
                if ahead and not ahead.claim() and not verdicts.reason_to_skip(exercise):
                    known = ahead.verdict(exercise)
                else:
                    known = None
                if known is None:
                    self._try(exercise, module, verdicts)
                else:
                    verdicts.add_verdict(known)
                result.verdicts.append(verdicts.of(exercise))
                ended(verdicts.of(exercise))
        self.trying = None

    def _try_ahead(self, wanted: list[Exercise], module, path: Path):
        """The last exercises on another core, where that is worth a fork."""
        if not self._ahead or len(wanted) < 2:
            return contextlib.nullcontext()
        verdicts = TopicVerdicts(self._course, self.topic, path)

        def verdict(exercise: Exercise) -> ExerciseVerdict:
            self._on_stuck = lambda: os._exit(1)  # who waits for it tries it again, and tells
            self._try(exercise, module, verdicts)
            return verdicts.of(exercise)

        return Ahead(self.topic, wanted, verdict)

    def _try(self, exercise: Exercise, module, verdicts: TopicVerdicts) -> None:
        verdict = verdicts.of(exercise)
        for item in self._tests.items[exercise.name]:
            verdict.skipped = verdicts.reason_to_skip(exercise)
            if verdict.skipped:
                return
            with _quiet(self.topic) as printed, deadline(public_seconds(self.topic), self._on_stuck):
                run = self._tests.run(item, Student(LocalBackend(module)))
            steps = run.student.steps
            verdicts.add(exercise, item.name, sentence(item), run.error, steps, printed.getvalue())

    def close(self) -> None:
        """Undo what the tests set up."""
        self._tests.close()


@contextlib.contextmanager
def _quiet(topic: Topic) -> Iterator[io.StringIO]:
    """Keep what the student's code prints, let it read nothing, and turn breakpoint() into advice."""
    printed, stdin, hook = io.StringIO(), sys.stdin, sys.breakpointhook

    def advise(*_args, **_kwargs):
        raise RuntimeError(f"breakpoint() works under pytest: pytest tests/public/test_{topic.slug}.py -x")

    with open(os.devnull, encoding="utf-8") as nothing:
        sys.stdin, sys.breakpointhook = nothing, advise
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                yield printed
        finally:
            sys.stdin, sys.breakpointhook = stdin, hook


def check_topic(
    course: Course, topic: Topic, code: Path | None = None, exercises: tuple[Exercise, ...] = ()
) -> TopicCheck:
    """How the answer in `code` (default: assignments/) does on the public tests of the topic, or of some exercises."""
    path = answer((code or course.root / "assignments").resolve(), topic)
    with contextlib.closing(Checker(course, topic, lambda: _give_up(checker))) as checker:
        return checker.check(path, exercises)


def check_text(course: Course, topic: Topic, text: str) -> TopicCheck:
    """How a module of this text does, as if it stood in assignments/."""
    with contextlib.closing(Checker(course, topic, lambda: _give_up(checker))) as checker:
        return checker.check(answer(course.root / "assignments", topic), text=text)


def _give_up(checker: Checker) -> None:
    """End the process: a call inside a library hears no exception, and waiting longer would tell nothing."""
    exercise = checker.trying
    name = f"{exercise.label} {exercise.name}" if exercise else checker.topic.slug
    print(f"attend: {name} does not come back, even when asked to; stopped.", file=sys.__stderr__, flush=True)
    os._exit(1)
