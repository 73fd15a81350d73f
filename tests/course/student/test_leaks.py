"""Nothing that students receive quotes a solution, a grader or a bank; and the proof notices when something does."""

import gzip
import json
import shutil
import subprocess
import zipfile

import pytest

from attend.authoring.leaks import find_leaks, secrets

from ..common import COURSE, ROOT

HIDDEN = ("solutions", "autograder", "tests/course")


def received(path: str) -> bool:
    return not path.startswith(tuple(f"{folder}/" for folder in HIDDEN))


@pytest.fixture(scope="module")
def student_tree(tmp_path_factory):
    """What students receive: every file of the repository but the hidden folders."""
    tree = tmp_path_factory.mktemp("student")
    listing = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    for name in filter(received, listing.stdout.splitlines()):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    return tree


def test_nothing_is_quoted(student_tree):
    assert [str(leak) for leak in find_leaks(student_tree, COURSE)] == []


def test_no_misconception_is_imported_or_named_by_its_file(student_tree):
    shipped = [path for path in (student_tree / "tests").rglob("*") if path.is_file()]
    assert shipped
    assert not [path for path in shipped if "autograder" in path.read_text(encoding="utf-8")]


SOLUTION = "solutions/t03_attention_decoding.py"
BANK = "autograder/misconceptions/t03_attention_decoding.py"


def planted(tree, name: str, data: bytes):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize("hidden", [SOLUTION, BANK])
@pytest.mark.parametrize(
    "hiding", ["plain", "indented", "prompt", "notebook", "json", "html", "zip", "gzip", "git"]
)
def test_a_quotation_is_found_wherever_it_hides(tmp_path, hidden, hiding):
    text = (ROOT / hidden).read_text(encoding="utf-8")
    if hiding == "plain":
        planted(tmp_path, "notes.md", text.encode())
    elif hiding == "indented":
        planted(
            tmp_path, "page.md", "\n".join("      " + line + "   # so" for line in text.splitlines()).encode()
        )
    elif hiding == "prompt":
        planted(tmp_path, "page.md", "\n".join(">>> " + line for line in text.splitlines()).encode())
    elif hiding == "notebook":
        cell = {"cell_type": "code", "source": text.splitlines(keepends=True)}
        planted(tmp_path, "lab.ipynb", json.dumps({"cells": [cell]}).encode())
    elif hiding == "json":
        planted(tmp_path, "table.json", json.dumps({"deep": [{"text": text}]}).encode())
    elif hiding == "html":
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(" = ", " <span>=</span> ")
        planted(tmp_path, "page.html", escaped.encode())
    elif hiding == "zip":
        with zipfile.ZipFile(tmp_path / "more.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inside.py", text)
    elif hiding == "gzip":
        planted(tmp_path, "more.gz", gzip.compress(text.encode()))
    else:
        planted(tmp_path, "old.py", text.encode())
        git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example"]
        for command in (
            ["init", "-q"],
            ["add", "."],
            ["commit", "-qm", "one"],
            ["rm", "-q", "old.py"],
            ["commit", "-qm", "two"],
        ):
            subprocess.run([*git, *command], check=True)
        assert not (tmp_path / "old.py").exists()
    assert any(leak.origin.startswith(hidden) for leak in find_leaks(tmp_path, COURSE))


def test_every_layer_is_a_secret():
    origins = {secret.origin.split()[0].rsplit("/", 1)[0] for secret in secrets(COURSE)}
    assert {
        "solutions",
        "autograder/graders",
        "autograder/misconceptions",
        "autograder/alternates",
    } <= origins
