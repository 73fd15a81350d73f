"""The distribution is called attend-course: `attend` on the public index is another project's.

Nothing that people read or that pip reads may ask an index for `attend`: it would install that project's code.
"""

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import attend as package

from .common import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = PROJECT["name"]

# `attend` alone, as a word of a command: no path, no file name, no part of a longer name
ALONE = r"(?<![\w./=<>-])attend(?![\w./(-])"
INSTALLER = r"\b(?:pip3?|pipx|uv|poetry|pdm|conda|mamba)\b"
VERB = r"\b(?:install|add|download|wheel|run|inject|upgrade|index versions|show)\b"
FOREIGN = [
    re.compile(r"(?<![\w-])attend\[[a-z]"),
    re.compile(rf"{INSTALLER}[^\n|;&`]*?{VERB}[^\n|;&`]*?[ '\"]{ALONE}"),
    re.compile(rf"\b(?:uvx|pipx run)\b[^\n|;&`]*?{ALONE}"),
    re.compile(r"(?<![\w-])attend ?(?:[=~!<>]=|>|<|@ ?(?:file|git|http)) ?\S*\d"),
    re.compile(r"(?<![\w-])attend-\d[\w.]*-py3"),
    re.compile(r"(?:version|distribution|metadata|requires|files)\(\s*[\"']attend[\"']"),
    re.compile(r"pypi\.org/(?:project|simple|pypi)/attend\b(?!-)"),
]


def names_another(text: str) -> list[str]:
    """The lines of a text that name the distribution `attend`."""
    # `uv run attend` runs what is installed in the project, and asks no index for it
    lines = [line.replace("uv run attend", "") for line in text.splitlines()]
    return [line for line in lines if any(pattern.search(line) for pattern in FOREIGN)]


WRONG = [
    "pip install 'attend[dask]'",
    "pip install attend",
    "python -m pip install -q attend && attend list",
    'pip install "attend>=2026"',
    "attend==2026.1.0",
    "attend @ git+ssh://host/attend.git@2026",
    "install libseccomp and attend[grading]",
    "pipx install attend",
    "uvx attend list",
    "uv tool install attend",
    "uv add attend",
    "/autograder/source/files/attend-2026.1.0-py3-none-any.whl[grading]",
    'metadata.version("attend")',
    "see pypi.org/project/attend",
]
RIGHT = [
    "pip install 'attend-course[dask]'",
    "pip install -e . && attend",
    "pip install -e '.[grading]', then run `attend doctor`",
    "import attend",
    "attend grade class --out results",
    "uv run attend list",
    "./attend_course-2026.1.0-py3-none-any.whl[autograder]",
    'attend["rate"]',
    "pip install attend_course-2026.1.0-py3-none-any.whl",
]


@pytest.mark.parametrize("line", WRONG)
def test_another_distribution_is_noticed(line):
    assert names_another(line)


@pytest.mark.parametrize("line", RIGHT)
def test_our_own_names_are_allowed(line):
    assert not names_another(line)


def test_no_file_names_another_distribution():
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    found = {}
    for name in filter(None, listing.stdout.split("\0")):
        path = ROOT / name
        if path == Path(__file__).resolve() or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if lines := names_another(text):
            found[name] = lines
    assert not found


def test_extras_refer_to_this_distribution_alone():
    for extra, requirements in PROJECT["optional-dependencies"].items():
        for requirement in requirements:
            if named := re.match(r"(attend[\w-]*)\[([\w,-]+)\]", requirement):
                assert named[1] == NAME, extra
                assert set(named[2].split(",")) <= set(PROJECT["optional-dependencies"]), extra


def test_the_command_and_the_import_keep_their_names():
    assert NAME == "attend-course" and set(PROJECT["scripts"]) == {"attend"}
    assert metadata.version(NAME) == PROJECT["version"] == package.__version__
