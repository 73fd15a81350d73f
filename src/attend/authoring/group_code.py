"""The code of a group of wrong answers: which of it behaves as the group does, and how small it can be."""

import ast
import time
from collections.abc import Iterator

from attend.course.errors import AttendError
from attend.course.source import SpliceError, splice
from attend.course.syllabus import Course, Topic
from attend.gradebook.grade import ExerciseGrade
from attend.gradebook.groups import Group
from attend.grading.course_grader import Lane
from attend.submissions.submission import Submission

# the smallest codes of a group that are tried, and for how many seconds code is made smaller
CODES_TRIED = 5
SMALLER_SECONDS = 30.0
# what the code may import, and built-in functions that it may not use
LIBRARIES = {"collections", "copy", "functools", "itertools", "math", "numpy", "operator", "torch", "typing"}
FORBIDDEN = {
    "breakpoint", "compile", "delattr", "eval", "exec", "exit", "getattr", "globals", "input", "locals", "open", "quit",
    "setattr", "vars",
}  # fmt: skip


class LearnError(AttendError):
    """No mistake was added; the course and the gradebook are as before."""


def check_code(code: str) -> None:
    """See that the code uses nothing that no answer of a bank needs; a person reads it all the same."""
    for node in ast.walk(ast.parse(code)):
        used = []
        if isinstance(node, ast.Import):
            used = [each.name for each in node.names if each.name.partition(".")[0] not in LIBRARIES]
        elif isinstance(node, ast.ImportFrom):
            used = [] if str(node.module).partition(".")[0] in LIBRARIES else [str(node.module)]
        elif isinstance(node, ast.Name) and (node.id in FORBIDDEN or node.id.startswith("__")):
            used = [node.id]
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__") and node.attr != "__init__":
            used = [node.attr]
        if used:
            raise LearnError(
                f"the group's code uses {', '.join(used)}, which the grader must not run; write the mistake by hand."
            )


class GroupTrial:
    """Grades code of one exercise, put into the topic's solution."""

    def __init__(self, course: Course, topic: Topic, group: Group, lane: Lane):
        self._topic, self._group, self._lane = topic, group, lane
        self._solution = course.solution(topic).read_text(encoding="utf-8")

    def grade(self, code: str) -> ExerciseGrade | None:
        """The grade of the exercise with this code; None where the code cannot be put in."""
        try:
            text = splice(self._solution, self._group.exercise.target, code)
            compile(text, "learned", "exec")
        except (SpliceError, SyntaxError):
            return None
        submission = Submission("learned", self._topic.slug, f"{self._topic.slug}.py", text)
        return self._lane.grader(self._topic).grade_one(submission, self._group.exercise, {})

    def behaving(self, codes: list[str]) -> str:
        """The first of the codes that behaves as the group does.

        Raises:
            LearnError: none does.
        """
        for code in codes[:CODES_TRIED]:
            row = self.grade(code)
            if row is not None and row.diagnosis:
                raise LearnError(
                    f"group {self._group.number} is {row.diagnosis.replace('_', ' ')} by now: grade the class again."
                )
            if self._is_alike(row):
                return code
        if not self._group.codes:
            raise LearnError(
                f"no code of group {self._group.number} was kept: it is too long; write the mistake by hand."
            )
        raise LearnError(
            f"the code of group {self._group.number}, by itself, does not behave as when it was graded: it needs more of "
            "its file than this exercise, names its student, or the tests have changed since. If they have, grade the "
            "class again; otherwise write the mistake by hand."
        )

    def smaller(self, code: str) -> str:
        """The code without the statements that change nothing of what it does."""
        end = time.monotonic() + SMALLER_SECONDS
        for index in range(_statements(code) - 1, -1, -1):
            if time.monotonic() > end:
                break
            shorter = _without(code, index)
            if shorter and self._is_alike(self.grade(shorter)):
                code = shorter
        return code

    def _is_alike(self, row: ExerciseGrade | None) -> bool:
        return row is not None and row.unnamed is not None and row.unnamed.behaviour == self._group.behaviour


def _bodies(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    """Every statement below the definition, as the list that it is in and its place there."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list) and not isinstance(node, ast.Module):
                yield from ((statements, place) for place in range(len(statements)))


def _statements(code: str) -> int:
    return sum(1 for _ in _bodies(ast.parse(code)))


def _without(code: str, index: int) -> str:
    """The code without its statement number `index`; empty where there is none, or it is the only one of a block."""
    tree = ast.parse(code)
    found = list(_bodies(tree))
    if index >= len(found) or len(found[index][0]) == 1:
        return ""
    statements, place = found[index]
    del statements[place]
    return ast.unparse(tree) + "\n"
