"""The Python text of a module or a notebook that was handed in."""

from collections.abc import Callable
from dataclasses import dataclass

from attend.course.notebook import place, read_notebook
from attend.course.source import decode
from attend.course.syllabus import Topic
from attend.submissions.names import clean, kind_of
from attend.submissions.trees import Member, RefusedError

MAX_FILE = 1 << 20  # bytes of code
MAX_NOTEBOOK = 32 << 20  # a notebook also holds pictures


@dataclass(frozen=True)
class Text:
    """Code as it is graded, and what of a notebook was left out."""

    code: str
    notes: tuple[str, ...] = ()


def read_text(member: Member, topic: Topic, read: Callable[[Member, int], bytes]) -> Text:
    """The code in a file; `read` gives its bytes, up to a number.

    Raises:
        RefusedError: it cannot be read, is not in UTF-8 nor in the encoding that it declares, or no notebook where it is
            called one.
    """
    notebook = kind_of(member.name) == "notebook"
    text = _decode(member.shown, read(member, MAX_NOTEBOOK if notebook else MAX_FILE))
    notes: tuple[str, ...] = ()
    if notebook:
        try:
            found = read_notebook(text, topic.names)
        except ValueError as error:
            raise RefusedError(f"{member.shown} is no readable notebook ({error}).") from error
        text, notes = found.code, found.notes
    _check_characters(member.shown, text)
    return Text(text, notes)


def _decode(name: str, data: bytes) -> str:
    try:
        text = decode(data)
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8 and hand it in again."
        ) from error
    if "\0" in text:
        raise RefusedError(f"{name} holds a null character; it is no Python text.")
    return text


def _check_characters(name: str, text: str) -> None:
    """A notebook can name half a character, which is no text that could be sent or stored."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise RefusedError(
            f"{name} holds half a character (at {error.start}); it is no Unicode text."
        ) from error
    if size > MAX_FILE:
        raise RefusedError(f"{name} has {size:,} bytes of code; at most {MAX_FILE:,} are taken.")


def quoted_line(text: str, line: int | None) -> str:
    """A line of a submission with its place, as `line 3: import pandas as pd`; empty where the text has no such line."""
    lines = text.splitlines()
    if not line or line > len(lines):
        return ""
    return f"{place(text, line) or f'line {line}'}: {clean(lines[line - 1].strip())}"
