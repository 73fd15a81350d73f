"""Proves three things about the built site: every link leads somewhere, nothing is fetched from another address, and no
solution, hidden test or misconception stands anywhere in it.

Usage: python check_site.py SITE
"""

import ast
import hashlib
import io
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
VENDOR = Path(__file__).parent / "vendor"
BASE = urlsplit(os.environ.get("SITE_URL", "")).path  # where the site will be served, as in mkdocs.yml
TEXT_FILES = {".html", ".json", ".js", ".mjs", ".css", ".py", ".xml", ".txt", ".ipynb", ".svg"}
ARCHIVES = {".zip", ".whl"}
MARKED_UP = {".html", ".svg", ".xml"}
LONG, LONGER = 28, 60  # a body, or a line, of that many characters without its spaces is not met by chance
BLOCK = (
    LONG // 2
)  # wherever LONG characters stand in a text that is cut into blocks, one whole block is among them


class PageReader(HTMLParser):
    """The ids of a page, its links, and what it loads by itself."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: set[str] = set()
        self.repeated: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            (self.repeated if values["id"] in self.ids else self.ids).add(values["id"])
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "link" and values.get("href") and values.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(values["href"])
        elif tag in ("script", "img", "iframe", "source", "video", "audio", "embed") and values.get("src"):
            self.loads.append(values["src"])

    handle_startendtag = handle_starttag


def check_links(site: Path) -> list[str]:
    """Links, fragments and files that are not there; loads that leave the site."""
    pages = {path: PageReader(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    problems = []
    for path, page in pages.items():
        name = path.relative_to(site)
        problems += [f"{name}: the id {identifier!r} stands twice" for identifier in sorted(page.repeated)]
        for url in page.links + page.loads:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                if url in page.loads and parts.scheme != "data":
                    problems.append(f"{name}: loads {url} from another address")
                continue
            if parts.path.startswith(
                "/"
            ):  # 404.html is served at any depth, so its links start at the site's root
                target = site / unquote(parts.path).removeprefix(BASE).lstrip("/")
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                problems.append(f"{name}: {url} leads nowhere")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                problems.append(f"{name}: {url} names an anchor that is not there")
    for path in site.rglob("*.css"):
        for url in re.findall(r"url\(\s*['\"]?([^)'\"]+)", path.read_text(encoding="utf-8")):
            if urlsplit(url).scheme not in ("", "data"):
                problems.append(f"{path.relative_to(site)}: loads {url} from another address")
            elif not urlsplit(url).scheme and not (path.parent / url.split("#")[0].split("?")[0]).exists():
                problems.append(f"{path.relative_to(site)}: {url} leads nowhere")
    return problems


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def pieces(code: str) -> list[str]:
    """A body of code without its comments: as a whole, every two lines, and each long line."""
    lines = [squeeze(re.sub(r"(^|\s)#.*$", "", line)) for line in code.splitlines()]
    lines = [line for line in lines if line]
    found = {"".join(lines), *map("".join, pairwise(lines))}
    return [piece for piece in found if len(piece) >= LONG] + [line for line in lines if len(line) >= LONGER]


def solution_pieces(text: str) -> list[str]:
    regions = re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", text, re.DOTALL)
    return [piece for region in regions for piece in pieces(region)]


def definition_pieces(text: str) -> list[str]:
    """The bodies of the definitions in a hidden test file or a bank, docstrings left out."""
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                found += pieces("\n".join(lines[body[0].lineno - 1 : node.end_lineno]))
    return found


class Finder:
    """Finds pieces in texts: thousands in megabytes, so a text's blocks are looked up and few pieces are searched for."""

    def __init__(self, pieces: Iterable[str]):
        self._by_block: dict[str, set[str]] = {}
        for piece in pieces:
            for start in range(BLOCK):
                self._by_block.setdefault(piece[start : start + BLOCK], set()).add(piece)

    def find(self, text: str) -> list[str]:
        likely: set[str] = set()
        for start in range(0, len(text), BLOCK):
            likely |= self._by_block.get(text[start : start + BLOCK], set())
        return sorted(piece for piece in likely if piece in text)


def every_file(site: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the site with its name, those in archives too; what came as it is from elsewhere is left out."""
    theirs = {hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.whl")}
    for path in sorted(site.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() not in theirs:
                yield from opened(path.relative_to(site).as_posix(), data)


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if PurePosixPath(name).suffix not in ARCHIVES:
        yield name, data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            yield from opened(f"{name}/{entry}", archive.read(entry))


def check_secrets(site: Path) -> list[str]:
    """Places of the site where something stands that students must not see."""
    secrets: dict[str, str] = {}
    for folder, cut in (
        ("solutions", solution_pieces),
        ("autograder/graders", definition_pieces),
        ("autograder/misconceptions", definition_pieces),
    ):
        for path in sorted((ROOT / folder).glob("*.py")):
            for piece in cut(path.read_text(encoding="utf-8")):
                secrets.setdefault(piece, f"{folder}/{path.name}")
    # What the stubs, the public tests and the program itself say is public, wherever else it stands.
    public = "".join(
        squeeze(path.read_text(encoding="utf-8"))
        for folder in ("assignments", "tests/public", "src/attend")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    for piece in Finder(secrets).find(public):
        del secrets[piece]
    finder = Finder(secrets)
    problems = []
    for name, data in every_file(site):
        suffix = PurePosixPath(name).suffix
        if suffix == ".pyc" and "/python_stdlib.zip/" not in name:
            problems.append(f"{name} is compiled code, in which nobody could look for a solution")
        if suffix not in TEXT_FILES:
            continue
        text = data.decode("utf-8", errors="replace")
        if suffix == ".json":
            text = text.replace("\\n", "\n").replace('\\"', '"')
        text = squeeze(text)
        if suffix in MARKED_UP:
            text = squeeze(unescape(re.sub(r"<[^>]*>", "", text))) + squeeze(unescape(text))
        problems += [
            f"{name} shows what stands in {secrets[piece]}: {piece[:60]}" for piece in finder.find(text)
        ]
    if not secrets:
        problems.append(
            "no solution, grader or misconception was found to look for: is this the whole repository?"
        )
    return problems


def main() -> int:
    site = Path(sys.argv[1]).resolve()
    problems = check_links(site) + check_secrets(site)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(
        f"{len(list(site.rglob('*.html')))} pages checked: {len(problems) or 'no'} problem{'s'[: len(problems) != 1]}"
    )
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
