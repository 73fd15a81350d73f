"""What is said about a submission's file: why it could not be loaded, what of it was left out, and where a line is."""

import re
from collections.abc import Sequence
from dataclasses import replace

from attend.course.line_hints import hint
from attend.course.notebook import is_notebook, place
from attend.gradebook.grade import TestGrade
from attend.student.errors import EXIT
from attend.student.protocol import Failure
from attend.submissions.submission import Submission
from attend.submissions.texts import quoted_line


def placed(test: TestGrade, text: str) -> TestGrade:
    """The same with the line in its message as a place in `text`: verdicts serve all submissions that answer alike.

    A line that the text does not have is left out, and of a notebook the cell is told.
    """

    def place_of(match: re.Match[str]) -> str:
        line = int(match[1])
        if line > len(text.splitlines()):
            return ""
        return f" ({place(text, line)})" if is_notebook(text) else match[0]

    return replace(test, message=re.sub(r" \(line (\d{1,6}) of your file\)", place_of, test.message))


def load_problem(failure: Failure, submission: Submission) -> str:
    """Why the file cannot be loaded at all, with the student's line."""
    what = {
        "syntax": "Python cannot read the file: a syntax error",
        "timeout": "the file did not finish loading: does a loop outside any function never end?",
        "crash": f"the process ended while the file was loaded: {failure.message}",
    }.get(failure.kind, f"loading the file raised {failure.exception_name}")
    if failure.type_name == EXIT:
        what = (
            "the file calls sys.exit() when it is loaded; a module should only define functions and classes"
        )
    seen = hint(submission.text, failure.line) if failure.kind == "syntax" else ""
    return what + student_line(submission.text, failure.line) + (f" ({seen})" if seen else "")


def left_out(failures: Sequence[Failure], text: str) -> list[str]:
    """A sentence for each statement at the top of the file that raised where it was graded."""
    return [
        f"left out, because it raised {each.exception_name} where this is graded"
        + student_line(text, each.line)
        for each in failures
    ]


def student_line(text: str, line: int | None) -> str:
    """`; line 12: return x @ y`, or nothing."""
    quoted = quoted_line(text, line)
    return f"; {quoted}" if quoted else ""
