"""A receipt says what a grade was computed from; `attend replay` computes it again and says what differs."""

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from attend.gradebook.receipts import read_receipt

from ..common import ROOT

# what grading a topic without PyTorch needs
PACKAGES = ("jaxtyping", "msgspec", "numpy", "pyseccomp", "pytest", "rich", "typer", "watchfiles")


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_text(secrets.token_hex(32))
    return path


@pytest.fixture
def results(attend, own_tiny, hand_in, answers, tmp_path):
    """A graded class: Ada's answer is right, Bela's wrong, and Chen's cannot be read."""
    folder = hand_in({"ada": answers["right"], "bela": answers["wrong"]})
    (folder / "chen").mkdir()
    (folder / "chen" / "t01_tiny.py").write_bytes(b"\xff\xfe\x00")

    def grade(*options) -> Path:
        ran = attend(own_tiny, "grade", folder, "--out", tmp_path / "out", "--isolation", "process", *options)
        assert ran.code == 0, ran.err
        return tmp_path / "out"

    return grade


def receipt_of(out: Path, student: str) -> Path:
    [path] = (out / "receipts" / student).glob("*.json")
    return path


def test_there_is_a_receipt_for_each_submission(results, own_tiny):
    out = results()
    for student, points in (("ada", 100.0), ("chen", 0.0)):
        receipt = read_receipt(receipt_of(out, student))
        assert (receipt.student, receipt.topic, receipt.points, receipt.max_points) == (
            student, "t01_tiny", points, 100.0,
        )  # fmt: skip
    receipt = read_receipt(receipt_of(out, "bela"))
    assert (receipt.course, receipt.course_version, receipt.seed) == ("Tiny", "1", 7)
    assert receipt.isolation == "process" and receipt.secret == receipt.signature == ""
    assert receipt.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert receipt.versions["numpy"] == version("numpy") and "torch" not in receipt.versions
    assert [row.exercise for row in receipt.exercises] == ["scale", "shifted"]


def test_a_grade_is_the_same_to_the_bit(attend, own_tiny, results, tmp_path):
    out = results()
    for student in ("ada", "bela"):
        path = receipt_of(out, student)
        for handed_in in (
            (),
            (tmp_path / "class" / student / "t01_tiny.py",),
            (tmp_path / "class" / student,),
        ):
            ran = attend(own_tiny, "replay", path, *handed_in, "--isolation", "process")
            assert (ran.code, "t01_tiny: the same to the bit" in ran.out) == (0, True), ran.out + ran.err
            assert "not as it was" not in ran.out
    refused = attend(own_tiny, "replay", receipt_of(out, "chen"), tmp_path / "class" / "chen" / "t01_tiny.py")
    assert "the same to the bit: 0 of 100" in refused.out, refused.err


def test_examples_that_were_handed_in_are_beside_the_receipt(attend, own_tiny, hand_in, results):
    """They are part of what was graded, and go with the rest when a student is erased."""
    hand_in({"ada": "scale([1], 2) == [2]\n"}, "t01_tiny.txt")
    out = results()
    path = receipt_of(out, "ada")
    assert path.with_suffix(".txt").read_text() == "scale([1], 2) == [2]\n"
    ran = attend(own_tiny, "replay", path, "--isolation", "process")
    assert (ran.code, "t01_tiny: the same to the bit" in ran.out) == (0, True), ran.out + ran.err
    attend(own_tiny, "gradebook", "erase", out, "ada")
    assert not path.with_suffix(".txt").exists()


def test_it_says_what_differs(attend, own_tiny, results):
    out = results()
    grader = own_tiny.graders(own_tiny.topic("t01"))
    lines = grader.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("def test_"))
    # the first test, which is one of `scale`, accepts everything now
    end = (
        next(n for n in range(at + 1, len(lines)) if lines[n].startswith(("@", "def "))) if at else len(lines)
    )
    grader.write_text("\n".join([*lines[: at + 1], "    pass", "", "", *lines[end:]]) + "\n")
    ran = attend(own_tiny, "replay", receipt_of(out, "bela"), "--isolation", "process")
    assert ran.code == 1
    assert "not as it was: the hidden tests, the solution" in ran.out
    assert "t01_tiny: not the same:" in ran.out and "  scale: " in ran.out and " → " in ran.out


def test_another_submission_is_not_graded(attend, own_tiny, results, tmp_path):
    path = receipt_of(results(), "ada")
    # of a class, the student's own is graded
    assert "the same to the bit" in attend(own_tiny, "replay", path, tmp_path / "class").out
    other = attend(own_tiny, "replay", path, tmp_path / "class" / "bela" / "t01_tiny.py")
    assert other.code == 2 and "is not what the receipt is about" in other.err
    path.with_suffix(".py").write_text("changed = 1\n")
    assert "is not what the receipt is about" in attend(own_tiny, "replay", path).err
    path.with_suffix(".py").unlink()
    assert "name what was handed in" in attend(own_tiny, "replay", path).err
    assert "does not exist" in attend(own_tiny, "replay", path, tmp_path / "nothing").err


