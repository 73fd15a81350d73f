"""The pytest plugin: the fixtures `student`, `rng`, `torch_rng`, `reference`, and failures explained in words.

The same tests run on a module of this process (public tests, `--code DIR`) or on one in a jailed worker
(`--submission FILE`, `attend grade`).
"""

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from attend.course.syllabus import Topic
from attend.student import Student, StudentTimeout
from attend.student.deadline import deadline
from attend.student.local import NeedsTorchError, UnloadableError, has_library
from attend.student.stub_names import StubNames
from attend.testing.explain import explain
from attend.testing.items import CourseTest, course_of, course_test, seed_of, sentence, slug_of
from attend.testing.sources import LocalSource, is_hidden, known_source, source_of
from attend.testing.verdict import (
    ExerciseVerdict,
    FailedTest,
    TopicVerdicts,
    failure_text,
    place_of,
    where,
)

if TYPE_CHECKING:
    import torch

SEED = pytest.StashKey[int]()
_STUDENT = pytest.StashKey[Student]()
_REFERENCES = pytest.StashKey[dict[str, ModuleType]]()
_VERDICTS = pytest.StashKey[dict[str, TopicVerdicts]]()
_FAILURES = pytest.StashKey[list[tuple[pytest.TestReport, ExerciseVerdict, FailedTest]]]()
_SKIPPED_FILES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--code` and `--submission`."""
    group = parser.getgroup("attend")
    group.addoption("--code", default=None, help="folder whose modules public tests run on (assignments/)")
    group.addoption(
        "--submission", default=None, help="a file, folder or zip to run hidden graders on, jailed"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of exercises."""
    config.addinivalue_line("markers", "exercise(name): the exercise of the topic that this test belongs to")


# Fixtures


def make_student(item: pytest.Item) -> Student:
    """The handle for the `student` fixture, with generators seeded for this test and no calls recorded.

    Raises:
        UnloadableError: the student's file cannot be loaded.
        pytest.UsageError: the item's file is not one of a topic's tests.
    """
    handle = source_of(item).student_for(item)
    # with the test's own seed a submission could predict every random number of a hidden test
    item.stash[SEED] = seed_of(item, "the student's side")
    handle.reset(item.stash[SEED])
    item.stash[_STUDENT] = handle
    return handle


def make_rng(item: pytest.Item) -> np.random.Generator:
    """The generator for the `rng` fixture, seeded from the course, the topic and the test."""
    return np.random.default_rng(seed_of(item))


def make_torch_rng(item: pytest.Item) -> "torch.Generator":
    """The generator for the `torch_rng` fixture, seeded as that of `make_rng`."""
    import torch

    return torch.Generator().manual_seed(seed_of(item))


def make_reference(item: pytest.Item) -> ModuleType:
    """The module of the topic's solution, loaded once a run.

    Raises:
        pytest.UsageError: the test run has no course.
    """
    from attend.student.module import load_module

    loaded = item.config.stash.setdefault(_REFERENCES, {})
    slug = slug_of(item)
    if slug not in loaded:
        course = course_of(item.config)
        if course is None:
            raise pytest.UsageError(f"there is no course.toml at or above {item.config.rootpath}")
        path = course.root / "solutions" / f"{slug}.py"
        loaded[slug] = load_module(path.read_text(encoding="utf-8"), f"attend_reference_{slug}", str(path))
    return loaded[slug]


# How each fixture is made. A session that runs one test thousands of times calls these functions itself.
MAKERS: dict[str, Callable[[pytest.Item], Any]] = {
    "student": make_student,
    "rng": make_rng,
    "torch_rng": make_torch_rng,
    "reference": make_reference,
}


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The student's module: `student.softmax(x)`, `student.Encoder(9, 4, 5)`."""
    return make_student(request.node)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded from the course, the topic and the test's name."""
    return make_rng(request.node)


@pytest.fixture
def torch_rng(request: pytest.FixtureRequest) -> "torch.Generator":
    """A torch generator seeded from the course, the topic and the test's name."""
    return make_torch_rng(request.node)


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> ModuleType:
    """The topic's reference solution, as a module. For hidden graders only."""
    return make_reference(request.node)


# Public tests: a limit on their time, and failures explained as `attend check` explains them.


def public_seconds(topic: Topic) -> float:
    """The processor time that one public test may use."""
    return 10.0 if topic.library == "torch" else 5.0


def _public_test(item: pytest.Item) -> CourseTest | None:
    """What the item is a test of, where it is a public test: it runs on a module of this process."""
    return None if is_hidden(item) else course_test(item)


def _verdicts(item: pytest.Item, test: CourseTest) -> TopicVerdicts:
    """The verdicts of this session on the item's topic."""
    topic = test.topic
    known = item.config.stash.setdefault(_VERDICTS, {})
    if topic.slug not in known:
        source = known_source(item.config)
        path = source.path_of(topic) if isinstance(source, LocalSource) else Path(f"{topic.slug}.py")
        known[topic.slug] = TopicVerdicts(test.course, topic, path)
    return known[topic.slug]


def _in_debugger(config: pytest.Config) -> bool:
    """Whether the code may be run step by step, so that no time limit makes sense."""
    monitoring = getattr(sys, "monitoring", None)
    debugging = monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None
    return debugging or sys.gettrace() is not None or bool(config.option.usepdb)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run a public test within its time; skip it where an exercise that it needs did not return in time."""
    test = _public_test(item)
    if test is None or _in_debugger(item.config):
        return (yield)
    reason = _verdicts(item, test).reason_to_skip(test.exercise)
    if reason:
        pytest.skip(reason)
    try:
        with deadline(public_seconds(test.topic)):
            return (yield)
    except StudentTimeout as error:
        # another thread raised it, so that pytest finds no line for some of its frames
        raise error.with_traceback(None) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace pytest's own traceback by an explanation in the course's words."""
    report = yield
    test = course_test(item)
    if test is None or report.skipped:
        return report
    error = call.excinfo.value if report.failed and call.excinfo else None
    if is_hidden(item):
        if error is not None:
            report.longrepr = _hidden_text(item, test, error)
    elif isinstance(error, UnloadableError):
        report.longrepr = _unloadable_text(test.topic, error)
    elif call.when == "call":
        _add_to_verdict(item, test, report, error)
    return report


def _hidden_text(item: pytest.Item, test: CourseTest, error: BaseException) -> str:
    handle = item.stash.get(_STUDENT, None)
    course = course_of(item.config)
    solution = course.solution(test.topic).read_text(encoding="utf-8") if course else ""
    names = StubNames(test.topic, solution)
    explanation = explain(error, handle.steps if handle else [], with_values=False, names=names)
    place = where(Path(f"{test.topic.slug}.py"), explanation.line)
    failure = FailedTest(item.name, sentence(item), explanation, place)
    return failure_text(ExerciseVerdict(test.exercise), failure)


def _unloadable_text(topic: Topic, error: UnloadableError) -> str:
    return f"{topic.number}: {error}\n{place_of(error)}".rstrip()


def _add_to_verdict(
    item: pytest.Item, test: CourseTest, report: pytest.TestReport, error: BaseException | None
) -> None:
    handle = item.stash.get(_STUDENT, None)
    verdicts = _verdicts(item, test)
    failure = verdicts.add(test.exercise, item.name, sentence(item), error, handle.steps if handle else [])
    # -vv keeps pytest's traceback
    if failure is not None and item.config.option.verbose < 2:
        verdict = verdicts.of(test.exercise)
        report.longrepr = failure_text(verdict, failure)
        item.config.stash.setdefault(_FAILURES, []).append((report, verdict, failure))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Explain the failures again: the mistake is known only after all tests of an exercise."""
    for report, verdict, failure in session.config.stash.get(_FAILURES, []):
        report.longrepr = failure_text(verdict, failure)


class _SkippedFile(pytest.Module):
    """A test file of a topic whose library is not installed."""

    reason = ""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        self.config.stash.setdefault(_SKIPPED_FILES, []).append(self.reason)
        raise pytest.skip.Exception(self.reason, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip a topic whose library is not installed, with the reason."""
    course = course_of(parent.config)
    topic = course.by_slug.get(module_path.stem.removeprefix("test_")) if course else None
    if topic is None or has_library(topic):
        return None
    module: _SkippedFile = _SkippedFile.from_parent(parent, path=module_path)
    module.reason = str(NeedsTorchError(topic))
    return module


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which topics were skipped, and why."""
    for reason in config.stash.get(_SKIPPED_FILES, []):
        terminalreporter.write_line(f"skipped: {reason}")
