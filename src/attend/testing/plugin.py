"""The pytest plugin: fixtures `student`, `rng`, `torch_rng`, `reference`, and failures told in words.

A test file called `test_SLUG.py` is of topic SLUG. The same tests run on a module of this process (public
tests, `--code DIR`) or on one in a jailed worker (`--submission FILE`, `attend grade`).
"""

import hashlib
import sys
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise, Topic, find_course, load_course
from attend.student import Student, StudentTimeout
from attend.student.deadline import deadline
from attend.student.local import NeedsTorch, Unloadable, has_library, load_code, read_code
from attend.student.stub_names import StubNames
from attend.submissions.answer_file import answer
from attend.testing.explain import explain
from attend.testing.verdict import ExerciseVerdict, Failure, TopicVerdicts, failure_text, place_of, where

SEED = pytest.StashKey[int]()
STEPS = pytest.StashKey[list]()
_COURSE = pytest.StashKey[Course | None]()
_SOURCE = pytest.StashKey["Source"]()
_REFERENCES = pytest.StashKey[dict]()
_VERDICTS = pytest.StashKey["dict[str, TopicVerdicts]"]()
_TOLD = pytest.StashKey["list[tuple[pytest.TestReport, ExerciseVerdict, Failure]]"]()
_LACKING = pytest.StashKey["list[str]"]()


