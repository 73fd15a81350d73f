"""Examples that students write before they write the code: a call and what it should be, one on each line.

    masked_softmax([0, 0], [True, False]) == [1, 0]
    alibi_bias(3, 2) == ValueError

An example is compared with the topic's table of small calls, which holds right answers and says which known mistakes
answer otherwise.
"""

import ast
import builtins
import difflib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attend.course.syllabus import Exercise, Topic
from attend.testing.plain_values import plain
from attend.testing.small_language import SmallCallError, is_call, literal, parse_call
from attend.testing.small_signatures import Signatures
from attend.testing.small_table import SmallRow, SmallTable

# students round: numbers may differ by so much
ROUNDED = 0.005
BEHIND = "behind == stands a number, a list, a text, True, False, None, or the name of an error"
MOST_EXAMPLES = 200


@dataclass(frozen=True)
class Example:
    """One line of a file of examples. problem: why it cannot be read; then call and expected are empty."""

    line: int
    call: str = ""
    expected: Any = None
    problem: str = ""


@dataclass
class Judged:
    """The examples of one exercise.

    right: those that hold. wrong: those that do not, with why. unknown: those whose call the table does not have.
    caught: how many of the `mistakes` known ones the right examples show.
    think: what a call is about that would show more; empty where there is none.
    """

    exercise: Exercise
    mistakes: int = 0
    right: list[Example] = field(default_factory=list)
    wrong: list[Example] = field(default_factory=list)
    unknown: list[tuple[Example, list[str]]] = field(default_factory=list)
    caught: int = 0
    think: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no example of this exercise."""
        return not (self.right or self.wrong or self.unknown)

    @property
    def summary(self) -> str:
        """`your 4 examples are right and catch 5 of 8 known mistakes; think about large scores`."""
        count = len(self.right)
        if not count:
            return "no example of yours is right yet"
        verb = "example is right and catches" if count == 1 else "examples are right and catch"
        words = f"{count} {verb} {self.caught} of {self.mistakes} known mistakes"
        return f"{words}; think about {self.think}" if self.think else words

    @property
    def remarks(self) -> dict[int, str]:
        """A sentence on each example that does not hold or is unknown, by its line."""
        found = {each.line: f"{each.call} is something else" for each in self.wrong}
        for each, near in self.unknown:
            others = f"; these can: {'; '.join(near)}" if near else ""
            found[each.line] = f"{each.call} cannot be checked here{others}"
        return dict(sorted(found.items()))


def read_examples(text: str) -> list[Example]:
    """The examples in a file's text, each with its line. What is no example says why."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        code = line.strip()
        if code and not code.startswith("#"):
            found.append(_example(number, code))
    return found[:MOST_EXAMPLES]


def _example(number: int, code: str) -> Example:
    try:
        node = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Example(
            number, problem="Python cannot read this line; an example is a call, ==, and an answer"
        )
    match node:
        case ast.Compare(left=call, ops=[ast.Eq()], comparators=[expected]) if is_call(call):
            try:
                return Example(number, ast.unparse(call), _expected(expected))
            except (SmallCallError, RecursionError):
                return Example(number, problem=BEHIND)
        case ast.Compare(ops=[ast.Eq()]):
            return Example(number, problem="before == stands a call")
    return Example(number, problem="an example is a call, ==, and an answer")


def _expected(node: ast.expr) -> Any:
    """What stands behind ==: a value, or the class that a name as `ValueError` or `float` stands for.

    Raises:
        SmallCallError: it is neither.
    """
    named = getattr(builtins, node.id, None) if isinstance(node, ast.Name) else None
    return named if isinstance(named, type) else _with_lists(literal(node))


def _with_lists(value: Any) -> Any:
    """The value with lists for arrays; an empty array of more than one axis is as `plain` writes it."""
    if isinstance(value, list | tuple):
        return [_with_lists(each) for each in value]
    return plain(value) if isinstance(value, np.ndarray) else value


