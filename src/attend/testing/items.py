"""Which topic and exercise of the course a pytest item is a test of. A test file `test_SLUG.py` is of topic SLUG."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise, Topic, find_course, load_course

_COURSE = pytest.StashKey[Course | None]()


@dataclass(frozen=True)
class CourseTest:
    """A test of an exercise of the course."""

    course: Course
    topic: Topic
    exercise: Exercise


def course_of(config: pytest.Config) -> Course | None:
    """The course that the root folder of the test run belongs to; None where there is none."""
    if _COURSE not in config.stash:
        course = None
        try:
            course = load_course(find_course(config.rootpath))
        except AttendError:
            pass
        config.stash[_COURSE] = course
    return config.stash[_COURSE]


def set_course(config: pytest.Config, course: Course) -> None:
    """Have the test run belong to `course`, instead of the course that its root folder holds."""
    config.stash[_COURSE] = course


def topic_of(item: pytest.Item) -> Topic | None:
    """The topic whose tests the item's file holds, or None."""
    course = course_of(item.config)
    return course.by_slug.get(slug_of(item)) if course else None


def slug_of(item: pytest.Item) -> str:
    """The name of the item's file without `test_`."""
    return item.path.stem.removeprefix("test_")


def exercise_of(item: pytest.Item) -> str | None:
    """The name of the exercise that the test is marked with; None without a mark."""
    mark = item.get_closest_marker("exercise")
    return str(mark.args[0]) if mark else None


def for_exercises(*names: str) -> pytest.MarkDecorator:
    """A mark by which a test is run once for each exercise of these names; its argument `name` says for which."""
    exercises = [pytest.param(name, marks=pytest.mark.exercise(name)) for name in names]
    return pytest.mark.parametrize("name", exercises)


def course_test(item: pytest.Item) -> CourseTest | None:
    """What the item is a test of; None where it belongs to no topic or is marked with no exercise.

    Raises:
        SyllabusError: it is marked with an exercise that its topic does not have.
    """
    course, topic, name = course_of(item.config), topic_of(item), exercise_of(item)
    if course is None or topic is None or name is None:
        return None
    return CourseTest(course, topic, topic.exercise(name))


def function_of(item: pytest.Item) -> Callable[..., Any]:
    """The test function.

    Raises:
        TypeError: the item is not a test function.
    """
    if not isinstance(item, pytest.Function):
        raise TypeError(f"{item.name} is not a test function")
    function: Callable[..., Any] = item.function
    return function


def sentence(item: pytest.Item) -> str:
    """What a test asks for: the first line of its docstring."""
    return (function_of(item).__doc__ or item.name).strip().splitlines()[0]


def seed_for(input_seed: str, file_stem: str, test: str) -> int:
    """A seed below 2**56, the same on every machine."""
    digest = hashlib.sha256(f"{input_seed}:{file_stem}:{test}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def seed_of(item: pytest.Item, use: str = "") -> int:
    """The seed of a test, made from the course, the topic and the test's name; `use` makes another one of them."""
    course = course_of(item.config)
    return seed_for(course.input_seed if course else "0", item.path.stem, item.name + use)
