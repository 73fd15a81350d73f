"""Run a topic's public tests on a student's module, in this process."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from attend.checking.parallel import ForkedChecks, forked_checks
from attend.course.notebook import NotebookCode
from attend.course.syllabus import Course, Exercise, Topic
from attend.student import Student
from attend.student.deadline import deadline
from attend.student.errors import StudentTimeout
from attend.student.local import (
    LocalBackend,
    NeedsTorchError,
    UnloadableError,
    has_library,
    load_code,
    read_code,
)
from attend.student.module import left_out, load_module
from attend.submissions.answer_file import answer
from attend.testing.items import sentence
from attend.testing.plugin import public_seconds
from attend.testing.session import TopicTests
from attend.testing.verdict import ExerciseVerdict, TopicCheck, TopicVerdicts, place_of, where

# processor time that the search for the smallest call may take, for one exercise
SMALLEST_SECONDS = 0.5


def _ignore(_value: object) -> None:
    """Do nothing."""


class Checker:
    """A topic's public tests, ready to be run on one version of a module after another.

    on_stuck: is called, in another thread, when a test does not end although its time is used up.
    with_fork: check the last exercises in a forked process at the same time.
    tests: the public tests.
    current: the exercise whose tests are running.

    Raises:
        NeedsTorchError: the topic needs PyTorch, which is not installed.
        SessionError: the public tests cannot be used.
    """

    def __init__(
        self,
        course: Course,
        topic: Topic,
        on_stuck: Callable[[], None] | None = None,
        with_fork: bool = False,
    ):
        if not has_library(topic):
            raise NeedsTorchError(topic)
        self._course, self.topic, self._on_stuck, self._with_fork = course, topic, on_stuck, with_fork
        self.tests = TopicTests(course, topic, course.public_tests(topic))
        self.current: Exercise | None = None

    def check(
        self,
        path: Path,
        exercises: tuple[Exercise, ...] = (),
        text: str | None = None,
        on_start: Callable[[Exercise], None] = _ignore,
        on_verdict: Callable[[ExerciseVerdict], None] = _ignore,
    ) -> TopicCheck:
        """Check the module at `path` with the public tests of `exercises`; of all exercises when none is named.

        Args:
            text: what is checked in the place of the text at `path`.
            on_start, on_verdict: are called before and after the tests of each exercise.
        """
        result = TopicCheck(self.topic, path)
        try:
            read = read_code(path, self.topic) if text is None else NotebookCode(text)
            result.code = read.code
            with _captured(self.topic):
                module = load_code(path, self.topic, result.code, self._course.grading.load_seconds)
        except UnloadableError as error:
            result.problem = str(error)
            result.line = place_of(error)
            return result
        result.notes = [*read.notes, *_left_out(path, module)]
        self._check_exercises(result, path, module, exercises, on_start, on_verdict)
        return result

    def check_live(self, names: Mapping[str, Any], exercises: tuple[Exercise, ...]) -> TopicCheck:
        """Check functions that are already defined, as those of a notebook."""
        module = ModuleType(f"attend_live_{self.topic.slug}")
        module.__dict__.update(names)
        result = TopicCheck(self.topic)
        self._check_exercises(result, Path(f"{self.topic.slug}.ipynb"), module, exercises)
        return result

    def _check_exercises(
        self,
        result: TopicCheck,
        path: Path,
        module: ModuleType,
        exercises: tuple[Exercise, ...],
        on_start: Callable[[Exercise], None] = _ignore,
        on_verdict: Callable[[ExerciseVerdict], None] = _ignore,
    ) -> None:
        verdicts = TopicVerdicts(self._course, self.topic, path)
        fresh = partial(_fresh, module, path, result.code)
        wanted = [
            exercise for exercise in self.topic.exercises if exercise in (exercises or self.topic.exercises)
        ]
        with self._fork(wanted, module, path, fresh) as fork:
            for exercise in wanted:
                self.current = exercise
                on_start(exercise)
                known = None
                if fork and not fork.take() and not verdicts.reason_to_skip(exercise):
                    known = fork.verdict(exercise)
                if known is None:
                    self._run_tests(exercise, module, verdicts)
                    self._find_smallest(exercise, verdicts, fresh)
                else:
                    verdicts.add_verdict(known)
                result.verdicts.append(verdicts.of(exercise))
                on_verdict(verdicts.of(exercise))
        self.current = None

    def _fork(
        self, wanted: list[Exercise], module: ModuleType, path: Path, fresh: Callable[[], Student]
    ) -> AbstractContextManager[ForkedChecks | None]:
        """A process that checks the last exercises at the same time, where one is wanted."""
        if not self._with_fork or len(wanted) < 2:
            return contextlib.nullcontext()
        verdicts = TopicVerdicts(self._course, self.topic, path)

        def verdict(exercise: Exercise) -> ExerciseVerdict:
            # the other process checks the exercise again and reports that it is stuck
            self._on_stuck = _exit
            self._run_tests(exercise, module, verdicts)
            self._find_smallest(exercise, verdicts, fresh)
            return verdicts.of(exercise)

        return forked_checks(self.topic, wanted, verdict)

    def _run_tests(self, exercise: Exercise, module: ModuleType, verdicts: TopicVerdicts) -> None:
        verdict = verdicts.of(exercise)
        for item in self.tests.items[exercise.name]:
            verdict.skipped = verdicts.reason_to_skip(exercise)
            if verdict.skipped:
                return
            with _captured(self.topic) as printed, deadline(public_seconds(self.topic), self._on_stuck):
                run = self.tests.run(item, Student(LocalBackend(module)))
            steps = run.student.steps
            verdicts.add(exercise, item.name, sentence(item), run.error, steps, printed.getvalue())

    def _find_smallest(
        self, exercise: Exercise, verdicts: TopicVerdicts, fresh: Callable[[], Student]
    ) -> None:
        if not verdicts.of(exercise).has_own_mistake:
            return
        with suppress(StudentTimeout), _captured(self.topic), deadline(SMALLEST_SECONDS, self._on_stuck):
            verdicts.find_smallest(exercise, fresh)

    def close(self) -> None:
        """Undo what the tests set up."""
        self.tests.close()


def _fresh(module: ModuleType, path: Path, text: str) -> Student:
    """The code loaded anew; functions that are defined already, as those of a notebook, are as they are."""
    if text:
        module = load_module(text, f"{module.__name__}_anew", str(path))
    return Student(LocalBackend(module))


def _left_out(path: Path, module: ModuleType) -> list[str]:
    """A sentence for each statement at the top of the module that raised."""
    return [
        f"{where(path, each.line)} was left out, because it raised {each.exception_name}: {each.message}"
        for each in left_out(module.__name__)
    ]


class _Printed(io.StringIO):
    """Captured output; code may ask for another encoding, as on a real standard output."""

    def reconfigure(self, **_options: object) -> None:
        """Keep every setting: the text is not encoded."""


@contextlib.contextmanager
def _captured(topic: Topic) -> Iterator[io.StringIO]:
    """Capture what the student's code prints, give it an empty stdin, and have breakpoint() raise an explanation."""
    printed, stdin, hook = _Printed(), sys.stdin, sys.breakpointhook

    def advise(*_args: object, **_kwargs: object) -> NoReturn:
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
    """Check the answer in the folder `code` (default: assignments/) to the topic, or to some of its exercises.

    Raises:
        NeedsTorchError: the topic needs PyTorch, which is not installed.
        SessionError: the public tests cannot be used.
    """
    path = answer((code or course.root / "assignments").resolve(), topic)
    with contextlib.closing(Checker(course, topic, lambda: _give_up(checker))) as checker:
        return checker.check(path, exercises)


def check_text(course: Course, topic: Topic, text: str) -> TopicCheck:
    """Check a text as if it were the answer in assignments/. Raises as `check_topic` does."""
    with contextlib.closing(Checker(course, topic, lambda: _give_up(checker))) as checker:
        return checker.check(answer(course.root / "assignments", topic), text=text)


def _exit() -> NoReturn:
    os._exit(1)


def _give_up(checker: Checker) -> NoReturn:
    """End the process: no exception ends a call inside a library."""
    exercise = checker.current
    name = f"{exercise.label} {exercise.name}" if exercise else checker.topic.slug
    words = f"attend: {name} does not return, even when its time is over; stopped."
    print(words, file=sys.__stderr__, flush=True)
    _exit()
