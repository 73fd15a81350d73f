"""The file in which a topic's small calls are written: what each is about, the call with wildcards, and what none shows."""

import ast
import itertools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attend.course import bank
from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.testing.small_language import SmallCallError, parse_call

# what a wildcard of a template stands for
POOLS: dict[str, tuple[Any, ...]] = {"_": (0, 1, -1, 2), "B": (True, False), "I": (0, 1, 2)}
# the table of known mistakes that no small call shows, each with the reason
NOT_SHOWN = "not_shown"


class SmallCallsError(AttendError):
    """A topic's file of small calls cannot be used."""


@dataclass(frozen=True)
class Templates:
    """The small calls of a topic.

    of: for each exercise, what each call is about and the call. not_shown: why no small call shows a known mistake.
    """

    of: dict[str, list[list[str]]] = field(default_factory=dict)
    not_shown: dict[str, str] = field(default_factory=dict)


def templates_path(course: Course, topic: Topic) -> Path:
    """The file in which a topic's small calls are written."""
    return course.root / "autograder" / "small" / f"{topic.slug}.toml"


def read_templates(course: Course, topic: Topic) -> Templates:
    """The small calls of a topic, from their file.

    Raises:
        SmallCallsError: the file is missing, or cannot be used.
    """
    path = templates_path(course, topic)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SmallCallsError(f"{path} does not exist: {topic.number} has no small calls.") from error
    except tomllib.TOMLDecodeError as error:
        raise SmallCallsError(f"{path.name} is no TOML: {error}") from error
    not_shown = data.pop(NOT_SHOWN, {})
    mistakes = {answer.name for answer in bank.misconceptions(course, topic)}
    if unknown := set(data) - {exercise.name for exercise in topic.exercises}:
        raise SmallCallsError(f"{path.name}: {', '.join(sorted(unknown))} is no exercise of {topic.number}.")
    if unknown := set(not_shown) - mistakes:
        raise SmallCallsError(
            f"{path.name}, {NOT_SHOWN}: {', '.join(sorted(unknown))} is no known mistake of {topic.number}."
        )
    if not all(isinstance(reason, str) and reason.strip() for reason in not_shown.values()):
        raise SmallCallsError(f"{path.name}, {NOT_SHOWN}: a known mistake has no reason.")
    for name, entries in data.items():
        if wrong := [entry for entry in entries if len(entry) != 2]:
            raise SmallCallsError(f"{name}: {wrong[0]} is not what it is about and a call.")
    return Templates(data, not_shown)


def expanded(template: str) -> Iterator[str]:
    """The calls that a template stands for, those with the smallest numbers first.

    Raises:
        SmallCallsError: it is no call.
    """
    try:
        tree = parse_call(template)
    except SmallCallError as error:
        raise SmallCallsError(f"{error}.") from error
    found = _Wildcards()
    found.visit(tree)
    wildcards = found.names
    places = [range(len(POOLS[name])) for name in wildcards]
    for chosen in sorted(itertools.product(*places), key=lambda each: (sum(each), each)):
        values = iter(POOLS[name][index] for name, index in zip(wildcards, chosen, strict=True))
        yield ast.unparse(_Filled(values).visit(parse_call(template)))


class _Wildcards(ast.NodeVisitor):
    """The wildcards of a template, in the order in which `_Filled` meets them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in POOLS:
            self.names.append(node.id)


class _Filled(ast.NodeTransformer):
    """Puts values in the place of wildcards, in the order of the text."""

    def __init__(self, values: Iterator[Any]):
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(next(self._values)) if node.id in POOLS else node
