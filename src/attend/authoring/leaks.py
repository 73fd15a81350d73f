"""Whether a text quotes what students must not see: a solution, a hidden test, or an answer of the two banks.

This is the only such check: a release, the built site and the project's tests all call it.

Code is compared without whitespace, comments, quotation marks, brackets and commas, so that another layout hides
nothing; what makes a text is undone first (HTML's tags and entities, the escapes of JSON and JavaScript, the prompts of
an interpreter). A text quotes a secret when it holds one of these pieces of it:

- the whole body, if it has at least SHORTEST such characters;
- the line of the definition and the body, of a function whose body is shorter; a shorter region is not looked for;
- lines of the body in a row that have at least RUN such characters together.

Students are given some of these pieces: what a stub holds too is no secret, nor is what a hidden test shares with a
public one.
"""

import ast
import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from attend.authoring.nested_texts import texts_in_file, texts_in_folder
from attend.authoring.notebooks import FENCE
from attend.course.stub_markers import REGION
from attend.course.syllabus import Course

SHORTEST, RUN = 25, 60
LAYOUT = b" \t\n\r\f\v\\(),;'\"`"
COMMENT = re.compile("#.*")
PROMPT = re.compile(r"\n[ \t]*(?:>>>|\.\.\.|\+|>)[ \t]")
TAG = re.compile("<[^>]*>")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
ESCAPES = re.compile(r"\\+(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True)
class Secret:
    """The body of a solution region, a hidden test or an answer; `header` is the definition's line, if it has one."""

    origin: str
    header: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Leak:
    """A text that quotes a secret."""

    path: str
    origin: str
    quoted: str

    def __str__(self) -> str:
        return f"{self.path} quotes {self.origin}: {self.quoted[:120]}"


@dataclass(frozen=True)
class _Piece:
    """Squeezed code to look for, and the words that every text which holds it has."""

    text: bytes
    words: frozenset[str]
    origin: str
    code: str


class LeakCheck:
    """Finds quotations of a course's secrets; made once for many texts.

    Args:
        solutions: whether the solutions are secret too; in a release of the solutions they are not.
    """

    def __init__(self, course: Course, solutions: bool = True):
        self.secrets = find_secrets(course, solutions)
        given = squeezed("\n".join(REGION.sub("", text) for text in _solutions(course).values()))
        public = squeezed("\n".join(_texts(course, "tests/public").values()))
        pieces: dict[bytes, _Piece] = {}
        for secret in self.secrets:
            hidden_test = secret.origin.startswith(("autograder/graders/", "autograder/otter/"))
            for piece in _pieces(secret):
                if piece.text not in given and not (hidden_test and piece.text in public):
                    pieces.setdefault(piece.text, piece)
        # each piece is filed under its rarest word, so that few pieces are looked for in a text
        counts = Counter(word for piece in pieces.values() for word in piece.words)
        self._by_word: dict[str, list[_Piece]] = defaultdict(list)
        for piece in pieces.values():
            self._by_word[min(piece.words, key=lambda word: (counts[word], word), default="")].append(piece)

    def in_text(self, path: str, text: str) -> list[Leak]:
        """What `text` quotes, each secret once."""
        # a tag or an entity may stand inside a word
        words = _words(text) | _words(html.unescape(TAG.sub("", text))) | {""}
        filed = [self._by_word[word] for word in words & self._by_word.keys()]
        pieces = [piece for group in filed for piece in group if piece.words <= words]
        if not pieces:
            return []
        codes = {code for form in _forms(text) for code in _readings(form)}
        quoted = [piece for piece in pieces if any(piece.text in code for code in codes)]
        return list({piece.origin: Leak(path, piece.origin, piece.code) for piece in quoted}.values())

    def in_file(self, path: str, data: bytes) -> list[Leak]:
        """What the file `path` quotes; it may be an archive."""
        return [leak for name, text in texts_in_file(path, data) for leak in self.in_text(name, text)]

    def in_folder(self, folder: Path) -> list[Leak]:
        """What the files below `folder` quote, and the history of a git repository."""
        return [leak for name, text in texts_in_folder(folder) for leak in self.in_text(name, text)]


def squeezed(text: str) -> bytes:
    """Code without its layout and comments."""
    return _without_layout(COMMENT.sub("", text))


def _without_layout(text: str) -> bytes:
    return text.replace("\xa0", " ").encode(errors="replace").translate(None, LAYOUT)


def find_secrets(course: Course, solutions: bool = True) -> list[Secret]:
    """What students must not see: the solutions' regions (unless `solutions` is False), the hidden tests, both banks.

    The files are read as text: nothing of them is run, and none of their libraries is needed.
    """
    found = []
    for name, text in _solutions(course).items() if solutions else ():
        for number, region in enumerate(REGION.finditer(text), 1):
            found.append(Secret(f"{name}, region {number}", "", tuple(region[0].splitlines()[1:-1])))
    for name, text in _texts(course, "autograder").items():
        # a notebook's master is Markdown with hidden tests between its words
        fences = FENCE.findall(text) if name.endswith(".md") else [("hidden", text)]
        codes = [code for kind, code in fences if kind == "hidden"]
        found += [secret for code in codes for secret in _definitions(name, code)]
    return found


def _solutions(course: Course) -> dict[str, str]:
    return {name: text for name, text in _texts(course, "solutions").items() if name.endswith(".py")}


def _texts(course: Course, folder: str) -> dict[str, str]:
    """The Python and Markdown files below a folder of the course, by name."""
    paths = sorted(path for path in (course.root / folder).rglob("*") if path.suffix in (".py", ".md"))
    return {path.relative_to(course.root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _definitions(name: str, text: str) -> Iterator[Secret]:
    """The bodies of a file's functions and classes, without the docstring."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                header = "\n".join(lines[node.lineno - 1 : node.body[0].lineno - 1])
                inside = lines[body[0].lineno - 1 : node.end_lineno]
                yield Secret(f"{name}, {node.name}", header, tuple(inside))


def _pieces(secret: Secret) -> Iterator[_Piece]:
    lines = [line for line in secret.lines if squeezed(line)]
    if len(squeezed("\n".join(lines))) >= SHORTEST:
        yield _piece(lines, secret)
    elif secret.header:
        yield _piece([secret.header, *lines], secret)
    for first in range(len(lines)):
        lengths = accumulate(len(squeezed(line)) for line in lines[first:])
        last = next((first + number for number, length in enumerate(lengths, 1) if length >= RUN), None)
        if last:
            yield _piece(lines[first:last], secret)


def _piece(lines: list[str], secret: Secret) -> _Piece:
    code = COMMENT.sub("", "\n".join(lines))
    return _Piece(squeezed(code), _words(code), secret.origin, " ".join(code.split()))


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(ESCAPES.sub(" ", text)))


def _forms(text: str) -> Iterator[str]:
    """The text as it is, without tags, and with the escapes of strings undone once or twice; without entities."""
    forms = {text, TAG.sub("", text)}
    for _ in range(2):
        forms |= {ESCAPE.sub(_unescaped, form) for form in forms}
    return map(html.unescape, forms)


def _readings(form: str) -> tuple[bytes, bytes, bytes]:
    """The text as code: all of it, without comments, and without comments and prompts."""
    return _without_layout(form), squeezed(form), squeezed(PROMPT.sub("\n", "\n" + form))


def _unescaped(match: re.Match[str]) -> str:
    character = match[1]
    if character[0] in "ux" and len(character) > 1:
        return chr(int(character[1:], 16))
    return {"n": "\n", "t": "\t", "r": "\n"}.get(character, character)
