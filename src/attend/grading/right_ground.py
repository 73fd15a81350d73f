"""Which of a student's earlier exercises an exercise stands on, and the reference's parts that can take their place."""

import ast
import marshal
from collections.abc import Iterable
from functools import lru_cache

from attend.course.notebook import is_notebook, kept
from attend.course.notebook_statements import names_of
from attend.course.source import Definition, find_definition, parse
from attend.course.syllabus import Exercise, Topic
from attend.sandbox.ground import Ground


class Grounds:
    """The grounds of one topic's exercises, made from its reference solution.

    `classes` says whether classes and methods of the reference may be placed in a worker; without them an exercise
    that builds on one is judged on the student's own.
    """

    def __init__(self, solution: str, topic: Topic, classes: bool = True):
        self._solution, self._topic, self._classes = solution, topic, classes
        self._made: dict[frozenset[str], Ground | None] = {}

    def foundations(self, exercise: Exercise, text: str) -> list[Exercise]:
        """The earlier exercises that this one builds on, directly or through others, in their order.

        They are those that the syllabus names, and those that the student's own code of the exercise uses.
        """
        earlier = self._topic.exercises[: self._topic.exercises.index(exercise)]
        names = {*exercise.builds_on, *_used(text, exercise.target, [each.target for each in earlier])}
        for other in reversed(earlier):
            if other.name in names or other.target in names:
                names |= {other.name, *other.builds_on}
        return [other for other in earlier if other.name in names]

    def of(self, replaced: Iterable[Exercise]) -> Ground | None:
        """The ground in which the reference's parts take the place of `replaced`; None where they may not."""
        targets = frozenset(exercise.target for exercise in replaced)
        if targets not in self._made:
            self._made[targets] = self._make(targets)
        return self._made[targets]

    def _make(self, targets: frozenset[str]) -> Ground | None:
        functions = tuple(sorted(target for target in targets if self._is_function(target)))
        classes = tuple(sorted(targets.difference(functions)))
        if not targets or classes and not self._classes:
            return None
        if not classes:
            return Ground(functions)
        code, needs = self._class_code(classes)
        return Ground(functions, classes, code, needs)

    def _is_function(self, target: str) -> bool:
        return (
            isinstance(find_definition(parse(self._solution), target), ast.FunctionDef) and "." not in target
        )

    def _class_code(self, classes: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """What defines the classes, compiled without docstrings, and the exercises' functions that it calls.

        Of the reference it holds nothing but that: of a class whose methods are exercises only the methods that are
        asked for, of everything else only what the classes use.
        """
        functions = {each.target for each in self._topic.exercises if self._is_function(each.target)}
        needed = {name.partition(".")[0] for name in classes}
        tree = ast.parse(self._solution)
        waiting = [(_only_methods(statement, classes), *names_of(statement)) for statement in tree.body]
        chosen: list[ast.stmt] = []
        while found := [entry for entry in waiting if entry[1] & needed - functions]:
            for entry in found:
                waiting.remove(entry)
                chosen.append(entry[0])
                needed |= names_of(entry[0])[1]
        in_order = sorted(chosen, key=lambda statement: statement.lineno)
        future = ast.parse("from __future__ import annotations").body
        module = ast.Module([*future, *in_order], [])
        return marshal.dumps(compile(module, "<reference>", "exec", optimize=2)), tuple(
            sorted(needed & functions)
        )


def _only_methods(statement: ast.stmt, classes: tuple[str, ...]) -> ast.stmt:
    """A class of which only methods are asked for with these methods alone; any other statement as it is."""
    if not isinstance(statement, ast.ClassDef) or statement.name in classes:
        return statement
    methods = [name.partition(".")[2] for name in classes if name.startswith(f"{statement.name}.")]
    if not methods:
        return statement
    body: list[ast.stmt] = [
        each for each in statement.body if isinstance(each, ast.FunctionDef) and each.name in methods
    ]
    return ast.ClassDef(
        statement.name, statement.bases, statement.keywords, body, [], lineno=statement.lineno, col_offset=0
    )


# an exercise after the other asks about the same text
@lru_cache(maxsize=2)
def _statements(text: str) -> tuple[ast.Module, dict[str, ast.stmt]] | None:
    """The tree of a module and the statement that defines each name; None where Python cannot read it."""
    try:
        tree = kept(text, "module.py") if is_notebook(text) else parse(text)
        return tree, {name: statement for statement in tree.body for name in _bound(statement)}
    except (SyntaxError, ValueError, RecursionError):
        return None


def _bound(statement: ast.stmt) -> set[str]:
    return {statement.name} if isinstance(statement, Definition) else names_of(statement)[0]


def _used(text: str, target: str, earlier: list[str]) -> set[str]:
    """Which of the functions and classes `earlier` the code of `target` in `text` uses, directly or through helpers."""
    found = _statements(text)
    if found is None:
        return set()
    tree, defined = found
    start = find_definition(tree, target)
    if start is None:
        return set()
    used: set[str] = set()
    seen: set[str] = set()
    todo: list[ast.stmt] = [start]
    while todo:
        for node in ast.walk(todo.pop()):
            name = node.id if isinstance(node, ast.Name) else ""
            if name in earlier:
                used.add(name)
            elif name in defined and name not in seen:
                seen.add(name)
                todo.append(defined[name])
    return used
