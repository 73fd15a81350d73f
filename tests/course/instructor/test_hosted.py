"""Colab, Codespaces and Binder: the addresses, the notebooks of a release, and the buttons on the pages."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest

from attend.authoring.release import release_to_folder
from attend.course.repository import Repository, parse_repository
from attend.course.syllabus import SyllabusError, load_course

from ..common import COURSE
from ..site.build import build_modules
from .conftest import git

REPOSITORY = Repository("school/attend", "student")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://github.com/school/attend", Repository("school/attend")),
        ("https://github.com/school/attend/", Repository("school/attend")),
        ("https://github.com/school/at.tend.git", Repository("school/at.tend")),
        ("https://github.com/school/attend/tree/term/2026", Repository("school/attend", "term/2026")),
        ("https://gitlab.com/school/attend", None),
        ("https://github.com/school", None),
        ('https://github.com/school/a"b', None),
        ("github.com/school/attend", None),
    ],
)
def test_an_address_of_github(own_tiny, address, found):
    assert parse_repository(address) == found
    path = own_tiny.root / "course.toml"
    text = path.read_text(encoding="utf-8").replace("seed = 7", f"seed = 7\nrepo_url = '{address}'")
    path.write_text(text, encoding="utf-8")
    if found:
        assert load_course(own_tiny.root).repository == found
    else:
        with pytest.raises(SyllabusError, match="repo_url is"):
            load_course(own_tiny.root)


def test_the_addresses_that_open_a_notebook():
    assert Repository("school/attend", "term/1").opened_in("notebooks/t04.ipynb") == {
        "Colab": "https://colab.research.google.com/github/school/attend/blob/term/1/notebooks/t04.ipynb",
        "Codespaces": "https://codespaces.new/school/attend/tree/term/1?quickstart=1",
        "Binder": "https://mybinder.org/v2/gh/school/attend/term%2F1?labpath=notebooks%2Ft04.ipynb",
    }


@pytest.fixture
def released(own_tiny, tmp_path):
    """Make the students' repository of the tiny course, with a `repo_url` or without; its folder."""

    def make(repo_url: str):
        path = own_tiny.root / "course.toml"
        line = f"seed = 7\nrepo_url = '{repo_url}'" if repo_url else "seed = 7"
        path.write_text(path.read_text(encoding="utf-8").replace("seed = 7", line), encoding="utf-8")
        git(own_tiny.root, "init", "--quiet")
        git(own_tiny.root, "add", "--all")
        git(own_tiny.root, "commit", "--quiet", "--message", "A commit")
        out = tmp_path / "student"
        release_to_folder(load_course(own_tiny.root), "student", out)
        return out

    return make


def test_a_release_without_a_repository_has_no_notebooks(released):
    assert not (released("") / "notebooks").exists()


RUN_CELLS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        result = shell.run_cell(cell["source"])
        assert result.success, cell["source"]
"""


@pytest.mark.slow
@pytest.mark.parametrize("inside", [True, False], ids=["inside the course", "alone, as in Colab"])
def test_the_notebooks_cells_run(released, tmp_path, inside):
    """Where the notebook is alone, git takes the clone from a folder in the place of GitHub."""
    out = released("https://github.com/school/attend/tree/main")
    # of the two topics one needs PyTorch
    (path,) = (out / "notebooks").iterdir()
    nbformat.validate(nbformat.reads(path.read_text(encoding="utf-8"), as_version=4))
    folder = path.parent
    if not inside:
        folder = tmp_path / "alone"
        folder.mkdir()
        path = shutil.copy(path, folder)
    settings = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{out}.insteadOf"}
    settings |= {"GIT_CONFIG_VALUE_0": "https://github.com/school/attend.git", "GIT_ALLOW_PROTOCOL": "file"}
    ran = subprocess.run(
        [sys.executable, "-c", RUN_CELLS, path],
        cwd=folder,
        env=os.environ | settings | {"IPYTHONDIR": str(tmp_path / "ipython"), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    course = out if inside else folder / "course"
    slug = "t02_gate"
    printed = re.sub(r"\x1b\[\d*m", "", ran.stdout)
    assert "not begun" in printed and f"Hand in {slug}.zip" in printed
    assert (course / "assignments" / f"{slug}.py").read_text() == (
        out / "assignments" / f"{slug}.py"
    ).read_text()


@pytest.mark.parametrize("slug", ["t04_attention_encoder", "t13_transformer"])
def test_a_pytorch_page_has_buttons_where_a_repository_is_configured(monkeypatch, slug):
    with build_modules("coursepage") as modules:
        page = modules.coursepage.Page(slug)
        assert "Open in" not in page.header()
        monkeypatch.setattr(modules.coursepage, "course", lambda: replace(COURSE, repository=REPOSITORY))
        header = page.header()
    for url in REPOSITORY.opened_in(f"notebooks/{slug}.ipynb").values():
        assert f'href="{url}"' in header
    assert header.count("Open in") == 3


def test_a_page_that_runs_its_exercises_itself_has_no_buttons(monkeypatch):
    with build_modules("coursepage") as modules:
        page = modules.coursepage.Page("t03_attention_decoding")
        monkeypatch.setattr(modules.coursepage, "course", lambda: replace(COURSE, repository=REPOSITORY))
        assert "Open in" not in page.header()
