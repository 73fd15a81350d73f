"""Local checks run where there is no Unix, no PyTorch and no grading extra, and import no more than they need."""

import json
import subprocess
import sys

import pytest

UNIX_MODULES = ("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "readline")
UNIX_CALLS = ("fork", "forkpty", "killpg", "setsid", "setuid", "getuid", "geteuid", "openpty")
EXTRAS = ("torch", "jinja2", "matplotlib", "msgspec", "nbformat", "otter", "pandas", "psutil", "dask")

PROGRAM = """
import json, os, sys
modules, calls, arguments = json.loads(sys.argv[1])
for name in modules:
    sys.modules[name] = None
for name in calls:
    if hasattr(os, name):
        delattr(os, name)
sys.argv = ["attend", *arguments]
from attend.cli import main
try:
    main()
finally:
    print("imported", *sorted(name for name, module in sys.modules.items() if module is not None), file=sys.stderr)
"""


def run(home, *arguments: str, modules=UNIX_MODULES + EXTRAS, calls=UNIX_CALLS, **environment: str):
    import os

    return subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([modules, calls, arguments])],
        cwd=home.root,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        timeout=120,
    )


@pytest.mark.parametrize(
    "arguments", [["check", "t01"], ["submit", "t01"], ["hint"], ["list"], ["progress"], []], ids=str
)
def test_every_local_command_runs_without_unix_and_without_extras(home, write_answers, arguments):
    write_answers()
    done = run(home, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_a_check_of_a_numpy_topic_imports_no_more_than_it_needs(home, write_answers):
    write_answers()
    done = run(home, "check", "t01", modules=[], calls=[])
    imported = done.stderr.split("imported", 1)[1].split()
    for name in (
        "torch",
        "sqlite3",
        "multiprocessing",
        "matplotlib",
        "jinja2",
        "rich.progress",
        "watchfiles",
    ):
        assert name not in imported


def test_an_output_that_knows_no_check_mark(home, write_answers):
    write_answers()
    done = run(home, "check", "t01", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert "✓ t01.1 scale" in done.stdout


def test_what_needs_an_extra_names_it(home):
    done = run(home, "grade", "nowhere", "--out", "results", modules=[*EXTRAS], calls=[])
    assert done.returncode == 2
    assert "pip install -e '.[" in done.stderr
