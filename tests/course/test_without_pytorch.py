"""The NumPy topics are graded, audited and built where PyTorch is not installed, and their zips do not ask for it."""

import os
import subprocess
import sys
import zipfile

import pytest

from attend.course import bank
from attend.course.source import splice
from attend.grading.bundle import needs_torch

from .common import COURSE, read_rows

NUMPY_TOPICS = [topic for topic in COURSE.topics if topic.library == "numpy"]

# A process that finds this module in PYTHONPATH finds no torch anywhere.
HIDE_TORCH = """
from importlib.machinery import PathFinder


class WithoutTorch:
    find = staticmethod(PathFinder.find_spec)

    def __call__(self, name, *rest):
        return None if name.partition(".")[0] == "torch" else self.find(name, *rest)


PathFinder.find_spec = WithoutTorch()
"""
# The worker's environment is empty, so a submission itself looks whether its interpreter has loaded torch.
NO_TORCH_HERE = """
import sys
if "torch" in sys.modules:
    raise RuntimeError("torch was imported")
"""


@pytest.fixture(scope="module")
def no_torch(tmp_path_factory) -> str:
    """A folder which, in PYTHONPATH, hides torch from a process and those that it starts."""
    folder = tmp_path_factory.mktemp("no-torch")
    (folder / "sitecustomize.py").write_text(HIDE_TORCH, encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def hidden(attend, no_torch):
    """Run `attend` in a process in which torch cannot be found; what it printed."""

    def run(*arguments: object) -> str:
        done = attend(*arguments, PYTHONPATH=no_torch)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_torch_is_hidden(no_torch):
    """The other tests prove something only where the processes that they start find no torch."""
    done = subprocess.run(
        [sys.executable, "-c", "import torch"],
        env=os.environ | {"PYTHONPATH": no_torch},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and "No module named 'torch'" in done.stderr


@pytest.mark.slow
def test_references_stubs_and_known_mistakes_are_graded(hidden, tmp_path):
    mistakes = {}
    for topic in NUMPY_TOPICS:
        solution = COURSE.solution(topic).read_text(encoding="utf-8")
        mistake = bank.misconceptions(COURSE, topic)[0]
        mistakes[topic.slug] = mistake
        handed_in = {
            "right": solution + NO_TORCH_HERE,
            "stub": COURSE.assignment(topic).read_text(encoding="utf-8"),
            "mistaken": splice(solution, mistake.target(topic), mistake.source),
        }
        for student, text in handed_in.items():
            path = tmp_path / "class" / student / f"{topic.slug}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    hidden("grade", tmp_path / "class", "--out", tmp_path / "out")
    rows = read_rows(tmp_path / "out" / "grades.csv")
    assert {row["topic"] for row in rows} == set(mistakes)
    assert {row["outcome"] for row in rows if row["student"] == "right"} == {"full"}
    assert {row["outcome"] for row in rows if row["student"] == "stub"} == {"missing"}
    named = {
        row["topic"]: row["diagnosis"] for row in rows if row["student"] == "mistaken" and row["diagnosis"]
    }
    assert named == {slug: mistake.name for slug, mistake in mistakes.items()}


@pytest.mark.slow
def test_a_topic_is_audited_made_up_and_checked(hidden, tmp_path):
    assert "no holes" in hidden("audit", "t14")
    hidden("fingerprints", "--check", *(topic.number for topic in NUMPY_TOPICS))
    hidden("sample-class", "--students", 3, "--out", tmp_path / "class", "t03")
    hidden("check", "t03", "--code", "solutions")


@pytest.mark.otter
def test_zips_are_built_without_pytorch_and_do_not_ask_for_it(hidden, tmp_path):
    hidden("build", "t03", "--out", tmp_path)
    asked = [
        archive.read(name).decode()
        for path in tmp_path.glob("*.zip")
        for archive in [zipfile.ZipFile(path)]
        for name in archive.namelist()
        if name in ("requirements.txt", "environment.yml")
    ]
    assert len(asked) == 2 and all("attend_course-" in text for text in asked)
    assert not any("torch" in text or "grading]" in text.split("attend_course-")[1] for text in asked), asked


@pytest.mark.parametrize("topic", NUMPY_TOPICS, ids=lambda topic: topic.number)
def test_nothing_that_grades_a_numpy_topic_imports_torch(topic):
    assert not needs_torch(COURSE, topic)
