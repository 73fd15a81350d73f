"""Whether what students receive quotes what they must not see: solutions, graders, banks of answers.

A folder is read as deep as a curious student would: archives are opened, notebooks and JSON decoded, HTML stripped,
compiled files and git's own store unpacked.
"""

import ast
import gzip
import html
import io
import json
import marshal
import re
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from attend.course.stub_markers import REGION
from attend.course.syllabus import Course

MAX_BYTES = 64 << 20
RUN, LONG_RUN = 3, 48  # so many lines in a row, with so many characters but spaces, are a quotation
WHOLE = 30  # characters of a body shorter than that are one


@dataclass(frozen=True)
class Secret:
    """A piece of code that students must not see: its lines without spaces, comments and docstrings."""

    origin: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Leak:
    """A file that quotes a secret."""

    path: str
    origin: str
    quoted: str

    def __str__(self) -> str:
        return f"{self.path} quotes {self.origin}: {self.quoted}"


def find_leaks(folder: Path, course: Course) -> list[Leak]:
    """The places below `folder` that quote the course's solutions, graders or banks."""
    runs: dict[str, Secret] = {}
    shared = _open_runs(course)
    for secret in secrets(course):
        for run in _runs(secret.lines):
            if not (secret.origin.startswith("autograder/graders/") and run in shared):
                runs.setdefault(run, secret)
    first = {run.split("\n", 1)[0] for run in runs}
    leaks = []
    for path, text in readable(folder):
        lines = [line for line in map(_bare, text.splitlines()) if line]
        for index, line in enumerate(lines):
            if line not in first:
                continue
            for length in range(1, RUN + 1):
                quoted = "\n".join(lines[index : index + length])
                if quoted in runs:
                    leaks.append(Leak(path, runs[quoted].origin, quoted.replace("\n", " ⏎ ")[:120]))
    return list(dict.fromkeys(leaks))


def _open_runs(course: Course) -> set[str]:
    """Lines of public tests: graders are written by the same hand, with the same helpers, and share some of them."""
    runs = set()
    for path in (course.root / "tests" / "public").glob("*.py"):
        lines = [line for line in map(_bare, path.read_text(encoding="utf-8").splitlines()) if line]
        for index in range(len(lines)):
            runs |= {"\n".join(lines[index : index + length]) for length in range(1, RUN + 1)}
    return runs


def secrets(course: Course) -> list[Secret]:
    """The code of the whole course that is not for students, less what they are given anyway."""
    found = []
    for path in sorted((course.root / "solutions").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        bodies = [match[0] for match in REGION.finditer(text)] or [text]
        found += [Secret(f"solutions/{path.name}", _code_lines(body)) for body in bodies]
    for path in sorted((course.root / "autograder").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                body = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                origin = f"{path.relative_to(course.root).as_posix()} {node.name}"
                found.append(Secret(origin, _code_lines(body)[1:]))
    return found


def _runs(lines: tuple[str, ...]) -> Iterator[str]:
    """What counts as a quotation: some lines in a row, or a whole body that is long enough to tell something."""
    for index in range(len(lines) - RUN + 1):
        run = lines[index : index + RUN]
        if sum(map(len, run)) >= LONG_RUN:
            yield "\n".join(run)
    if len(lines) < RUN and sum(map(len, lines)) >= WHOLE:
        yield "\n".join(lines)


def _code_lines(text: str) -> tuple[str, ...]:
    """The lines of some code without comments, docstrings and spaces."""
    text = re.sub(r'("""|\'\'\')(?:.|\n)*?\1', "", text)
    return tuple(line for line in map(_bare, text.splitlines()) if line)


def _bare(line: str) -> str:
    """A line without spaces and comment, so that a changed indentation or a prompt hides nothing."""
    line = re.sub(r"^\s*(>>>|\.\.\.|\+|>)\s", "", line)
    return re.sub(r"\s+", "", re.sub(r"(^|\s)#.*$", "", line))


def readable(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text below `folder`, with the path that leads to it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            name = path.relative_to(folder).as_posix()
            yield from _texts(name, path.read_bytes()[:MAX_BYTES])
    if (folder / ".git").exists():
        yield from _history(folder)


def _history(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file that any commit of the folder's git store ever held."""
    listing = subprocess.run(
        ["git", "-C", str(folder), "cat-file", "--batch-all-objects", "--batch"],
        capture_output=True,
        check=True,
    ).stdout
    position = 0
    while position < len(listing):
        end = listing.index(b"\n", position)
        name, kind, size = listing[position:end].decode().split()
        data = listing[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
        if kind != "tree":
            yield from _texts(f".git:{name[:12]}", data)


def _texts(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 3:
        return
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                yield from _texts(f"{name}!{entry.filename}", archive.read(entry), depth + 1)
        return
    if data[:2] == b"\x1f\x8b":
        yield from _texts(f"{name}!", gzip.decompress(data), depth + 1)
        return
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive.getmembers():
                if member.isfile():
                    yield from _texts(f"{name}!{member.name}", archive.extractfile(member).read(), depth + 1)
        return
    if name.endswith(".pyc"):
        yield name, _compiled_text(data)
        return
    text = data.decode("utf-8", errors="replace")
    yield name, text
    if name.endswith((".json", ".ipynb", ".map")):
        yield from ((f"{name}#", piece) for piece in _json_texts(text))
    if name.endswith((".html", ".svg", ".xml")):
        yield f"{name}#", html.unescape(re.sub(r"<[^>]*>", "", text))


def _json_texts(text: str) -> Iterator[str]:
    try:
        todo = [json.loads(text)]
    except ValueError:
        return
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            todo += value.values()
        elif isinstance(value, list):
            if value and all(isinstance(part, str) for part in value):
                yield "".join(value) if any(part.endswith("\n") for part in value) else "\n".join(value)
            todo += value


def _compiled_text(data: bytes) -> str:
    """The file that compiled code came from: a student needs no more to find the source again."""
    try:
        code = marshal.loads(data[16:])
    except (ValueError, EOFError, TypeError, zlib.error):
        return ""
    return code.co_filename if isinstance(code, CodeType) else ""
