"""Proves three things about the built site: every link leads somewhere, nothing is fetched from another address, and no
solution, hidden test or misconception stands anywhere in it.

Usage: python check_site.py SITE
"""

import ast
import base64
import binascii
import contextlib
import gzip
import io
import json
import os
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
VENDOR = Path(__file__).parent / "vendor"
BASE = urlsplit(os.environ.get("SITE_URL", "")).path  # where the site will be served, as in mkdocs.yml
BINARY = {".png", ".woff2", ".wasm", ".ico", ".pyc", ".so"}  # every other file is read as a text
GZIP = b"\x1f\x8b"
LONG, LONGER = 28, 60  # a body, or a line, of that many characters without its spaces is not met by chance


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
            # 404.html is served at any depth, so its links start at the site's root.
            if parts.path.startswith("/"):
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
    return "".join(text.split())


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


@cache
def secrets() -> dict[bytes, str]:
    """Pieces of what students must not see, and where each stands."""
    found: dict[str, str] = {}
    for folder, cut in (
        ("solutions", solution_pieces),
        ("autograder/graders", definition_pieces),
        ("autograder/misconceptions", definition_pieces),
    ):
        for path in sorted((ROOT / folder).glob("*.py")):
            for piece in cut(path.read_text(encoding="utf-8")):
                found.setdefault(piece, f"{folder}/{path.name}")
    # What the stubs, the public tests and the program itself say is public, wherever else it stands.
    public = "".join(
        squeeze(path.read_text(encoding="utf-8"))
        for folder in ("assignments", "tests/public", "src/attend")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    return {piece.encode(): source for piece, source in found.items() if piece not in public}


def strings(value: object) -> str:
    """The texts in a JSON value; a list of lines, as notebooks have them, makes one."""
    if isinstance(value, dict):
        return "\n".join(map(strings, value.values()))
    if isinstance(value, list):
        return "".join(map(strings, value))
    return str(value)


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of a file, with those of the archives in it and of what it holds in base 64."""
    if zipfile.is_zipfile(file := io.BytesIO(content)):
        with zipfile.ZipFile(file) as archive:
            for member in archive.namelist():
                yield from texts(f"{name}/{member}", archive.read(member))
        return
    if content.startswith(GZIP):
        yield from texts(name, gzip.decompress(content))
        return
    if Path(name).suffix in BINARY:
        return
    text = content.decode("utf-8", errors="replace")
    yield name, text
    if Path(name).suffix in (".json", ".ipynb", ".map"):
        yield name, strings(json.loads(text))
    for packed in re.findall(r"[A-Za-z0-9+/]{200,}={0,2}", text):
        with contextlib.suppress(binascii.Error):
            yield from texts(name, base64.b64decode(packed))


def readings(text: str) -> bytes:
    """A text without its spaces: as it stands, without tags, and without the escapes of a script's strings."""
    plain = re.sub(r"\\([nt\"'`])", lambda match: " " if match[1] in "nt" else match[1], text)
    return "\n".join(squeeze(unescape(form)) for form in (text, re.sub(r"<[^>]*>", "", text), plain)).encode()


def digests(text: bytes) -> np.ndarray:
    """A number for each run of LONG bytes, the same for the same run."""
    window = np.frombuffer(text, np.uint8).astype(np.uint64)
    parts, length = [], LONG
    size, factor, start = 1, np.uint64(1_000_003), 0
    with np.errstate(over="ignore"):
        while length:
            if length & 1:
                parts.append((start, window))
                start += size
            window = window[:-size] * factor + window[size:]
            factor, size, length = factor * factor, size * 2, length >> 1
        count = max(0, len(text) - LONG + 1)
        total = np.zeros(count, np.uint64)
        for start, part in parts:
            total = total * np.uint64(0x9E3779B97F4A7C15) + part[start : start + count]
    return total


def check_secrets(site: Path) -> list[str]:
    """Places of the site where something stands that students must not see."""
    if not secrets():
        return ["no solution, grader or misconception was found to look for: is this the whole repository?"]
    # A piece begins with a run of LONG bytes: only where such a run stands is the piece itself looked for.
    beginnings = defaultdict(list)
    for piece in secrets():
        beginnings[int(digests(piece[:LONG])[0])].append(piece)
    wanted = np.array(sorted(beginnings), np.uint64)
    likely = np.zeros(2**16, bool)  # by a digest's first two bytes: most runs of a text are ruled out at once
    likely[wanted >> np.uint64(48)] = True
    problems = {}
    theirs = {path.read_bytes() for path in VENDOR.glob("*.whl")}  # served as others made it
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for name, text in [] if content in theirs else texts(str(path.relative_to(site)), content):
            reading = readings(text)
            found = digests(reading)
            starts = np.flatnonzero(likely[found >> np.uint64(48)])
            for start in starts[np.isin(found[starts], wanted)]:
                for piece in beginnings[int(found[start])]:
                    if reading.startswith(piece, start):
                        shown = f"{name} shows what stands in {secrets()[piece]}: {piece[:60].decode(errors='ignore')}"
                        problems[shown] = None
    return list(problems)


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
