"""Explain in words why a test failed: with values for public tests, without for hidden ones."""

from dataclasses import dataclass

import numpy as np

from attend.course.stub_markers import stub_messages
from attend.student import NotDone, NotPlain, StudentError, StudentRaised
from attend.student.handle import call_line
from attend.student.protocol import Step
from attend.student.stub_names import StubNames
from attend.testing.check import CheckFailedError
from attend.testing.pytest_internals import Outcome
from attend.testing.reasons import reason

MAX_SHOWN = 400


@dataclass(frozen=True)
class Explanation:
    """Why a test failed: a category, a sentence, and (never for hidden tests) what was expected and what came.

    raised_by_test: the test's own code raised. Most often it cannot use the returned value; a grader has to check that.
    """

    category: str
    words: str
    call: str = ""
    line: int | None = None
    expected: str = ""
    actual: str = ""
    raised_by_test: bool = False


def explain(
    error: BaseException, steps: list[Step], with_values: bool, names: StubNames | None = None
) -> Explanation:
    """The explanation of `error`, raised by a test that had made the calls in `steps`.

    Args:
        with_values: show values and the text of exceptions; never for hidden tests.
        names: the names that may be shown where values may not; none when left out.
    """
    names = names or StubNames()
    calls = [step for step in steps if step.request.operation in ("call", "method", "given")]
    say = call_line if with_values else names.call
    call = say(calls[-1]) if calls else ""
    line = getattr(error, "line", None)
    if isinstance(error, CheckFailedError):
        if with_values and error.expected is not None:
            shown = _show(error.expected), _show(error.actual)
            return Explanation(error.category, error.words, call, None, *shown)
        repeats = not with_values and names.holds_text_of(steps, error.words)
        words = "the result is not what was asked for" if repeats else error.words
        return Explanation(error.category, words, call)
    if isinstance(error, NotImplementedError):
        message = str(error)
        # only a message that is a stub's and no more is shown: any other is the student's own text
        is_stub = list(stub_messages(message).values()) == [message]
        known = is_stub if with_values else names.is_undone(message)
        words = f"needs {message}" if known else "it raises NotImplementedError: not done yet"
        return Explanation("not done", words, call, line)
    if isinstance(error, NotPlain):
        return Explanation("type", f"it returned {error}, which no exercise asks for", call, line)
    if isinstance(error, StudentError) and error.kind != "raised":
        return Explanation(error.kind, _words(error), call, line)
    if isinstance(error, StudentError) or _came_from_student(error):
        kind = error.type_name if isinstance(error, StudentRaised) else type(error).__name__
        if kind == "SystemExit":
            return Explanation("raised", "it called sys.exit(): an answer goes back by `return`", call, line)
        text = str(error) if with_values else reason(str(error), steps, names)
        text = f": {text}" if text else ""
        return Explanation("raised", f"it raised {kind}{text}", call, line)
    # an assertion of the test, or pytest.raises where nothing was raised
    if isinstance(error, AssertionError | Outcome):
        return Explanation("property", "what the test asks for does not hold", call)
    words = "the answer could not be used: it is not of the kind that the exercise asks for"
    return Explanation("type", words, call, raised_by_test=True)


def _words(error: StudentError) -> str:
    if error.kind == "timeout":
        return "no answer before the deadline: does a loop never end?"
    if error.kind == "crash":
        return f"the process that ran your code ended: {error}"
    return str(error)


def _came_from_student(error: BaseException) -> bool:
    """Whether the code that raised is the student's, run in this process."""
    return getattr(error, "line", None) is not None or isinstance(error, NotDone)


def _show(value: object) -> str:
    with np.printoptions(precision=6, suppress=True, threshold=60, edgeitems=3):
        text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " …"
