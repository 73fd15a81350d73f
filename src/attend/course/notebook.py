"""A notebook as an answer: the topic's functions in its cells, and what they use. Nothing else of it is run.

A notebook also draws, tries things out and imports what only its pictures need. None of that is the answer, and any of
it could fail while grading. So there are two steps: `read_notebook` joins the cells to one text that begins with the
names to look for, and `kept` takes from that text what those names need.
"""

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from attend.course.notebook_cells import Cell, names_bound, read_cells
from attend.course.notebook_statements import kept_statements

__all__ = ["NotebookCode", "code_of", "is_notebook", "kept", "place", "read_notebook"]

MARK = "# the code cells of a notebook, for:"
CELL = "# %% cell "
MAX_VALUES = 2_000_000  # lists, objects and commas: each may become an object when the file is read
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


@dataclass(frozen=True)
class NotebookCode:
    """The code cells as one Python text, and what was left out of it."""

    code: str
    notes: tuple[str, ...] = ()


def read_notebook(notebook: str, names: Iterable[str]) -> NotebookCode:
    """The code cells under each other, headed by `names`. IPython's own lines do nothing; what is no Python is left out.

    Where such a cell defines a name that no other cell defines, calling that name raises SyntaxError.

    Raises:
        ValueError: it is no notebook, or too large to be read as one.
    """
    wanted = list(dict.fromkeys(names))
    cells = read_cells(_sources(notebook))
    good = {name for cell in cells if not cell.problem for name in names_bound(cell.source)}
    parts, notes = [], []
    for cell in cells:
        missing = [name for name in names_bound(cell.source) if name not in good] if cell.problem else []
        if cell.problem:
            lost = ", ".join(name for name in missing if name in wanted)
            words = f"; it defines {lost}" if lost else ""
            notes.append(f"code cell {cell.number} is {cell.problem} and was left out{words}.")
        if not cell.problem or missing:
            parts.append(f"{CELL}{cell.number}\n{_stand_ins(cell, missing) if missing else cell.text}\n")
    return NotebookCode("\n".join([f"{MARK} {' '.join(wanted)}", *parts]), tuple(notes))


def code_of(notebook: str, names: Iterable[str]) -> str:
    """The text of `read_notebook` alone."""
    return read_notebook(notebook, names).code


def _sources(notebook: str) -> list[str]:
    """The source of every code cell, also of notebooks in the format before 2015."""
    if _values(notebook) > MAX_VALUES and _values(_STRING.sub("", notebook)) > MAX_VALUES:
        raise ValueError("it holds too many values")
    try:
        data = json.loads(notebook)
        sheets = data["worksheets"] if "worksheets" in data else [data]
        cells = [cell for sheet in sheets for cell in sheet["cells"] if cell["cell_type"] == "code"]
        sources = [cell["source"] if "source" in cell else cell["input"] for cell in cells]
        # some tools write null for an empty cell
        return [source if isinstance(source, str) else "".join(source or ()) for source in sources]
    except (KeyError, TypeError, RecursionError, AttributeError) as error:
        raise ValueError("its cells cannot be found") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is no JSON") from error


def _values(text: str) -> int:
    return sum(map(text.count, "[{,"))


def _stand_ins(cell: Cell, names: list[str]) -> str:
    """Functions of these names that raise SyntaxError, on the line where the cell is no Python."""
    first, *others = names
    lines = [f"def {first}(*args, **kwargs): raise SyntaxError('this cell is no Python')"]
    return "\n" * (cell.line - 1) + "\n".join([*lines, *(f"{name} = {first}" for name in others)])


def is_notebook(text: str) -> bool:
    """Whether `read_notebook` made this text."""
    return text.startswith(MARK)


def kept(text: str, filename: str) -> ast.Module:
    """Of a text that `read_notebook` made, the syntax tree of what defines the names it is headed by, and what these use.

    Raises:
        SyntaxError: a cell is no Python.
    """
    names = text.partition("\n")[0].removeprefix(MARK).split()
    return kept_statements(text, filename, set(names))


def place(text: str, line: int) -> str:
    """The cell and line of a line in a text that `read_notebook` made: `code cell 3, line 2`. Empty for any other text."""
    before = text.splitlines()[:line]
    heads = [number for number, each in enumerate(before) if each.startswith(CELL)]
    if not heads or not is_notebook(text):
        return ""
    number = before[heads[-1]].removeprefix(CELL)
    known = re.fullmatch(r"\d{1,5}", number)
    return f"code cell {number if known else '?'}, line {line - heads[-1] - 1}"
