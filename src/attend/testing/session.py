"""A topic's tests collected once by pytest, to be run again and again on one student's code after another."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest import outcomes
from _pytest.config import _prepareconfig

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.student import Student
from attend.testing.plugin import MAKERS, exercise_of, set_source


class SessionError(AttendError):
    """A test file cannot be used as it stands."""

    exit_code = 1


@dataclass
class Run:
    """One test run on one student's code: what it raised, if anything, and the handle with its record."""

    item: pytest.Item
    student: Student
    error: BaseException | None
    seconds: float


class TopicTests:
    """The tests of one file, by exercise."""

    def __init__(self, course: Course, topic: Topic, path: Path):
        self.topic, self.path = topic, path
        self._student: Student | None = None
        if not path.exists():
            raise SessionError(f"{path} does not exist: the topic lacks that layer.")
        # only what running a function with fixtures takes: other plugins' hooks would cost more than the tests
        off = (
            "cacheprovider",
            "terminal",
            "capture",
            "logging",
            "warnings",
            "faulthandler",
            "unraisableexception",
        )
        lean = ["--disable-plugin-autoload", "-p", "attend.testing.plugin"]
        lean += [part for name in off for part in ("-p", f"no:{name}")]
        root = ["--rootdir", str(course.root), "-c", str(course.root / "pyproject.toml")]
        self._config = _prepareconfig([str(path), *root, *lean])
        set_source(self._config, self)
        self._config._do_configure()
        self._session = pytest.Session.from_config(self._config)
        self._config.hook.pytest_sessionstart(session=self._session)
        try:
            self._config.hook.pytest_collection(session=self._session)
        except (Exception, SystemExit, outcomes.Exit) as error:
            raise SessionError(
                f"{path.name} cannot be collected: {error or type(error).__name__}."
            ) from error
        if self._session.testsfailed:
            raise SessionError(f"{path.name} cannot be collected; run `pytest {path}` to see why.")
        self.items: dict[str, list[pytest.Item]] = {exercise.name: [] for exercise in topic.exercises}
        for item in self._session.items:
            name = exercise_of(item)
            if name not in self.items:
                raise SessionError(f"{item.name} in {path.name} is marked with no exercise of the topic.")
            self.items[name].append(item)
        empty = [name for name, items in self.items.items() if not items]
        if empty:
            raise SessionError(f"{path.name} has no test for {', '.join(empty)}.")

    def student_for(self, item: pytest.Item) -> Student:
        """What the `student` fixture gives to a test: the plugin asks here."""
        return self._student

    def run(self, item: pytest.Item, student: Student) -> Run:
        """Set up, run and tear down one test, as pytest's runner does, without its reports."""
        self._student = student
        start = time.perf_counter()
        error = None
        try:
            if self._is_plain(item):
                self._run_plain(item)
            else:
                self._run_by_pytest(item)
        except (Exception, outcomes.OutcomeException) as raised:
            # its frames hold the test's arrays, and one of them the error itself: a cycle
            error = raised.with_traceback(None)
        return Run(item, student, error, time.perf_counter() - start)

    def _is_plain(self, item: pytest.Item) -> bool:
        """Whether the test takes nothing but our own fixtures and parameters."""
        return set(item._fixtureinfo.initialnames) <= {*MAKERS, *_parameters(item)}

    def _run_plain(self, item: pytest.Item) -> None:
        """Call the test function itself: pytest's way to the same call takes longer than most tests."""
        values = {**_parameters(item)}
        for name in item._fixtureinfo.initialnames:
            if name not in values:
                values[name] = MAKERS[name](item)
        item.obj(**values)

    def _run_by_pytest(self, item: pytest.Item) -> None:
        items = self._session.items
        following = items[(items.index(item) + 1) % len(items)]
        item._initrequest()
        try:
            self._session._setupstate.setup(item)
            item.runtest()
        finally:
            self._session._setupstate.teardown_exact(following)

    def close(self) -> None:
        self._session._setupstate.teardown_exact(None)
        self._config._ensure_unconfigure()


def _parameters(item: pytest.Item) -> dict:
    return item.callspec.params if hasattr(item, "callspec") else {}
