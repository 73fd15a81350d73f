"""Checks three things about the built site: every link leads somewhere, nothing is fetched from another address, and
nothing quotes a solution, a hidden test or an answer of the banks.

Usage: python check_site.py SITE
"""

import os
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attend.authoring.leaks import LeakCheck
from attend.course.syllabus import load_course

ROOT = Path(__file__).resolve().parents[2]
BASE = urlsplit(os.environ.get("SITE_URL", "")).path  # where the site will be served, as in mkdocs.yml


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


@cache
def leak_check() -> LeakCheck:
    return LeakCheck(load_course(ROOT))


def check_secrets(site: Path) -> list[str]:
    """Places of the site that quote what students must not see."""
    if not leak_check().secrets:
        return ["no solution, grader or misconception was found to look for: is this the whole repository?"]
    return [str(leak) for leak in leak_check().in_folder(site)]


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