def test_a_signature_shows_that_a_receipt_was_changed(attend, own_tiny, results, key, tmp_path):
    path = receipt_of(results("--key", key), "bela")
    text = path.read_text()
    assert key.read_text() not in text
    good = attend(own_tiny, "replay", path, "--key", key, "--isolation", "process")
    assert good.code == 0 and "the signature is right" in good.out
    assert "--key checks the signature" in attend(own_tiny, "replay", path, "--isolation", "process").out
    other = tmp_path / "other"
    other.write_text(secrets.token_hex(32))
    assert "signed with another key" in attend(own_tiny, "replay", path, "--key", other).err
    data = json.loads(text)
    for change in ({"points": 99.0}, {"student": "ada"}, {"versions": {}}, {"submission": "0"}, {"form": 2}):
        path.write_text(json.dumps({**data, **change}))
        assert "was changed after it was signed" in attend(own_tiny, "replay", path, "--key", key).err
    path.write_text(json.dumps({**data, "signature": ""}))
    assert "the receipt is not signed" in attend(own_tiny, "replay", path, "--key", key).err


def test_fresh_inputs_need_the_gradebook_and_no_receipt_holds_the_secret(attend, own_tiny, results, tmp_path):
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text().replace("[grading]", "[grading]\nfresh_inputs = true"))
    out = results()
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as book:
        [secret] = book.execute("SELECT secret FROM inputs").fetchone()
    for path in (out / "receipts").rglob("*"):
        assert path.is_dir() or secret not in path.read_text()
    path = receipt_of(out, "bela")
    assert read_receipt(path).secret
    assert "the same to the bit" in attend(own_tiny, "replay", path, "--isolation", "process").out
    elsewhere = tmp_path / "elsewhere" / path.name
    elsewhere.parent.mkdir()
    shutil.copy(path, elsewhere)
    shutil.copy(path.with_suffix(".py"), elsewhere.with_suffix(".py"))
    assert "name its folder with --results" in attend(own_tiny, "replay", elsewhere).err
    ran = attend(own_tiny, "replay", elsewhere, "--results", out, "--isolation", "process")
    assert "the same to the bit" in ran.out, ran.err
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as book, book:
        book.execute("UPDATE inputs SET secret = 'another'")
    assert "has another secret" in attend(own_tiny, "replay", path).err


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "cannot be read"),
        ("", "is no receipt"),
        ("{}", "is no receipt"),
        ("[1, 2]", "is no receipt"),
        ('{"student": "ada"}', "is no receipt"),
        ("\ud83d", "is no receipt"),
    ],
)
def test_what_is_no_receipt_is_named(attend, own_tiny, tmp_path, text, problem):
    path = tmp_path / "receipt.json"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    ran = attend(own_tiny, "replay", path)
    assert ran.code == 2 and problem in ran.err


def test_a_key_that_could_be_guessed_is_refused(attend, own_tiny, results, tmp_path):
    (tmp_path / "short").write_text("password\n")
    for name, problem in (("short", "has 8 bytes, and 32 are needed"), ("nowhere", "cannot be read")):
        ran = attend(
            own_tiny, "grade", tmp_path, "--out", tmp_path / "o", "--topic", "t01", "--key", tmp_path / name
        )
        assert ran.code == 2 and problem in ran.err


def test_erasing_a_student_removes_receipts(attend, own_tiny, results):
    out = results()
    assert attend(own_tiny, "gradebook", "erase", out, "bela").code == 0
    assert sorted(path.name for path in (out / "receipts").iterdir()) == ["ada", "chen"]


def other_python() -> Path | None:
    """An interpreter of another version that the course runs on: one that is named, of pyenv, or on the path."""
    ours = f"{sys.version_info[0]}.{sys.version_info[1]}"
    named = os.environ.get("ATTEND_OTHER_PYTHON")
    candidates = [Path(named)] if named else []
    for wanted in ("3.12", "3.13", "3.11", "3.14"):
        if wanted != ours:
            candidates += sorted(Path.home().glob(f".pyenv/versions/{wanted}*/bin/python"))
            candidates += [Path(found)] if (found := shutil.which(f"python{wanted}")) else []
    return next((path for path in candidates if path.is_file()), None)


@pytest.fixture(scope="module")
def another_python(tmp_path_factory):
    """An environment of another Python with what grading needs, and the same NumPy."""
    python = other_python()
    if python is None:
        pytest.skip("there is no other Python (3.11 to 3.14) under pyenv or on the path")
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
    own = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = [f"{name}=={version(name)}" for name in PACKAGES]
    installed = subprocess.run(
        [own, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:", *wanted],
        capture_output=True,
        text=True,
    )
    if installed.returncode:
        pytest.skip(f"the packages cannot be installed for {python}: {installed.stderr.strip()[-200:]}")
    return own


@pytest.mark.slow
def test_another_python_gives_the_same_to_the_bit(results, own_tiny, another_python, tmp_path):
    out = results()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for student in ("ada", "bela"):
        command = [
            another_python,
            "-m",
            "attend",
            "--course",
            own_tiny.root,
            "replay",
            receipt_of(out, student),
        ]
        ran = subprocess.run(
            [*map(str, command), "--isolation", "process"], env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "the same to the bit" in ran.stdout
        assert "not as it was: python: " in ran.stdout
