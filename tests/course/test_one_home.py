"""Each of these rules is written in one module; every other module calls it."""

import re
import subprocess

import pytest

from .common import ROOT

HOMES = {
    # the markers of a solution, which a leak check would look for (and what makes or shows them)
    "course/stub_markers.py": r"(BEGIN|END) SOLUTION(?!\")|: see docs/topics/",
    "course/archives.py": r"ZipFile\([^)]*[\"']w[\"']|make_archive|SOURCE_DATE_EPOCH = ",
    "course/atomic_file.py": r"os\.replace|\.part\"",
    "course/bibliography.py": r"import bibtexparser|@\\w\+\\\{",
    "course/svg.py": r"savefig|hashsalt|<svg ",
    "course/threads.py": r"_NUM_THREADS|set_num_threads",
    "testing/compare.py": r"isclose|allclose\(|equal_nan",
    "gradebook/grade.py": r"partition\(\"\[\"\)",
}
# code of other kinds: a folder that is put in place, a gradient that should be zero
EXCEPT = {
    ("course/atomic_file.py", "submissions/unzip.py"),
    ("testing/compare.py", "testing/check.py"),
}


@pytest.mark.parametrize("home", HOMES)
def test_a_rule_is_in_one_module(home):
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "src/attend/*.py", "docs/_build/*.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = listing.stdout.split()
    assert f"src/attend/{home}" in names
    found = {
        name.removeprefix("src/attend/")
        for name in names
        if (ROOT / name).exists() and re.search(HOMES[home], (ROOT / name).read_text(encoding="utf-8"))
    }
    assert home in found
    assert {(home, name) for name in found - {home}} <= EXCEPT
