"""The texts of the course, cut into passages: what a sentence stands in decides which paper it is about."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from attend.course.syllabus import load_course

FENCE = re.compile(r"^( *)(`{3,}|~{3,})([^\n]*)\n(.*?)^\1\2 *$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(?=#{1,6} )", re.MULTILINE)
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Passage:
    """A text of a file.

    `papers`: keys of the papers it is about where it names none itself. `is_note`: it is a page's note on its one paper.
    """

    file: str
    line: int
    text: str
    papers: frozenset[str]
    is_note: bool = False


# finds where papers are named in a text; each result has `keys`
Mentions = Callable[[str], list]


def passages(root: Path, mentions: Mentions) -> Iterator[Passage]:
    """All passages of the pages, figures, quizzes and solutions under `root`."""
    topics = {topic.slug: frozenset(topic.papers) for topic in load_course(root).topics}
    docs = root / "docs"
    for path in sorted(docs.rglob("*.md")):
        if "node_modules" not in path.parts:
            yield from of_page(_read(path), _name(root, path), topics.get(path.stem, frozenset()), mentions)
    for folder in (docs / "figures", docs / "_build" / "widgets", root / "solutions"):
        for path in sorted(folder.glob("*.py")):
            yield from of_python(_read(path), _name(root, path), topics.get(path.stem, frozenset()), mentions)
    for path in sorted((docs / "quizzes").glob("*.toml")):
        yield from of_quiz(_read(path), _name(root, path), topics.get(path.stem, frozenset()), mentions)


def of_page(text: str, file: str, papers: frozenset[str], mentions: Mentions) -> Iterator[Passage]:
    """A passage for each heading, and those of the page's Python blocks."""
    for match in FENCE.finditer(text):
        if match[3].startswith("python"):
            line = text.count("\n", 0, match.start(4)) + 1
            for passage in of_python(dedent(match[4]), file, papers, mentions):
                yield Passage(file, line + passage.line - 1, passage.text, passage.papers, passage.is_note)
    plain = FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    line = 1
    for part in HEADING.split(plain):
        yield Passage(file, line, part, papers)
        line += part.count("\n")


def of_quiz(text: str, file: str, papers: frozenset[str], mentions: Mentions) -> Iterator[Passage]:
    """A passage for each text; where it names no paper, those are meant that its question or another answer names."""
    lines = text.splitlines()
    for question in tomllib.loads(text).get("questions", ()):
        texts = list(_texts(question))
        about = _named("\n\n".join(texts), mentions) or papers
        for one in texts:
            line = next((n for n, line in enumerate(lines, 1) if one[:40] in line), 1)
            yield Passage(file, line, one, about)


def of_python(text: str, file: str, papers: frozenset[str], mentions: Mentions) -> Iterator[Passage]:
    """Docstrings, other strings and comments. Where they name no paper, that of the definition around them is meant."""
    tree = ast.parse(text)
    scopes: list[tuple[int, int, frozenset[str]]] = []
    yield from _scope(tree, file, papers, mentions, scopes)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            inner = [known for first, last, known in scopes if first <= token.start[0] <= last]
            yield Passage(file, token.start[0], token.string, inner[-1] if inner else papers)


def _scope(
    node: Scope, file: str, papers: frozenset[str], mentions: Mentions, scopes: list
) -> Iterator[Passage]:
    if docstring := ast.get_docstring(node):
        yield Passage(file, node.body[0].lineno, docstring, papers)
        papers = _named(docstring, mentions) or papers
    if not isinstance(node, ast.Module):
        scopes.append((node.lineno, node.end_lineno, papers))
    elif docstring:
        scopes.append((1, 10**9, papers))
    body = node.body[1:] if docstring else node.body
    for child in body:
        yield from _strings(child, file, papers, mentions, scopes)


def _strings(
    node: ast.AST, file: str, papers: frozenset[str], mentions: Mentions, scopes: list
) -> Iterator[Passage]:
    if isinstance(node, Scope):
        yield from _scope(node, file, papers, mentions, scopes)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Passage(file, node.lineno, node.value, papers)
    elif isinstance(node, ast.JoinedStr):
        said = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
        yield Passage(file, node.lineno, "".join(said), papers)
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "papers":
        for word in node.keywords:
            for passage in _strings(word.value, file, papers, mentions, scopes):
                yield Passage(file, passage.line, passage.text, frozenset({word.arg}), is_note=True)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child, file, papers, mentions, scopes)


def _named(text: str, mentions: Mentions) -> frozenset[str]:
    return frozenset().union(*(mention.keys for mention in mentions(text)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
