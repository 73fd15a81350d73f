"""Checks the English of the course: pages, captions, quizzes, hints, sentences of misconceptions, messages of the command.

Harper, a grammar and spelling checker that works offline, reads each text; prose.toml says which of its rules are off, which
words it does not know, and which words and phrases of this project's own are not wanted.

Usage: python check_prose.py [FILE…]   (all texts, or those of these files)
"""

import ast
import multiprocessing
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from harper import Dialect, Linter

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("prose.toml")
PAGES = ("*.md", "docs/**/*.md", "src/attend/**/templates/*.md")
TEMPLATES = ("src/attend/**/templates/*.html",)
TABLES = ("docs/quizzes/*.toml", "course.toml")
CODE = (
    "docs/figures/*.py",
    "docs/_build/widgets/*.py",
    "docs/_build/coursepage.py",
    "autograder/alternates/*.py",
    "autograder/misconceptions/*.py",
    "src/attend/**/*.py",
)
LEFT_OUT = re.compile(r"node_modules|/vendor/|CHANGELOG|/lab/data/|site_data\.py|sample_class\.py")
# what is not English, or not ours: code, formulas, shapes, quotations, addresses, looks, tags, generated parts
FENCED = re.compile(r"^( *)(`{3,}|~{3,})[^\n]*\n.*?^\1\2 *$", re.DOTALL | re.MULTILINE)
MASKED = re.compile(
    r"\([^()\n]*\.\.\.[^()\n]*\)|\((?:[A-Z]\w?, ?)+[A-Z]\w?\)|^>[^\n]*|"
    r"\A---\n.*?\n---\n|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|\{ ?[#.:][^}]*\}|<[^>]+>|\{\{.*?\}\}|\{%.*?%\}|&\w+;"
    r"|https?://\S+|\[\^?\w+\]:|[\w/.-]*\w\.(?:py|toml|html|ipynb|csv|zip|md|json|svg|yml)\b",
    re.DOTALL | re.MULTILINE,
)
SYMBOL = re.compile(
    r"(?<![\w'])[B-HJ-Z][²³]?(?=\.(?:\s|$))"
)  # at a sentence's end, which Harper takes for an initial
WORD = re.compile(r"[^\W\d_]{2,}")
SPELT = re.compile(r"[a-z]{4,}(?:['’]s)?")  # what is looked up: no names, letters and numbers
FRENCH = re.compile(r"\b(?:et|deux|dix|onze|vingt|trente|je|nous|vous|elle|mon)\b")  # a lab's sentences
FEWEST_WORDS = 4  # of a string in a program: what is shorter is a name or an option


@dataclass(frozen=True)
class Text:
    """A passage of a file, with what is not English blanked out."""

    file: str
    line: int
    text: str
    is_markdown: bool = True


@dataclass(frozen=True)
class Config:
    """prose.toml."""

    off: list[str]
    words: list[str]
    allowed: list[str]
    unwanted: dict[str, str]

    @classmethod
    def read(cls) -> "Config":
        return cls(**tomllib.loads(CONFIG.read_text(encoding="utf-8")))


