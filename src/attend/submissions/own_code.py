"""The code of one exercise as its student wrote it, by itself: without comments, and with the helpers that it needs."""

import ast
import copy
from typing import TypeVar

from attend.course.notebook_statements import names_of
from attend.course.source import Definition, get_definition, parse

_Statement = TypeVar("_Statement", bound=ast.stmt)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def own_code(text: str, target: str, given: str) -> str:
    """The definition of `target` in `text`, a module of which the course has given `given`.

    Comments, docstrings, annotations and decorators are left out. What the student's module defines or imports at its
    top, the course's does not, and the definition needs, is put at the beginning of each function that needs it.

    Raises:
        SyntaxError: `text` is not Python.
        SpliceError: `text` does not define `target`.
    """
    node = _plain(get_definition(text, target))
    own = _own_statements(parse(text), parse(given))
    statements = [node] if isinstance(node, _Function) else node.body
    for function in (each for each in statements if isinstance(each, _Function)):
        function.body[:0] = [_plain(statement) for statement in _needed(function, own)]
    node.decorator_list = []
    return ast.unparse(node) + "\n"


def _plain(statement: _Statement) -> _Statement:
    """A copy of a statement without docstrings and annotations of arguments."""
    made = copy.deepcopy(statement)
    for node in ast.walk(made):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, Definition) and ast.get_docstring(node, clean=False) is not None:
            node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]
    return made


def _own_statements(tree: ast.Module, given: ast.Module) -> dict[str, ast.stmt]:
    """The last statement at the top of a module for each name that the course's module does not have."""
    known = {name for statement in given.body for name in names_of(statement)[0]}
    return {
        name: statement for statement in tree.body for name in names_of(statement)[0] if name not in known
    }


def _needed(function: ast.stmt, own: dict[str, ast.stmt]) -> list[ast.stmt]:
    """The statements of `own` that `function` needs, directly or through others, in their order."""
    wanted: list[str] = []
    queue = [function]
    while queue:
        fresh = sorted(names_of(queue.pop())[1] & own.keys() - set(wanted))
        wanted += fresh
        queue += [own[name] for name in fresh]
    statements = {own[name].lineno: own[name] for name in wanted}
    return [statements[line] for line in sorted(statements)]
