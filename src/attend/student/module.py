"""Make a module out of source text, as the worker, the public tests and the replays all do."""

import ast
import linecache
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

from attend.course.notebook import is_notebook, kept
from attend.student.unavailable import LACKING, stand_in

# The name under which a module's code finds what notes a statement that was left out.
_NOTE = "__attend_left_out__"


@dataclass(frozen=True)
class LeftOut:
    """A statement at the top of a module that could not run, its line, and what it raised."""

    line: int
    error: Exception


# by the module's name: what was left out when it was loaded
_left_out: dict[str, list[LeftOut]] = {}


def left_out(name: str) -> list[LeftOut]:
    """The statements that were left out when `load_module` last made the module of this name."""
    return _left_out.get(name, [])


def compile_module(text: str, filename: str, without: Collection[str] = ()) -> CodeType:
    """Compile `text`, that of a module or a notebook, without running any of it.

    A statement at its top that needs what is not here (a library, a file, the network) is left out when it runs: its
    names then stand for something that raises when it is used, and what does not use them works.

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
    """`try: statement; except Exception as error: note(line, names, error)`, where the statement could raise."""
    match statement:
        case ast.ImportFrom(module="__future__") | ast.Expr(value=ast.Constant()):
            return statement
        case ast.FunctionDef(decorator_list=[], args=arguments) if not (
            arguments.defaults or arguments.kw_defaults
        ):
            return statement
    names = ast.Tuple([ast.Constant(name) for name in _bound(statement)], ast.Load())
    error = "__attend_error__"
    note = ast.Call(
        ast.Name(_NOTE, ast.Load()), [ast.Constant(statement.lineno), names, ast.Name(error, ast.Load())], []
    )
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), error, [ast.Expr(note)])
    guard = ast.Try([statement], [handler], [], [])
    for node in (guard, *ast.walk(handler)):
        ast.copy_location(node, statement)
    return guard


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement defines in its module."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (
                (alias.asname or alias.name).partition(".")[0] for alias in node.names if alias.name != "*"
            )
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _noter(module: ModuleType, noted: list[LeftOut]) -> Callable[[int, tuple[str, ...], Exception], None]:
    """What the guards of a module's statements call."""

    def note(line: int, names: tuple[str, ...], error: Exception) -> None:
        # outside of Jupyter there is no IPython to call
        in_jupyter = isinstance(error, NameError) and error.name == "get_ipython"
        if not isinstance(error, LACKING) and not in_jupyter:
            raise error
        if not any(each.line == line for each in noted):
            noted.append(LeftOut(line, error))
        for name in names:
            module.__dict__.setdefault(name, stand_in(error))

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
    exec(code or compile_module(text, filename), module.__dict__)
    module.__dict__.pop(_NOTE, None)
    return module
