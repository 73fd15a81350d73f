"""`attend submit`: what is packed is what is checked, the same bytes every time."""

import hashlib
import json
import zipfile

from attend.submissions.submission import read_submission
from attend.testing.grader_summary import build_summary, kind_of, read_summary


def test_the_zip_holds_the_module_and_a_slip(attend, home, write_answers):
    write_answers()
    ran = attend("submit", "t01")
    assert ran.code == 0
    assert "Hand in t01_tiny.zip  Tiny 1, digest" in ran.out
    source = home.assignment(home.topics[0]).read_bytes()
    with zipfile.ZipFile("t01_tiny.zip") as archive:
        assert archive.namelist() == ["t01_tiny.py", "attend.json"]
        assert archive.read("t01_tiny.py") == source
        slip = json.loads(archive.read("attend.json"))
    assert slip == {
        "course": "Tiny",
        "version": "1",
        "topic": "t01_tiny",
        "file": "t01_tiny.py",
        "sha256": hashlib.sha256(source).hexdigest(),
    }


def test_the_reader_takes_it(attend, home, write_answers):
    write_answers()
    attend("submit", "t01")
    taken = read_submission(home.root / "t01_tiny.zip", home.topics[0], "ada")
    assert taken.text == home.assignment(home.topics[0]).read_text()


def test_the_same_bytes_every_time(attend, home, write_answers):
    write_answers()
    attend("submit", "t01", "--out", "one")
    attend("submit", "t01", "--out", "two")
    assert (home.root / "one" / "t01_tiny.zip").read_bytes() == (
        home.root / "two" / "t01_tiny.zip"
    ).read_bytes()


def test_what_the_graders_look_at_is_told_by_kind(attend, write_answers):
    write_answers()
    out = attend("submit", "t01").out
    assert "The graders run 5 more tests of what the docstrings describe:" in out
    assert "t01.1 scale  40 points, 2 tests: smallest sizes (1), properties (1)" in out


def test_an_unfinished_topic_can_be_handed_in(attend, write_answers):
    write_answers(shifted="return x")
    ran = attend("submit", "t01")
    assert ran.code == 0
    assert "1 of 2 exercises pass the public tests. You can hand it in as it is" in ran.out


def test_what_cannot_be_graded_is_not_packed(attend, home, write_answers):
    write_answers(after="def (:")
    ran = attend("submit", "t01")
    assert ran.code == 1
    assert "t01_tiny.zip is not written: a file that cannot be loaded cannot be graded." in ran.out
    assert not (home.root / "t01_tiny.zip").exists()


def test_line_ends_of_windows_are_taken(attend, home, write_answers):
    write_answers()
    path = home.assignment(home.topics[0])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "✓ t01.2 shifted" in attend("submit", "t01").out


def test_the_outlook_holds_kinds_and_numbers_alone(home):
    outlook = read_summary(home, home.topics[0])
    assert outlook == build_summary(home, home.topics[0])
    assert {exercise: sum(kinds.values()) for exercise, kinds in outlook.items()} == {
        "scale": 2,
        "shifted": 3,
    }


def test_kinds_are_told_from_words():
    assert kind_of("test_huge_scores", "Nothing overflows.", "", "softmax") == "extreme numbers"
    assert kind_of("test_masked_softmax_of_rows", "Rows add up.", "", "masked_softmax") == "properties"
    assert kind_of("test_rows", "Rows add up.", "x.requires_grad_()", "softmax") == "gradients"
