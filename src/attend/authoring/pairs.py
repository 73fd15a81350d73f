"""Trials of two exercises at a time: one mistake costs once, and only a mistake that was made is named.

For every exercise and every earlier one that it builds on: right code on an earlier mistake, a mistake on an earlier
mistake, the earlier exercise left out; and code that is no answer at all.
"""

import ast
import zlib
from dataclasses import dataclass, field

from attend.authoring.stubs import make_stub
from attend.course import bank
from attend.course.source import SpliceError, definition_text, find_definition, parse, splice
from attend.course.syllabus import Course, Exercise, Topic
from attend.gradebook.grade import ExerciseGrade
from attend.grading.topic_grader import TopicGrader
from attend.submissions.submission import Submission

NAMED_AT_LEAST = 0.9
# what code that is no answer returns or raises, for functions of any arguments
NO_ANSWERS = {
    "only raises": 'raise ValueError("x")',
    "returns a constant": "return 0.5",
    "returns its input": "return args[0] if args else None",
}


@dataclass
class PairAudit:
    """What is proven of one exercise together with the earlier ones that it builds on.

    right, kept: trials of right code on an earlier mistake, and those that earn everything and are given no name.
    wrong, named, fair: trials of a mistake on an earlier mistake; those that are given the later mistake's own name;
        those whose points are within one test of what the later mistake earns alone.
    pardoned: mistakes that earn everything because an earlier function is wrong too.
    left_out, unharmed: trials without an earlier exercise, and those that earn everything.
    empty, unnamed: trials of code that is no answer, and those that are given no name.
    """

    right: int = 0
    kept: int = 0
    wrong: int = 0
    named: int = 0
    fair: int = 0
    pardoned: int = 0
    left_out: int = 0
    unharmed: int = 0
    empty: int = 0
    unnamed: int = 0
    holes: list[str] = field(default_factory=list)


def audit_pairs(course: Course, topic: Topic, grader: TopicGrader, one_in: int) -> dict[str, PairAudit]:
    """The audit of each exercise of `topic`, by its name.

    Args:
        one_in: try one pair in so many, the same ones each time; every pair where it is 1.
    """
    trials = _Trials(course, topic, grader, one_in)
    audits = {exercise.name: trials.audit(exercise) for exercise in topic.exercises}
    wrong = sum(audit.wrong for audit in audits.values())
    named = sum(audit.named for audit in audits.values())
    if named < NAMED_AT_LEAST * wrong:
        next(iter(audits.values())).holes.append(
            f"of {wrong} mistakes on an earlier mistake {named} are given their own name"
        )
    return audits


