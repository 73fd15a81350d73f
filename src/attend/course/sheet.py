"""A table that a platform wrote, with all that is the platform's: encoding, mark, separators, quotes, ends of lines.

A cell that is not changed keeps its bytes.
"""

from dataclasses import dataclass
from pathlib import Path

from attend.course.atomic_file import whole_file
from attend.course.tables import no_formula, read_text, separator_of


@dataclass
class Sheet:
    """Rows of cells as they are written in the file, quotes included, and what ends each row."""

    name: str
    rows: list[list[str]]
    ends: list[str]
    separator: str
    encoding: str
    mark: bytes

    def cell(self, row: int, column: int) -> str:
        """The text of a cell, without quotes and outer spaces; "" where the row is too short."""
        raw = self.rows[row][column].strip() if column < len(self.rows[row]) else ""
        return raw[1:-1].replace('""', '"').strip() if raw[:1] == '"' and len(raw) > 1 else raw

    def texts(self, row: int) -> list[str]:
        """The texts of a row."""
        return [self.cell(row, column) for column in range(len(self.rows[row]))]

    def put(self, row: int, column: int, text: str) -> None:
        """Write a cell; in quotes if it was, or has to be."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].lstrip()[:1] == '"' or any(
            sign in text for sign in (self.separator, '"', "\n")
        )
        text = str(no_formula(text))
        cells[column] = '"' + text.replace('"', '""') + '"' if quoted else text

    def where(self, row: int) -> str:
        """The place of a row, for messages."""
        before = sum("".join(cells).count("\n") for cells in self.rows[:row])
        return f"{self.name}, line {row + 1 + before}"

    def write(self, path: Path) -> None:
        """Write the table.

        Raises:
            WriteError: the file cannot be written.
        """
        text = "".join(
            self.separator.join(cells) + end for cells, end in zip(self.rows, self.ends, strict=True)
        )
        with whole_file(path) as part:
            part.write_bytes(self.mark + text.encode(self.encoding))


def read_sheet(path: Path) -> Sheet:
    """The table in a file.

    Raises:
        TableError: the file cannot be read, or has no rows.
    """
    text, encoding, mark = read_text(path)
    first = text.splitlines()[0]
    separator = separator_of(first)
    rows, ends = _cut(text, separator)
    return Sheet(path.name, rows, ends, separator, encoding, mark)


def _cut(text: str, separator: str) -> tuple[list[list[str]], list[str]]:
    rows: list[list[str]] = []
    ends: list[str] = []
    cells, start, quoted, position = list[str](), 0, False, 0
    while position < len(text):
        sign = text[position]
        # a doubled quote within a quoted cell ends and begins it again; one within a plain cell is a sign like others
        if sign == '"' and (quoted or text[start:position].lstrip()[:1] in ("", '"')):
            quoted = not quoted
        elif not quoted and sign == separator:
            cells.append(text[start:position])
            start = position + 1
        elif not quoted and sign in "\r\n":
            end = "\r\n" if text.startswith("\r\n", position) else sign
            rows.append([*cells, text[start:position]])
            ends.append(end)
            cells, position = [], position + len(end) - 1
            start = position + 1
        position += 1
    if start < len(text) or cells:
        rows.append([*cells, text[start:]])
        ends.append("")
    return rows, ends
