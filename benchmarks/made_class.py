"""Make up what a class hands in for one topic: right, wrong, unfinished and broken files, no two alike.

    60 %  right: each exercise by the reference or one of the alternates
    30 %  one or two known mistakes, the rest right
     5 %  unfinished: stubs from some exercise on
     5 %  files that Python cannot read

Sums and products of three are grouped anew at random, so that right answers differ in their last digits, as those of a
real class do.
"""

import ast
import random
from pathlib import Path

from attend.authoring.sample_class import break_text, endless
from attend.authoring.stubs import make_stub
from attend.course import bank
from attend.course.source import SpliceError, definition_text, splice
from attend.course.syllabus import Course, Topic
from attend.submissions.submission import Submission, read_submission

SHARES = {"mistaken": 0.30, "unfinished": 0.05, "unreadable": 0.05}


class ClassMaker:
    """Makes submissions to one topic. The same seed makes the same class."""

    def __init__(self, course: Course, topic: Topic, seed: int = 0):
        self._topic = topic
        self._random = random.Random(f"{course.seed} {topic.slug} {seed}")
        self._solution = course.solution(topic).read_text(encoding="utf-8")
        self._stub = make_stub(self._solution, topic)
        self._alternates = bank.alternates(course, topic)
        self._mistakes = bank.misconceptions(course, topic)
        self._number = 0

    def make(self, count: int, folder: Path) -> list[tuple[str, Path]]:
        """Write `count` files below `folder`, in a random order; the kind and the path of each."""
        kinds = [kind for kind, share in SHARES.items() for _ in range(round(share * count))]
        kinds += ["right"] * (count - len(kinds))
        self._random.shuffle(kinds)
        return [(kind, self.write(kind, folder)) for kind in kinds]

    def write(self, kind: str, folder: Path) -> Path:
        """Write one file of a kind: right, mistaken, unfinished, unreadable or endless."""
        self._number += 1
        path = folder / f"student-{self._number:05}" / f"{self._topic.slug}.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"{self._text(kind)}\n# {self._number}\n", encoding="utf-8")
        return path

    def _text(self, kind: str) -> str:
        text = self._right()
        if kind == "mistaken":
            count = self._random.choice((1, 2))
            for answer in self._random.sample(self._mistakes, min(count, len(self._mistakes))):
                text = self._spliced(text, answer)
        text = _regrouped(text, self._random)
        if kind == "unfinished":
            done = self._random.randrange(len(self._topic.exercises))
            for exercise in self._topic.exercises[done:]:
                text = splice(text, exercise.target, definition_text(self._stub, exercise.target))
        elif kind == "unreadable":
            text = break_text(text, self._random)
        elif kind == "endless":
            text = endless(text, self._random.choice(self._topic.exercises).target)
        return text

    def _right(self) -> str:
        text = self._solution
        for exercise in self._topic.exercises:
            known = [shape for shape in self._alternates if shape.exercise == exercise.name]
            shape = self._random.choice([None, *known])
            if shape is not None:
                text = self._spliced(text, shape)
        return text

    def _spliced(self, text: str, answer: bank.BankAnswer) -> str:
        try:
            return answer.spliced(text, self._topic)
        except SpliceError:
            # an answer to a method, where another answer has taken the whole class
            return text


class _Regroup(ast.NodeTransformer):
    def __init__(self, random_: random.Random):
        self._random = random_

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """(a + b) + c becomes a + (b + c), or stays."""
        self.generic_visit(node)
        left = node.left
        same = isinstance(left, ast.BinOp) and type(left.op) is type(node.op)
        if not same or not isinstance(node.op, ast.Add | ast.Mult) or self._random.random() < 0.5:
            return node
        return ast.BinOp(left.left, node.op, ast.BinOp(left.right, node.op, node.right))


def _regrouped(text: str, random_: random.Random) -> str:
    return ast.unparse(_Regroup(random_).visit(ast.parse(text))) + "\n"


def read(course: Course, paths: list[Path]) -> list[Submission]:
    """The submissions as `attend grade` reads them; the folder's name is the student's."""
    return [read_submission(path, course.by_slug[path.stem], path.parent.name) for path in paths]
