"""Make a module out of source text, as the worker, the public tests and the replays all do."""

import ast
import linecache
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import replace
from types import CodeType, ModuleType
from typing import Any

from attend.course.notebook import is_notebook, kept
from attend.course.source import Definition
from attend.student.errors import StudentTimeout
from attend.student.executor import failure_in
from attend.student.protocol import Failure
from attend.student.unavailable import stand_in

# The name under which a module's code finds what notes a statement that was left out.
_NOTE = "__attend_left_out__"
# by the module's name: the failures of the statements that were left out when it was loaded
_left_out: dict[str, list[Failure]] = {}


def left_out(name: str) -> list[Failure]:
    """What statements raised, with their lines, that `load_module` left out of the module when it last made it."""
    return _left_out.get(name, [])


def compile_module(text: str, filename: str, without: Collection[str] = ()) -> CodeType:
    """Compile `text`, that of a module or a notebook, without running any of it.

    A statement at its top that raises when it runs is left out: it may need a library, a file or a network that is
    missing here. Its names then stand for something that raises when it is used, and what does not use them works.

    Args:
        without: functions and classes whose definitions at the top of the module are left out.

    Raises:
        SyntaxError: it is no Python.
    """
    tree = kept(text, filename) if is_notebook(text) else ast.parse(text, filename)
    tree.body = [_guarded(statement) for statement in tree.body if _defined(statement) not in without]
    return compile(tree, filename, "exec")


def _defined(statement: ast.stmt) -> str:
    """The one name that a statement defines or assigns; empty where it does anything else."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def _guarded(statement: ast.stmt) -> ast.stmt:
    """`try: statement; except Exception as error: note(line, names, error)`, if the statement could raise.

    A function or class with decorators is defined without them where a library for them is missing, which `note` says.
    """
    match statement:
        case ast.ImportFrom(module="__future__") | ast.Expr(value=ast.Constant()):
            return statement
        case ast.FunctionDef(decorator_list=[], args=arguments) if not (
            arguments.defaults or arguments.kw_defaults
        ):
            return statement
    decorators = statement.decorator_list if isinstance(statement, Definition) else []
    line = decorators[0].lineno if decorators else statement.lineno
    names = ast.Tuple([ast.Constant(name) for name in _bound(statement)], ast.Load())
    error = "__attend_error__"
    note = ast.Call(ast.Name(_NOTE, ast.Load()), [ast.Constant(line), names, ast.Name(error, ast.Load())], [])
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), error, [ast.Expr(note)])
    guard = ast.Try([statement], [handler], [], [])
    for node in (guard, *ast.walk(handler)):
        ast.copy_location(node, statement)
    if isinstance(statement, Definition) and decorators:
        plain = copy(statement)
        plain.decorator_list = []
        handler.body = [ast.copy_location(ast.If(note, [_guarded(plain)], []), statement)]
    return guard


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a statement defines in its module; not those inside its functions, classes and comprehensions."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            names = [(alias.asname or alias.name).partition(".")[0] for alias in aliases]
            yield from (name for name in names if name != "*")
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            pass
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _bound(child)


def _noter(module: ModuleType, noted: list[Failure]) -> Callable[[int, tuple[str, ...], Exception], bool]:
    """What the guards of a module's statements call. It says whether a library was missing."""

    def note(line: int, names: tuple[str, ...], error: Exception) -> bool:
        if isinstance(error, StudentTimeout):
            raise error
        failure = failure_in(module, "raised", error)
        if not any(each.line == line for each in noted):
            noted.append(replace(failure, line=line, exception=None))
        for name in names:
            module.__dict__.setdefault(name, stand_in(type(error), failure.message))
        return isinstance(error, ImportError)

    return note


def load_module(
    text: str,
    name: str,
    filename: str,
    code: CodeType | None = None,
    names: Mapping[str, Any] | None = None,
) -> ModuleType:
    """Run `text` as a module called `name`.

    Args:
        filename: what tracebacks show.
        code: what `text` was compiled to; it is compiled here when left out.
        names: what the module's namespace holds before its first line runs.
    """
    module = ModuleType(name)
    module.__file__ = filename
    module.__dict__.update(names or {})
    noted = _left_out[name] = []
    module.__dict__[_NOTE] = _noter(module, noted)
    # inspect.getsource and tracebacks read the text from here, where no such file can be opened
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    sys.modules[name] = module
    arguments, sys.argv = sys.argv, [filename]
    try:
        exec(code or compile_module(text, filename), module.__dict__)
    finally:
        sys.argv = arguments
    module.__dict__.pop(_NOTE, None)
    return module