class Proofreader:
    """Harper with the project's settings, and the project's own list."""

    def __init__(self, config: Config):
        self.config = config
        self.linter = Linter(Dialect.BRITISH)
        unknown = set(config.off) - set(self.linter.get_default_lint_config())
        if unknown:
            raise SystemExit(f"prose.toml: Harper has no rule {', '.join(sorted(unknown))}")
        self.linter.set_lint_config(self.linter.get_lint_config() | dict.fromkeys(config.off, False))
        self.linter.import_words(config.words)

    @cached_property
    def _unwanted(self) -> list[tuple[re.Pattern, str]]:
        return [
            (re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in self.config.unwanted.items()
        ]

    @cached_property
    def _allowed(self) -> re.Pattern:
        return re.compile("|".join(map(re.escape, self.config.allowed)) or r"(?!)")

    def problems(self, text: Text) -> list[str]:
        """What is wrong, each as `file:line: 'words': advice`."""
        found = []
        plain = self._allowed.sub(_blank, text.text)
        for pattern, advice in self._unwanted:
            found += [(match.start(), match[0], advice) for match in pattern.finditer(plain)]
        language = "markdown" if text.is_markdown else "plaintext"
        for rule, lints in self.linter.organized_lints(plain, language=language).items():
            for lint in lints:
                if rule == "SpellCheck" and not SPELT.fullmatch(lint.problem_text):
                    continue
                found.append((lint.span.start, lint.problem_text, f"{lint.message} ({rule})"))
        return [
            f"{text.file}:{text.line + text.text.count(chr(10), 0, start)}: {' '.join(words.split())!r}: {advice}"
            for start, words, advice in sorted(found)
        ]


def texts(root: Path) -> Iterator[Text]:
    """All texts of the course under `root`."""
    for path, name in _files(root, PAGES):
        yield Text(name, 1, masked(_read(path)))
    for path, name in _files(root, TEMPLATES):
        yield Text(name, 1, masked(re.sub(r"<style.*?</style>", _blank, _read(path), flags=re.DOTALL)))
    for path, name in _files(root, TABLES):
        lines = _read(path).splitlines()
        for text in _sentences(tomllib.loads("\n".join(lines))):
            line = next((n for n, line in enumerate(lines, 1) if text[:30] in line), 1)
            yield Text(name, line, masked(text))
    for path, name in _files(root, CODE):
        for line, text in strings(_read(path)):
            if not (name.startswith("src/") and FRENCH.search(text)):
                yield Text(name, line, masked(text))


def masked(text: str) -> str:
    """The text with everything blanked out that is not English; lines stay where they are.

    >>> masked("Take `x` and $W$ from [here](there.md).")
    'Take `·` and `·` from [here           .'
    """
    text = SYMBOL.sub("`·`", FENCED.sub(_blank, text))
    return MASKED.sub(lambda match: _code(match[0]) if match[0][0] in "`$" else _blank(match), text)


def strings(program: str) -> Iterator[tuple[int, str]]:
    """The sentences in a program that are no docstrings; what a format string fills in becomes code."""
    tree = ast.parse(program)
    skipped = {
        id(node.body[0].value) for node in ast.walk(tree) if ast.get_docstring(_scope(node)) is not None
    }
    skipped |= {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    } - {id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "`·`" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if is_prose(text):
            yield node.lineno, text


def is_prose(text: str) -> bool:
    """Whether a string is a sentence or part of one, and not code, a path, a pattern or a format."""
    plain = masked(text)
    return len(WORD.findall(plain)) >= FEWEST_WORDS and not re.search(
        r"^\s*(import|from|def|class) |[;{}\\]\s*$|\\[bdsw]|\(\?|\w\(\w*\)|\w->|==|=\"|::|</|\w_\w|--\w",
        plain,
        re.MULTILINE,
    )


def _scope(node: ast.AST) -> ast.AST:
    """The node where it may have a docstring, or else an empty module."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return node if isinstance(node, kinds) else ast.Module(body=[], type_ignores=[])


def _sentences(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _sentences(part)
    elif isinstance(value, str) and len(WORD.findall(value)) >= FEWEST_WORDS:
        yield value


def _blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _code(text: str) -> str:
    """Code for code and formulas, which Harper does not read, over as many lines."""
    return "`·`" + "\n" * text.count("\n")


def _files(root: Path, patterns: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for path in sorted(set(chain.from_iterable(root.glob(pattern) for pattern in patterns))):
        name = path.relative_to(root).as_posix()
        if not LEFT_OUT.search(name):
            yield path, name


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def problems(texts: list[Text]) -> list[str]:
    """What is wrong in these texts; the reader is made in the process that needs it."""
    reader = Proofreader(Config.read())
    return [problem for text in texts for problem in reader.problems(text)]


def main() -> int:
    wanted = {Path(name).resolve().relative_to(ROOT).as_posix() for name in sys.argv[1:]}
    chosen = [text for text in texts(ROOT) if not wanted or text.file in wanted]
    lanes = min(os.cpu_count() or 1, 4, len(chosen) or 1)
    with ProcessPoolExecutor(lanes, multiprocessing.get_context("spawn")) as pool:
        parts = pool.map(problems, [chosen[lane::lanes] for lane in range(lanes)])
        found = sorted(chain.from_iterable(parts))
    print("\n".join([*found, f"prose: {len(found) or 'no'} problem{'s'[: len(found) != 1]}"]))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
