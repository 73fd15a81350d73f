"""The cells of a notebook as Python: IPython's own lines taken out, and what cannot be read marked as such.

IPython's own transformer reads what is no Python, where IPython is installed and the notebook is small enough for it;
elsewhere a few rules do.
"""

import re
import symtable
import textwrap
import warnings
from dataclasses import dataclass, replace

# cells whose first line is IPython's and whose rest is Python that runs as it stands
_TIMED_CELL = re.compile(r"(\s*)%%(?:time|timeit|capture|prun)\b[^\n]*")
_FOREIGN_CELL = re.compile(r"\s*%%\w")
# a magic, a command of the shell, a question for help; and one whose result gets a name
_COMMAND = re.compile(r"(\s*)(?:[%!?].*|[^#\"']*\?)\s*")
_ASSIGNED = re.compile(r"(\s*[\w.,\s\[\]]+=)\s*[%!].*")
_CALL = re.compile(r"^([ \t]*)get_ipython\(\)\..*$", re.MULTILINE)
_BOUND = re.compile(r"^(?:(?:async\s+)?def\s+|class\s+)(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
# what may be spent on one notebook: characters that are parsed, and what IPython goes through once for each of its lines
MAX_PARSED, MAX_TRANSFORMED = 4 << 20, 200_000


@dataclass(frozen=True)
class Cell:
    """A code cell. problem: why it is left out, in words that follow `it is`; line: the first one that is no Python."""

    number: int
    source: str
    text: str = ""
    problem: str = ""
    line: int = 1


def read_cells(sources: list[str]) -> list[Cell]:
    """The cells as Python, numbered from 1."""
    reader = _Reader()
    return [reader.read(Cell(number, source)) for number, source in enumerate(sources, start=1)]


def names_bound(source: str) -> list[str]:
    """The names that lines of the source define, whether or not it is Python."""
    return list(dict.fromkeys(match[1] or match[2] for match in _BOUND.finditer(source)))


class _Reader:
    """Reads the cells of one notebook within the limits on it."""

    def __init__(self) -> None:
        self._parsed = self._transformed = 0

    def read(self, cell: Cell) -> Cell:
        source = cell.source
        while match := _TIMED_CELL.match(source):
            source = f"{match[1]}pass{source[match.end() :]}"
        if _FOREIGN_CELL.match(source):
            return replace(cell, problem="in another language")
        error = self._error(source)
        if error is None:
            return replace(cell, text=source)
        for attempt in (self._by_ipython, self._by_rules):
            text = attempt(source)
            if text is not None:
                return replace(cell, text=text)
        line = error.lineno or 1
        return replace(cell, problem=f"no Python (line {line})", line=line)

    def _error(self, source: str) -> SyntaxError | None:
        """Why the source is no Python. It is parsed, and neither compiled nor turned into objects."""
        self._parsed += len(source)
        if self._parsed > MAX_PARSED:
            return SyntaxError("too much to read")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                symtable.symtable(source, "<cell>", "exec")
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError, UnicodeError) as error:
            return SyntaxError(str(error))
        return None

    def _by_ipython(self, source: str) -> str | None:
        """The source with IPython's own lines taken out by IPython; None where it cannot."""
        lines = sum(bool(re.search(r"[%!?]", line)) for line in source.splitlines())
        self._transformed += len(source) * (1 + lines)
        if self._transformed > MAX_TRANSFORMED:
            return None
        try:
            from IPython.core.inputtransformer2 import TransformerManager
        except ImportError:
            return None
        try:
            # IPython has no type information
            manager = TransformerManager()
            text = str(manager.transform_cell(source))
        except Exception:  # it has no rule for what it is given here
            return None
        text = _CALL.sub(r"\1pass", text)
        text = text if source.endswith("\n") else text.removesuffix("\n")
        return text if self._error(text) is None else None

    def _by_rules(self, source: str) -> str | None:
        """The source without the lines at which it stops being Python, where these look like IPython's; else None."""
        lines = textwrap.dedent(source).split("\n")
        for _ in lines:
            error = self._error("\n".join(lines))
            if error is None:
                return "\n".join(lines)
            number = error.lineno or 0
            if not 0 < number <= len(lines):
                return None
            line = lines[number - 1]
            if match := _ASSIGNED.fullmatch(line):
                # a call that fails where the answer is graded, so that the name is known to be missing
                lines[number - 1] = f"{match[1]} get_ipython()"
            elif match := _COMMAND.fullmatch(line):
                lines[number - 1] = f"{match[1]}pass"
            else:
                return None
        return None
