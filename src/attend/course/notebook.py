"""A notebook as an answer: the topic's functions in its cells, and what they use. Nothing else of it is run.

A notebook also draws, tries things out and imports what only its pictures need. None of that is the answer, and any of
it could fail while grading. So there are two steps: `code_of` joins the cells to one text that begins with the names to
look for, and `kept` takes from that text what those names need.
"""

import ast
import json
import re
import symtable
from collections.abc import Iterable

MARK = "# the code cells of a notebook, for:"
CELL = "# %% cell "
# IPython's own lines, and cells that are not Python at all
MAGIC = re.compile(r"^([ \t]*)(?:%{1,2}[a-zA-Z]|!).*$", re.MULTILINE)
FOREIGN_CELL = re.compile(r"\s*%%(?!time|timeit|capture|prun)")


def code_of(notebook: str, names: Iterable[str]) -> str:
    """The code cells under each other, headed by `names`; IPython's own lines do nothing.

    Raises:
        ValueError: it is no notebook.
    """
    try:
        cells = [cell["source"] for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
        sources = [source if isinstance(source, str) else "".join(source) for source in cells]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("no readable notebook") from error
    parts = [
        f"{CELL}{number}\n" + MAGIC.sub(r"\1pass", source) + "\n"
        for number, source in enumerate(sources, start=1)
        if not FOREIGN_CELL.match(source)
    ]
    return "\n".join([f"{MARK} {' '.join(dict.fromkeys(names))}", *parts])


def is_notebook(text: str) -> bool:
    """Whether `code_of` made this text."""
    return text.startswith(MARK)


def kept(text: str, filename: str) -> ast.Module:
    """Of a text that `code_of` made, the statements that define the names it is headed by, and all that those use.

    Raises:
        SyntaxError: a cell is no Python.
    """
    tree = ast.parse(text, filename)
    needed = set(text.partition("\n")[0].removeprefix(MARK).split())
    waiting = {number: names_of(statement) for number, statement in enumerate(tree.body)}
    chosen = set()
    while found := [number for number, (binds, _) in waiting.items() if binds & needed or "*" in binds]:
        for number in found:
            chosen.add(number)
            needed |= waiting.pop(number)[1]
    body = [tree.body[number] for number in sorted(chosen)]
    future = [line for line in tree.body if isinstance(line, ast.ImportFrom) and line.module == "__future__"]
    tree.body = future + [line for line in body if line not in future]
    return tree


def place(text: str, line: int) -> str:
    """The cell and line of a line in a text that `code_of` made: `code cell 3, line 2`. Empty for any other text."""
    before = text.splitlines()[:line]
    heads = [number for number, each in enumerate(before) if each.startswith(CELL)]
    if not heads or not is_notebook(text):
        return ""
    number = before[heads[-1]].removeprefix(CELL)
    return (
        f"code cell {number if number.isdecimal() and len(number) < 6 else '?'}, line {line - heads[-1] - 1}"
    )


def names_of(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names of the module that a statement binds, and those that it uses, now or when its functions are called."""
    if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
        return {"*"}, set()  # it may bind anything
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    symbols = table.get_symbols()
    binds = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
    uses = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
    inside = list(table.get_children())
    while inside:
        table = inside.pop()
        uses |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        inside += table.get_children()
    return binds, uses
