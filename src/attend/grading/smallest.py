"""The smallest call that shows what is wrong with an answer, found in a confined worker.

The calls and their right answers are the ones that students have at home (`tests/public/small/`): none of a hidden test.
"""

from collections.abc import Callable

from attend.course.syllabus import Course, Topic
from attend.sandbox.backend import RemoteBackend
from attend.student import Student, StudentTimeout
from attend.testing.small_table import SmallTable

# processor time of a worker, for one exercise
SECONDS = 0.5


class SmallestCalls:
    """The small calls of one topic, asked of submissions."""

    def __init__(self, course: Course, topic: Topic):
        self._table = SmallTable.read(course.small_calls(topic))

    def sentence(self, exercise: str, worker: Callable[[float], RemoteBackend]) -> str:
        """The smallest call with both answers; empty where none is wrong, or the time is used up.

        Of the submission's own answer it holds numbers, and the name of an exception's built-in type, but no text.

        Args:
            worker: makes a fresh worker whose calls may take so many seconds of processor time together.
        """
        opened: list[RemoteBackend] = []

        def fresh() -> Student:
            opened.append(worker(SECONDS))
            return Student(opened[-1])

        if not self._table.rows.get(exercise):
            return ""
        try:
            found = self._table.counterexample(exercise, fresh, with_text=False)
        except StudentTimeout:
            return ""
        finally:
            for backend in opened:
                backend.close()
        return found.sentence if found else ""
