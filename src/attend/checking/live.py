"""Check an exercise whose functions are already defined, as where `otter check` has run a file."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attend.checking.checker import Checker
from attend.course.syllabus import Topic, load_course


@cache
def _open(slug: str) -> tuple[Topic, Checker]:
    course = load_course()
    topic = course.topic(slug)
    return topic, Checker(course, topic)


def check_exercise(names: Mapping[str, Any], slug: str, name: str) -> None:
    """Run the public tests of an exercise on what `names` defines. The course is that of the working folder.

    Raises:
        AssertionError: a test does not pass; its text is what `attend check` says.
        AttendError: there is no such course, topic or exercise, or its tests cannot be run.
    """
    topic, checker = _open(slug)
    (verdict,) = checker.check_live(names, (topic.exercise(name),)).verdicts
    if not verdict.passed:
        rows = "\n".join(f"{label}: {text}" for label, text in verdict.details())
        raise AssertionError(f"{verdict.remark}\n{rows}".strip())
