"""A topic's tests, collected once by pytest and run many times, on one student's code after another."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.student import Student, settings
from attend.testing.items import exercise_of, seed_of, set_course
from attend.testing.plugin import MAKERS
from attend.testing.pytest_internals import (
    Outcome,
    argument_names,
    close_session,
    open_session,
    parameters,
    run_with_fixtures,
)
from attend.testing.sources import set_source

# pytest's plugins that a test function with fixtures does not need: their hooks would take longer than the tests.
UNUSED_PLUGINS = (
    "cacheprovider",
    "terminal",
    "capture",
    "logging",
    "warnings",
    "faulthandler",
    "unraisableexception",
)


class SessionError(AttendError):
    """A test file cannot be used as it is."""

    exit_code = 1


@dataclass
class Run:
    """One test run on one student's code: what it raised, if anything, and the handle with the calls that it made."""

    item: pytest.Item
    student: Student
    error: BaseException | None
    seconds: float


class TopicTests:
    """The tests of one file, by exercise. It is the `Source` of the code that they run on.

    Raises:
        SessionError: the file does not exist or cannot be imported, a test is marked with no exercise of the topic,
            or an exercise has no test.
    """

    def __init__(self, course: Course, topic: Topic, path: Path):
        self.topic, self.path = topic, path
        self._student: Student | None = None
        if not path.exists():
            raise SessionError(f"{path} does not exist: the topic lacks that layer.")
        arguments = [str(path), "--rootdir", str(course.root), "-c", str(course.root / "pyproject.toml")]
        arguments += ["--disable-plugin-autoload", "-p", "attend.testing.plugin"]
        arguments += [part for name in UNUSED_PLUGINS for part in ("-p", f"no:{name}")]

        def prepare(config: pytest.Config) -> None:
            set_source(config, self)
            set_course(config, course)
            # pytest takes a bracket in an argument for the beginning of a test's parameters: it gets the bare name
            config.args = [path.name]
            given = config.invocation_params
            config.invocation_params = pytest.Config.InvocationParams(
                args=given.args, plugins=given.plugins, dir=path.resolve().parent
            )

        _forget_module(path)
        try:
            self._session = open_session(arguments, prepare)
        except (Exception, SystemExit, Outcome) as error:
            raise SessionError(
                f"{path.name} cannot be collected: {error or type(error).__name__}."
            ) from error
        try:
            self.items = self._by_exercise()
        except SessionError:
            self.close()
            raise

    def _by_exercise(self) -> dict[str, list[pytest.Item]]:
        if self._session.testsfailed:
            raise SessionError(f"{self.path.name} cannot be collected; run `pytest {self.path}` to see why.")
        items: dict[str, list[pytest.Item]] = {exercise.name: [] for exercise in self.topic.exercises}
        for item in self._session.items:
            name = exercise_of(item)
            if name is None or name not in items:
                raise SessionError(
                    f"{item.name} in {self.path.name} is marked with no exercise of the topic."
                )
            items[name].append(item)
        if empty := [name for name, tests in items.items() if not tests]:
            raise SessionError(f"{self.path.name} has no test for {', '.join(empty)}.")
        return items

    def student_for(self, item: pytest.Item) -> Student:
        """The handle that the `student` fixture passes to the test that is running.

        Raises:
            RuntimeError: no test is running.
        """
        if self._student is None:
            raise RuntimeError("student_for is called while a test is running")
        return self._student

    def run(self, item: pytest.Item, student: Student) -> Run:
        """Set up, run and tear down one test, as pytest's runner does, without its reports."""
        self._student = student
        # a test begins as if it were the first: what ran before, on whose code ever, changes nothing that it draws
        settings.seed_generators(seed_of(item, "the test's side"))
        settings.reset_torch()
        start = time.perf_counter()
        error: BaseException | None = None
        try:
            if isinstance(item, pytest.Function) and _takes_own_fixtures(item):
                _call(item)
            else:
                run_with_fixtures(item)
        except (Exception, Outcome) as raised:
            # its frames hold the test's arrays, and one of them the error itself: a cycle
            error = raised.with_traceback(None)
        return Run(item, student, error, time.perf_counter() - start)

    def close(self) -> None:
        """Tear down what the tests set up, and pytest itself."""
        close_session(self._session)


def _forget_module(path: Path) -> None:
    """Have pytest import the file: it would take a module of this name that another course's file was imported as."""
    for name in [name for name in sys.modules if name.rpartition(".")[2] == path.stem]:
        del sys.modules[name]


def _takes_own_fixtures(item: pytest.Function) -> bool:
    """Whether the test takes only the plugin's own fixtures and parameters."""
    return {*argument_names(item)} <= {*MAKERS, *parameters(item)}


def _call(item: pytest.Function) -> None:
    """Call the test function directly: setting it up through pytest takes longer than most tests."""
    values = parameters(item)
    for name in argument_names(item):
        if name not in values:
            values[name] = MAKERS[name](item)
    item.obj(**values)
