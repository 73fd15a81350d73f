"""Read, check and write tables as CSV files."""

import codecs
import csv
import io
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError

_SEPARATORS = (",", ";", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TableError(AttendError):
    """A table cannot be used: the file is missing or is not text, a column is missing, or a row cannot be read."""


def read_table(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV, each with its place in the file for messages, as `times.csv, line 3`.

    Names of columns are in lower case; empty rows are left out.

    Raises:
        TableError: the file is missing, is not text, or lacks a column.
    """
    file = io.StringIO(read_text(path)[0], newline="")
    reader = csv.DictReader(file, delimiter=separator_of(file.readline()))
    file.seek(0)
    try:
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        missing = [name for name in needed if name not in columns]
        if missing:
            raise TableError(
                f"{path} lacks the column {missing[0]!r}; it has: {', '.join(columns) or 'none'}."
            )
        for values in reader:
            row = {str(key).strip().lower(): (value or "").strip() for key, value in values.items() if key}
            if any(row.values()):
                yield f"{path.name}, line {reader.line_num}", row
    except csv.Error as error:
        raise TableError(f"{path} cannot be read ({error}).") from error


def read_text(path: Path) -> tuple[str, str, bytes]:
    """A table's text, its encoding, and the mark before it: UTF-8, UTF-16 with its mark, or what Windows writes without.

    Raises:
        TableError: the file is missing, is empty, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read ({error.strerror}).") from error
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        # what spreadsheets of Western Europe write
        mark, encoding, text = b"", "cp1252", data.decode("cp1252", errors="replace")
    if not text.strip() or "\0" in text:
        raise TableError(f"{path} is no table of text; save it as CSV.")
    return text, encoding, mark


def separator_of(head: str) -> str:
    """What separates the cells of a table, from its first line: where people write 0,5 spreadsheets take semicolons."""
    return max(_SEPARATORS, key=head.count)


def join_key(text: str) -> str:
    """What a name, an address or a number has in common with other spellings of it: two that are equal here are the same.

    Case, spaces, Unicode's forms and leading zeros do not matter: `HY@uni.example`, `456` for `00456`.
    """
    key = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return key.lstrip("0") or "0" if key.isdecimal() else key


def parse_moment(where: str, text: str, zone: tzinfo | None = None) -> datetime:
    """An ISO 8601 moment; one without a time zone is of `zone`, where that is given.

    Raises:
        TableError: it is not such a moment, or it has no time zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TableError(
            f"{where}: {text!r} is not a date and time like 2026-10-02T23:59:00+02:00."
        ) from error
    if moment.tzinfo is None and zone is not None:
        return moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        raise TableError(f"{where}: {text!r} has no time zone; write it as 2026-10-02T23:59:00+02:00.")
    return moment


def write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Write a table whole or not at all; text that a spreadsheet would run as a formula is quoted.

    A table that is not all ASCII begins with UTF-8's mark: without it Excel shows other letters in place of accents.

    Raises:
        WriteError: the file or its folder cannot be written.
    """
    plain = True

    def lines() -> Iterator[list[object]]:
        nonlocal plain
        for row in rows:
            plain = plain and all(cell.isascii() for cell in row if isinstance(cell, str))
            yield _cells(row)

    with whole_file(path) as part:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(lines())
        if not plain:
            _put_in_front(codecs.BOM_UTF8, part)


def table_bytes(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    """What `write_csv` writes to a file, for a small table within an archive."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(map(_cells, rows))
    data = text.getvalue().encode()
    return data if data.isascii() else codecs.BOM_UTF8 + data


def _cells(row: tuple[object, ...]) -> list[object]:
    return [short_number(cell) if isinstance(cell, float) else no_formula(cell) for cell in row]


def _put_in_front(mark: bytes, path: Path) -> None:
    unmarked = path.with_name(f"{path.name}.unmarked")
    path.rename(unmarked)
    try:
        with unmarked.open("rb") as source, path.open("wb") as file:
            file.write(mark)
            shutil.copyfileobj(source, file)
    finally:
        unmarked.unlink()


FORMULAS = tuple("=+-@\t\r\n＝＋－＠")


def no_formula(cell: object) -> object:
    """`cell`; text that begins like a formula with an apostrophe before it, which marks text in spreadsheets."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULAS else cell


def without_quote(cell: str) -> str:
    """The text that `no_formula` made `cell` of."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULAS else cell


def short_number(value: float) -> str:
    """`7`, `7.5`, `6.67`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
