"""The smallest call that shows what is wrong with an answer, found in a confined worker.

The calls and their right answers are the ones that students have at home (`tests/public/small/`): none of a hidden test.
"""

from collections.abc import Callable

from attend.sandbox.backend import RemoteBackend
from attend.student import Student, StudentTimeout
from attend.testing.small_table import SmallTable

# processor time of a worker, for one exercise
SECONDS = 0.5


def smallest_call(table: SmallTable, exercise: str, worker: Callable[[float], RemoteBackend]) -> str:
    """The smallest call with both answers, as a sentence; empty where none is wrong, or the time is used up.

    Of the submission's own answer it holds numbers, and the name of an exception's built-in type, but no text.

    Args:
        worker: makes a fresh worker whose calls may take so many seconds of processor time together.
    """
    opened: list[RemoteBackend] = []

    def fresh() -> Student:
        opened.append(worker(SECONDS))
        return Student(opened[-1])

    if not table.rows.get(exercise):
        return ""
    try:
        found = table.counterexample(exercise, fresh, with_text=False)
    except StudentTimeout:
        return ""
    finally:
        for backend in opened:
            backend.close()
    return found.sentence if found else ""
