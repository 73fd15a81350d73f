"""Where the code that tests run on comes from: a folder of modules in this process, or a submission in a worker."""

from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from attend.course.syllabus import Course, Topic
from attend.student import Student
from attend.student.local import LocalBackend, UnloadableError, load_code, read_code
from attend.submissions.answer_file import answer
from attend.testing.items import course_of, topic_of

_SOURCE = pytest.StashKey["Source"]()


class Source(Protocol):
    """Where the student's code comes from."""

    def student_for(self, item: pytest.Item) -> Student:
        """The handle to the code that the test `item` is run on."""


def set_source(config: pytest.Config, source: Source) -> None:
    """Have the `student` fixture ask `source`."""
    config.stash[_SOURCE] = source


def source_of(item: pytest.Item) -> Source:
    """The source of the run: the one that was set, or the one that the options `--submission` and `--code` name.

    Raises:
        pytest.UsageError: the item's file is not one of a topic's tests.
    """
    source = known_source(item.config)
    if source is None:
        source = _make_source(item)
        set_source(item.config, source)
    return source


def known_source(config: pytest.Config) -> Source | None:
    """The source of the run; None where no test has asked for it yet."""
    return config.stash.get(_SOURCE, None)


def is_hidden(item: pytest.Item) -> bool:
    """Whether the item runs on a submission: its values are not shown then."""
    source = known_source(item.config)
    return source is not None and not isinstance(source, LocalSource)


class LocalSource:
    """The modules of one folder, loaded into this process."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._loaded: dict[str, ModuleType | UnloadableError] = {}

    def path_of(self, topic: Topic) -> Path:
        """The file of the topic's answer: its module or notebook."""
        return answer(self._folder, topic)

    def student_for(self, item: pytest.Item) -> Student:
        """The handle to the code that the test `item` is run on.

        Raises:
            UnloadableError: the file cannot be loaded.
            pytest.UsageError: the item's file is not one of a topic's tests.
        """
        course, topic = _course_and_topic(item)
        if topic.slug not in self._loaded:
            path = self.path_of(topic)
            try:
                text = read_code(path, topic).code
                self._loaded[topic.slug] = load_code(path, topic, text, course.grading.load_seconds)
            except UnloadableError as error:
                self._loaded[topic.slug] = error
        loaded = self._loaded[topic.slug]
        if isinstance(loaded, UnloadableError):
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
        self._backend = RemoteBackend(zygote, f"{topic.slug}.py", submission.text, call_seconds)

    def student_for(self, item: pytest.Item) -> Student:
        """The handle to the code that the test `item` is run on."""
        return Student(self._backend)


def _make_source(item: pytest.Item) -> Source:
    config = item.config
    course, topic = _course_and_topic(item)
    if config.option.submission is not None:
        return SubmissionSource(Path(config.option.submission), topic, course.grading.call_seconds)
    if config.option.code is not None:
        return LocalSource(config.invocation_params.dir / config.option.code)
    return LocalSource(course.root / "assignments")


def _course_and_topic(item: pytest.Item) -> tuple[Course, Topic]:
    course, topic = course_of(item.config), topic_of(item)
    if course is None or topic is None:
        raise pytest.UsageError(
            f"{item.path.name} is not the test file of a topic: course.toml has no such slug."
        )
    return course, topic