def judge(topic: Topic, table: SmallTable, examples: list[Example]) -> list[Judged]:
    """The judgement on each exercise of the topic."""
    return [_judge_one(topic, exercise, table, examples) for exercise in topic.exercises]


def _judge_one(topic: Topic, exercise: Exercise, table: SmallTable, examples: list[Example]) -> Judged:
    rows = {canonical(row.text, table.signatures): row for row in table.rows.get(exercise.name, ())}
    elsewhere = {
        canonical(row.text, table.signatures)
        for name, found in table.rows.items()
        for row in found
        if name != exercise.name
    }
    judged = Judged(exercise, table.mistakes.get(exercise.name, 0))
    caught: set[int] = set()
    for example in (each for each in examples if not each.problem):
        key = canonical(example.call, table.signatures)
        if (row := rows.get(key)) is not None:
            holds = agrees(example.expected, row.answer)
            (judged.right if holds else judged.wrong).append(example)
            caught.update(row.caught if holds else ())
        elif key not in elsewhere and is_of(example, exercise, topic):
            near = difflib.get_close_matches(example.call, [row.text for row in rows.values()], 3, 0.0)
            judged.unknown.append((example, near))
    judged.caught = len(caught)
    judged.think = _most_new(list(rows.values()), caught)
    return judged


def is_of(example: Example, exercise: Exercise, topic: Topic) -> bool:
    """Whether a call is about this exercise: it uses its function, class or method, and no later exercise's."""
    nodes = list(ast.walk(ast.parse(example.call)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    used = [each for each in topic.exercises if set(each.target.split(".")) <= names]
    return bool(used) and used[-1].name == exercise.name


def _most_new(rows: list[SmallRow], caught: set[int]) -> str:
    """What the call is about that shows most mistakes beside the caught ones; of equal ones the first."""
    best, most = "", 0
    for row in rows:
        if (new := len(set(row.caught) - caught)) > most:
            best, most = row.about, new
    return best


def agrees(expected: Any, answer: Any) -> bool:
    """Whether what a student expects is a right answer, a plain value of the table, within ROUNDED."""
    match answer:
        case {"dtype": _, "numbers": numbers}:
            return agrees(expected, numbers)
        case {"text": text}:
            return bool(expected == text)
        case {"raises": name} | {"type": name}:
            return isinstance(expected, type) and expected.__name__ == name
        case {"zeros": _}:
            return bool(expected == answer)
        case {"entries": entries}:
            return (
                isinstance(expected, dict)
                and list(map(str, expected)) == list(entries)
                and all(
                    agrees(expected[key], part) for key, part in zip(expected, entries.values(), strict=True)
                )
            )
        case {"items": parts} | list(parts):
            return (
                isinstance(expected, list | tuple)
                and len(expected) == len(parts)
                and all(agrees(one, other) for one, other in zip(expected, parts, strict=True))
            )
        case bool() | None:
            return expected is answer
        case int() | float():
            is_number = isinstance(expected, int | float) and not isinstance(expected, bool)
            # by comparisons alone: a whole number of 400 digits is no float
            return is_number and answer - ROUNDED <= expected <= answer + ROUNDED
    return False


def canonical(text: str, signatures: Signatures) -> str:
    """A call written in one way: arguments by name, whole numbers without a point. Other calls are as they are."""
    try:
        return ast.unparse(_Canonical(signatures).visit(parse_call(text)))
    except (SmallCallError, RecursionError):
        return text


class _Canonical(ast.NodeTransformer):
    def __init__(self, signatures: Signatures):
        self._signatures = signatures

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        names = [name for name, _ in self._signatures.get(ast.unparse(node.func), [])]
        if len(node.args) <= len(names):
            words = [ast.keyword(name, arg) for name, arg in zip(names, node.args, strict=False)]
            node.keywords = sorted([*words, *node.keywords], key=lambda word: word.arg or "")
            node.args = []
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, float) and node.value.is_integer():
            return ast.Constant(int(node.value))
        return node

    def visit_Tuple(self, node: ast.Tuple) -> ast.List:
        self.generic_visit(node)
        return ast.List(node.elts, ast.Load())