class _Trials:
    """Grades modules made of a topic's solution and answers of its banks."""

    def __init__(self, course: Course, topic: Topic, grader: TopicGrader, one_in: int):
        self._topic, self._grader, self._one_in = topic, grader, one_in
        self._solution = course.solution(topic).read_text(encoding="utf-8")
        self._wrong = bank.misconceptions(course, topic)
        self._right = bank.alternates(course, topic)
        self._alone: dict[str, ExerciseGrade] = {}

    def audit(self, exercise: Exercise) -> PairAudit:
        audit = PairAudit()
        for earlier in self._foundations(exercise):
            for mistake in self._of(self._wrong, earlier):
                for answer in [None, *self._of(self._right, exercise)]:
                    self._try_right(audit, earlier, mistake, exercise, answer)
                for later in self._of(self._wrong, exercise):
                    self._try_wrong(audit, earlier, mistake, exercise, later)
            self._try_left_out(audit, earlier, exercise)
        for name, body in NO_ANSWERS.items():
            self._try_empty(audit, exercise, name, body)
        return audit

    def _foundations(self, exercise: Exercise) -> list[Exercise]:
        names = set(exercise.builds_on)
        for other in reversed(self._topic.exercises):
            if other.name in names:
                names |= set(other.builds_on)
        return [other for other in self._topic.exercises if other.name in names]

    def _of(self, answers: list[bank.BankAnswer], exercise: Exercise) -> list[bank.BankAnswer]:
        return [answer for answer in answers if answer.exercise == exercise.name]

    def _grade(self, text: str, exercise: Exercise, outcomes: dict[str, str] | None = None) -> ExerciseGrade:
        """The grade of one exercise, where earlier ones have these outcomes."""
        submission = Submission("audit", self._topic.slug, f"{self._topic.slug}.py", text)
        return self._grader.grade_one(submission, exercise, outcomes or {})

    def _pair(self, first: bank.BankAnswer, second: bank.BankAnswer | None) -> str:
        """The solution with both answers in it; nothing where this pair is not tried, or cannot be put together."""
        name = f"{first.name}/{second.name if second else ''}"
        if zlib.crc32(name.encode()) % self._one_in:
            return ""
        try:
            text = first.spliced(self._solution, self._topic)
            return second.spliced(text, self._topic) if second else text
        except SpliceError:  # one of them takes the place of the other's whole class
            return ""

    def _try_right(
        self,
        audit: PairAudit,
        earlier: Exercise,
        mistake: bank.BankAnswer,
        exercise: Exercise,
        answer: bank.BankAnswer | None,
    ) -> None:
        text = self._pair(mistake, answer)
        if not text:
            return
        row = self._grade(text, exercise, {earlier.name: "wrong"})
        audit.right += 1
        problem = _lost(row)
        audit.kept += not problem
        if problem:
            shape = answer.name if answer else "the reference"
            audit.holes.append(f"right code ({shape}) on {mistake.name} {problem}")

    def _try_wrong(
        self,
        audit: PairAudit,
        earlier: Exercise,
        mistake: bank.BankAnswer,
        exercise: Exercise,
        later: bank.BankAnswer,
    ) -> None:
        text = self._pair(mistake, later)
        if not text:
            return
        if later.name not in self._alone:
            self._alone[later.name] = self._grade(later.spliced(self._solution, self._topic), exercise)
        alone, row = self._alone[later.name], self._grade(text, exercise, {earlier.name: "wrong"})
        audit.wrong += 1
        audit.named += row.diagnosis == later.name
        fair = abs(row.points - alone.points) <= _one_test(alone) + 0.01
        audit.fair += fair
        where = f"{later.name} on {mistake.name}"
        if row.outcome in ("full", "carried"):
            audit.pardoned += 1
            audit.holes.append(f"{where} is {row.outcome}")
        elif not fair:
            audit.holes.append(f"{where} earns {row.points:g}, alone {alone.points:g}")
        if row.diagnosis and row.diagnosis != later.name:
            audit.holes.append(f"{where} is named {row.diagnosis}")

    def _try_left_out(self, audit: PairAudit, earlier: Exercise, exercise: Exercise) -> None:
        stub = definition_text(make_stub(self._solution, self._topic), earlier.target)
        row = self._grade(splice(self._solution, earlier.target, stub), exercise, {earlier.name: "missing"})
        audit.left_out += 1
        problem = _lost(row)
        audit.unharmed += not problem
        if problem:
            audit.holes.append(f"right code without {earlier.name} {problem}")

    def _try_empty(self, audit: PairAudit, exercise: Exercise, name: str, body: str) -> None:
        target = _callable_target(self._solution, exercise.target)
        own = "self, " if "." in target else ""
        text = splice(self._solution, target, f"def empty({own}*args, **kwargs):\n    {body}\n")
        row = self._grade(text, exercise)
        audit.empty += 1
        audit.unnamed += not row.diagnosis
        if row.diagnosis:
            audit.holes.append(f"code that {name} is named {row.diagnosis}")


def _lost(row: ExerciseGrade) -> str:
    """What right code is charged with; empty where it earns everything and is given no name."""
    if row.outcome not in ("full", "carried"):
        failed = next((test.name for test in row.tests if not test.passed), "")
        return f"earns {row.points:g} of {row.max_points:g} (first failure: {failed})"
    return f"is named {row.diagnosis}" if row.diagnosis else ""


def _one_test(row: ExerciseGrade) -> float:
    """The points of one test function."""
    return row.max_points / len({test.function for test in row.tests})


def _callable_target(solution: str, target: str) -> str:
    """What is called when the exercise `target` is: of a class its `forward`, else its `step`."""
    node = find_definition(parse(solution), target)
    if not isinstance(node, ast.ClassDef):
        return target
    methods = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
    return f"{target}.{'forward' if 'forward' in methods else 'step'}"
