"""Make a module out of source text, as the worker, the public tests and the replays all do."""

import ast
import linecache
import sys
from collections.abc import Collection, Mapping
from types import CodeType, ModuleType
from typing import Any

from attend.course.notebook import is_notebook, kept


def compile_module(text: str, filename: str, without: Collection[str] = ()) -> CodeType:
    """Compile `text`, that of a module or a notebook, without running any of it.

    Args:
        without: functions and classes whose definitions at the top of the module are left out.

    Raises:
        SyntaxError: it is no Python.
    """
    tree = kept(text, filename) if is_notebook(text) else ast.parse(text, filename)
    tree.body = [statement for statement in tree.body if _defined(statement) not in without]
    return compile(tree, filename, "exec")


def _defined(statement: ast.stmt) -> str:
    """The one name that a statement defines or assigns; empty where it does anything else."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


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
    # inspect.getsource and tracebacks read the text from here, where no such file can be opened
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    sys.modules[name] = module
    exec(code or compile_module(text, filename), module.__dict__)
    return module
