"""What the tests of the students' commands share: a tiny course of their own, and a way to run commands in it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from attend.authoring.fingerprint_builder import write_fingerprints
from attend.cli.settings import settings
from attend.course.syllabus import load_course

from ..common import TINY

SOLVED = "return x * factor"
SHIFTED = "return scale(x, factor) + offset"


@dataclass
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The tiny course's first topic, with its fingerprints and the summary of its graders."""
    root = tmp_path_factory.mktemp("prepared") / "tiny"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    text = (root / "course.toml").read_text(encoding="utf-8")
    (root / "course.toml").write_text("[[topics]]".join(text.split("[[topics]]")[:2]), encoding="utf-8")
    for path in (root / "tests" / "public").glob("test_t0[2-9]*"):
        path.unlink()
    course = load_course(root)
    write_fingerprints(course, list(course.topics))
    return root


@pytest.fixture
def home(prepared, tmp_path, monkeypatch):
    """A student's folder, and the working folder: a course of one topic with two exercises."""
    root = tmp_path / "home"
    shutil.copytree(prepared, root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(root)
    return load_course(root)


@pytest.fixture
def attend(home, monkeypatch, capsys):
    """Run a command in this process, as the console script does."""

    def run(*arguments: str) -> Ran:
        from attend.cli import main

        monkeypatch.setattr(sys, "argv", ["attend", *arguments])
        monkeypatch.setattr(settings, "course_folder", None)
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return Ran(stopped.value.code or 0, said.out, said.err)

    return run


@pytest.fixture
def write_answers(home):
    """Write the student's file from the bodies of its two functions."""
    path = home.assignment(home.topics[0])

    def write(scale: str = SOLVED, shifted: str = SHIFTED, after: str = "") -> None:
        bodies = {"scale(x, factor)": scale, "shifted(x, factor, offset)": shifted}
        parts = [f"def {head}:\n    {body}\n" for head, body in bodies.items()]
        path.write_text("import numpy as np\n\n\n" + "\n\n".join([*parts, after]), encoding="utf-8")

    return write


@pytest.fixture
def plain_pytest(home):
    """Run pytest on the public tests, in a process of its own."""

    def run(*arguments: str, before: str = "pass", cwd=None) -> Ran:
        code = f"import sys, pytest; {before}; sys.exit(pytest.main(sys.argv[1:]))"
        done = subprocess.run(
            [sys.executable, "-c", code, *(arguments or ("tests/public",)), "-p", "attend.testing.plugin"],
            cwd=cwd or home.root,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONIOENCODING": "utf-8"},
            timeout=120,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