class Source(Protocol):
    """Where the student's code comes from."""

    def student_for(self, item: pytest.Item) -> Student: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("attend")
    group.addoption("--code", default=None, help="folder whose modules public tests run on (assignments/)")
    group.addoption(
        "--submission", default=None, help="a file, folder or zip to run hidden graders on, jailed"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exercise(name): the exercise of the topic that this test belongs to")


def set_source(config: pytest.Config, source: Source) -> None:
    """Have the `student` fixture ask `source`."""
    config.stash[_SOURCE] = source


def course_of(config: pytest.Config) -> Course | None:
    if _COURSE not in config.stash:
        try:
            config.stash[_COURSE] = load_course(find_course(config.rootpath))
        except AttendError:
            config.stash[_COURSE] = None
    return config.stash[_COURSE]


def topic_of(item: pytest.Item) -> Topic | None:
    """The topic whose tests the item's file holds, or None."""
    course = course_of(item.config)
    slug = item.path.stem.removeprefix("test_")
    return course.by_slug.get(slug) if course else None


def exercise_of(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("exercise")
    return mark.args[0] if mark else None


def is_hidden(item: pytest.Item) -> bool:
    """Whether the item runs on somebody's submission: then its values are shown to nobody."""
    source = item.config.stash.get(_SOURCE, None)
    return source is not None and not isinstance(source, LocalSource)


def sentence(item: pytest.Item) -> str:
    """What a test asks for: its docstring's first line."""
    return (item.function.__doc__ or item.name).strip().splitlines()[0]


def make_student(item: pytest.Item) -> Student:
    source = item.config.stash.get(_SOURCE, None)
    if source is None:
        source = item.config.stash[_SOURCE] = _make_source(item)
    handle = source.student_for(item)
    # a seed of its own: from the test's, a submission could foresee every random number of a hidden test
    item.stash[SEED] = _seed(item, "the student's side")
    handle.reset(item.stash[SEED])
    item.stash[STEPS] = handle
    return handle


def make_rng(item: pytest.Item) -> np.random.Generator:
    return np.random.default_rng(_seed(item))


def make_torch_rng(item: pytest.Item):
    import torch

    return torch.Generator().manual_seed(_seed(item))


def make_reference(item: pytest.Item):
    from attend.student.module import load_module

    loaded = item.config.stash.setdefault(_REFERENCES, {})
    slug = item.path.stem.removeprefix("test_")
    if slug not in loaded:
        path = course_of(item.config).root / "solutions" / f"{slug}.py"
        loaded[slug] = load_module(path.read_text(encoding="utf-8"), f"attend_reference_{slug}", str(path))
    return loaded[slug]


# What the fixtures are made by; a session that runs one test thousands of times calls these itself.
MAKERS = {"student": make_student, "rng": make_rng, "torch_rng": make_torch_rng, "reference": make_reference}


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The student's module: `student.softmax(x)`, `student.Encoder(9, 4, 5)`."""
    return make_student(request.node)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded from the course, the topic and the test's name."""
    return make_rng(request.node)


@pytest.fixture
def torch_rng(request: pytest.FixtureRequest):
    """A torch generator seeded from the course, the topic and the test's name."""
    return make_torch_rng(request.node)


@pytest.fixture
def reference(request: pytest.FixtureRequest):
    """The topic's reference solution, as a module. For hidden graders only."""
    return make_reference(request.node)


def seed_for(course_seed: int, file_stem: str, test: str) -> int:
    """A seed below 2**56, the same on every machine."""
    digest = hashlib.sha256(f"{course_seed}:{file_stem}:{test}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def _seed(item: pytest.Item, side: str = "") -> int:
    course = course_of(item.config)
    return seed_for(course.seed if course else 0, item.path.stem, item.name + side)


class LocalSource:
    """Modules of one folder, loaded into this process."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._loaded: dict[str, object] = {}  # a module, or why there is none

    def path_of(self, topic: Topic) -> Path:
        return answer(self._folder, topic)

    def student_for(self, item: pytest.Item) -> Student:
        from attend.student.local import LocalBackend

        topic = topic_of(item)
        if topic is None:
            raise pytest.UsageError(f"{item.path.name} is no topic's test file: course.toml has no such slug")
        if topic.slug not in self._loaded:
            path = self.path_of(topic)
            try:
                self._loaded[topic.slug] = load_code(path, topic, read_code(path, topic))
            except Unloadable as error:
                self._loaded[topic.slug] = error
        loaded = self._loaded[topic.slug]
        if isinstance(loaded, Unloadable):
            raise loaded
        return Student(LocalBackend(loaded))


class SubmissionSource:
    """One submission, in a jailed worker: what `attend grade` does, for one file under plain pytest."""

    def __init__(self, path: Path, topic: Topic, call_seconds: float):
        from attend.sandbox import jail
        from attend.sandbox.backend import RemoteBackend
        from attend.sandbox.client import Zygote
        from attend.submissions.submission import read_submission

        submission = read_submission(path, topic, path.stem)
        zygote = Zygote(topic.library, jail.best_level())
        self._backend = RemoteBackend(zygote, submission.filename, submission.text, call_seconds)

    def student_for(self, item: pytest.Item) -> Student:
        return Student(self._backend)


def _make_source(item: pytest.Item) -> Source:
    config, course = item.config, course_of(item.config)
    if config.option.submission is not None:
        return SubmissionSource(Path(config.option.submission), topic_of(item), course.grading.call_seconds)
    if config.option.code is not None:
        return LocalSource(config.invocation_params.dir / config.option.code)
    return LocalSource(course.root / "assignments")


# Public tests: an end to endless loops, and failures told as `attend check` tells them.


def public_seconds(topic: Topic) -> float:
    """How long one public test may take."""
    return 10.0 if topic.library == "torch" else 5.0


def _is_public(item: pytest.Item) -> bool:
    """Whether the item is a course's test that runs on a module of this process."""
    return exercise_of(item) is not None and topic_of(item) is not None and not is_hidden(item)


def _exercise(item: pytest.Item) -> Exercise:
    return topic_of(item).exercise(exercise_of(item))


def _verdicts(item: pytest.Item) -> TopicVerdicts:
    """The verdicts of this session on the item's topic."""
    topic = topic_of(item)
    known = item.config.stash.setdefault(_VERDICTS, {})
    if topic.slug not in known:
        source = item.config.stash.get(_SOURCE, None)
        path = source.path_of(topic) if source else Path(f"{topic.slug}.py")
        known[topic.slug] = TopicVerdicts(course_of(item.config), topic, path)
    return known[topic.slug]


def _in_debugger(config: pytest.Config) -> bool:
    """Whether somebody may be stepping through the code and need all the time in the world."""
    monitoring = getattr(sys, "monitoring", None)
    debugging = monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None
    return debugging or sys.gettrace() is not None or config.option.usepdb


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    if not _is_public(item) or _in_debugger(item.config):
        return (yield)
    reason = _verdicts(item).hopeless(_exercise(item))
    if reason:
        pytest.skip(reason)
    try:
        with deadline(public_seconds(topic_of(item))):
            return (yield)
    except (
        StudentTimeout
    ) as error:  # it came from another thread: pytest cannot tell a line for all of its frames
        raise error.with_traceback(None) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if exercise_of(item) is None or topic_of(item) is None or report.skipped:
        return report
    error = call.excinfo.value if report.failed and call.excinfo else None
    if is_hidden(item):
        if error is not None:
            report.longrepr = _hidden_text(item, error)
    elif isinstance(error, Unloadable):
        report.longrepr = _unloadable_text(topic_of(item), error)
    elif call.when == "call":
        _tell(item, report, error)
    return report


def _hidden_text(item: pytest.Item, error: BaseException) -> str:
    handle = item.stash.get(STEPS, None)
    topic = topic_of(item)
    names = StubNames(topic, course_of(item.config).solution(topic).read_text(encoding="utf-8"))
    explanation = explain(error, handle.steps if handle else [], with_values=False, names=names)
    place = where(Path(f"{topic.slug}.py"), explanation.line)
    failure = Failure(item.name, sentence(item), explanation, place)
    return failure_text(ExerciseVerdict(_exercise(item)), failure)


def _unloadable_text(topic: Topic, error: Unloadable) -> str:
    return f"{topic.number}: {error}\n{place_of(error)}".rstrip()


def _tell(item: pytest.Item, report: pytest.TestReport, error: BaseException | None) -> None:
    handle = item.stash.get(STEPS, None)
    verdicts, exercise = _verdicts(item), _exercise(item)
    failure = verdicts.add(exercise, item.name, sentence(item), error, handle.steps if handle else [])
    if failure is not None and item.config.option.verbose < 2:  # -vv keeps pytest's traceback
        verdict = verdicts.of(exercise)
        report.longrepr = failure_text(verdict, failure)
        item.config.stash.setdefault(_TOLD, []).append((report, verdict, failure))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the failures again: only now is known what every test of an exercise says about the mistake."""
    for report, verdict, failure in session.config.stash.get(_TOLD, []):
        report.longrepr = failure_text(verdict, failure)


class _Lacking(pytest.Module):
    """A test file of a topic whose library is not installed."""

    def collect(self):
        self.config.stash.setdefault(_LACKING, []).append(self.reason)
        raise pytest.skip.Exception(self.reason, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    course = course_of(parent.config)
    topic = course.by_slug.get(module_path.stem.removeprefix("test_")) if course else None
    if topic is None or has_library(topic):
        return None
    module = _Lacking.from_parent(parent, path=module_path)
    module.reason = str(NeedsTorch(topic))
    return module


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    for reason in config.stash.get(_LACKING, []):
        terminalreporter.write_line(f"skipped: {reason}")
