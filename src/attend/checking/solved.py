"""What a student sees of an exercise that is solved: other right ways to write it."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from attend.course.source import definition_text
from attend.course.syllabus import Course, Exercise, Topic
from attend.student.local import load_code, read_code
from attend.submissions.answer_file import answer
from attend.testing.session import TopicTests
from attend.testing.ways import SealedWays, Way


@dataclass(frozen=True)
class Solved:
    """A student's own code of an exercise, and other ways to write it; `ways` is None where it is not right yet."""

    own: str
    ways: list[Way] | None


def other_ways(course: Course, topic: Topic, exercise: Exercise, text: str | None = None) -> Solved:
    """A student's answer to an exercise beside other ways to write it.

    Args:
        text: the student's module; the one in assignments/ when left out.

    Raises:
        UnloadableError: the module cannot be loaded.
        SessionError: the public tests cannot be used.
    """
    path = answer(course.root / "assignments", topic)
    code = read_code(path, topic).code if text is None else text
    with contextlib.closing(TopicTests(course, topic, course.public_tests(topic))) as tests:
        found = opened_ways(course, tests, exercise, path, code)
    return Solved(definition_text(code, exercise.target) if found else "", found)


def opened_ways(
    course: Course, tests: TopicTests, exercise: Exercise, path: Path, code: str
) -> list[Way] | None:
    """Other ways to write an exercise, where `code`, a module whose file is `path`, has a right answer; else None.

    Raises:
        UnloadableError: the module cannot be loaded.
    """
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        module = load_code(path, tests.topic, code, course.grading.load_seconds)
        return SealedWays.read(course.ways(tests.topic)).open(exercise, tests, module)
