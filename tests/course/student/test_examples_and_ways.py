"""`attend examples` and `attend ways` as a student calls them."""

import shutil
import subprocess
import sys

import pytest

from ..common import ROOT


@pytest.fixture
def clone(tmp_path):
    """A copy of this course with stubs in assignments/ and nothing written yet."""
    for name in ("assignments", "tests/public", "docs/topics"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)

    def attend(*words: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "attend", "--course", tmp_path, *words]
        return subprocess.run(
            list(map(str, command)), capture_output=True, text=True, cwd=tmp_path, timeout=60
        )

    attend.root = tmp_path
    return attend


def test_the_first_call_makes_the_file_and_the_next_one_rates_what_is_in_it(clone):
    made = clone("examples", "t03")
    path = clone.root / "examples" / "t03_attention_decoding.txt"
    assert made.returncode == 0 and "examples/t03_attention_decoding.txt" in made.stdout
    assert "# t03.2 masked_softmax" in path.read_text(encoding="utf-8")
    assert "no example yet" in clone("examples", "t03.2").stdout
    with path.open("a", encoding="utf-8") as file:
        file.write("masked_softmax([0, 0], [True, False]) == [1, 0]\n")
    rated = clone("examples", "t03.2")
    assert rated.returncode == 0, rated.stdout
    assert "1 example is right and catches" in rated.stdout and "think about" in rated.stdout


def test_what_is_wrong_is_said_with_its_line_and_without_the_answer(clone):
    clone("examples", "t03")
    path = clone.root / "examples" / "t03_attention_decoding.txt"
    path.write_text("softmax([0, 0]) == [1, 0]\nhello\nsoftmax([77, 3]) == [1, 0]\n", encoding="utf-8")
    rated = clone("examples", "t03.1")
    assert rated.returncode == 1
    assert "line 1: softmax([0, 0]) is something else" in rated.stdout and "0.5" not in rated.stdout
    assert "line 2: an example is a call" in rated.stdout
    assert "line 3: softmax([77, 3]) cannot be checked here" in rated.stdout


def test_other_ways_are_shown_once_the_exercise_is_right(clone):
    before = clone("ways", "t03.1")
    assert before.returncode == 1 and "not right yet" in before.stdout and "def softmax" not in before.stdout
    shutil.copy(ROOT / "solutions/t03_attention_decoding.py", clone.root / "assignments")
    after = clone("ways", "t03.1")
    assert after.returncode == 0 and after.stdout.count("def softmax(") >= 3, after.stdout
    assert "yours" in after.stdout


def test_the_smallest_call_is_shown_by_a_check(clone):
    text = (ROOT / "solutions/t03_attention_decoding.py").read_text(encoding="utf-8")
    shifted = "exp = np.exp(scores - scores.max(axis=axis, keepdims=True))"
    assert shifted in text
    (clone.root / "assignments/t03_attention_decoding.py").write_text(
        text.replace(shifted, "exp = np.exp(scores)", 1), encoding="utf-8"
    )
    said = " ".join(clone("check", "t03.1").stdout.split())
    assert "smallest softmax([1000, 1001]) must be [0.2689, 0.7311]; yours is [nan, nan]" in said


@pytest.mark.parametrize("words", [("ways", "t03"), ("examples", "t99"), ("ways", "t03.99")])
def test_what_does_not_exist_is_said_so(clone, words):
    ran = clone(*words)
    assert ran.returncode == 2 and "attend: " in ran.stderr
