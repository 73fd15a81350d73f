"""Where a student is, what is next, and the ladder of hints."""

import json

import pytest

from attend.checking.progress import StudentProgress


def test_alone_before_anything_is_checked(attend):
    ran = attend()
    assert ran.code == 0
    assert "Tiny: 1 topic, about 10 min of writing" in ran.out
    assert "Next: t01.1 scale  40 points, about 5 minutes" in ran.out
    for line in (
        "read      docs/topics/t01_tiny.md#scale",
        "write     assignments/t01_tiny.py:6",
        "check     attend check t01.1, or on every save: attend watch t01",
        "stuck     attend hint t01.1 (3 left)",
    ):
        assert line in ran.out


def test_outside_a_course(attend, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = attend()
    assert ran.code == 2
    assert "no course.toml in" in ran.err


def test_a_bar_points_and_minutes(attend, write_answers):
    write_answers(shifted="return x")
    attend("check")
    out = attend("progress").out
    assert "t01 ██████████░░░░░░░░░░ 1 of 2   40 of 100 points  Scale, then shift  5 min left" in out
    assert "40 of 100 points on the public tests, about 5 min of writing left." in out
    assert "Next: t01.2 shifted" in out
    assert "1 of 2" in attend("list").out
    assert "1 of 2" in attend().out


def test_an_edit_since_the_last_check_is_told(attend, write_answers):
    write_answers()
    attend("check")
    write_answers(scale="return x")
    assert "edited since the last check: attend check t01" in attend("progress").out


def test_the_end_of_a_topic_is_celebrated_once(attend, write_answers):
    write_answers()
    assert "★ t01 is done" in attend("check").out
    assert "★" not in attend("check").out


def test_a_step_back_is_noticed(attend, write_answers):
    write_answers()
    attend("check")
    write_answers(scale="return x")
    attend("check")
    assert "0 of 2" in attend("progress").out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"topics": 3}', '{"topics": {"t01_tiny": {"scale": 7}}}'])
def test_a_spoilt_file_is_begun_anew(attend, home, write_answers, text):
    path = home.root / ".attend" / "progress.json"
    path.parent.mkdir()
    path.write_text(text)
    assert attend().code == 0
    write_answers()
    attend("check")
    assert json.loads(path.read_text())["topics"]["t01_tiny"]["scale"]["state"] == "passed"


def test_a_course_that_cannot_be_written_to(attend, home, write_answers):
    (home.root / ".attend").write_text("a file, where a folder would be")
    write_answers()
    assert attend("check").code == 0


def test_hints_come_one_at_a_time_and_are_remembered(attend):
    assert "1 of 3    Which factor?" in attend("hint", "t01.1").out
    out = attend("hint", "t01.1").out
    assert "1 of 3    Which factor?" in out
    assert "2 of 3    Multiply." in out
    assert "3 of 3" not in out
    assert "3 of 3    Every number of x meets the factor once." in attend("hint", "t01.1").out
    assert "These are all hints." in attend("hint", "t01.1").out
    assert "stuck     attend hint t01.1\n" in attend().out


def test_the_hint_for_what_is_next(attend, write_answers):
    write_answers(shifted="return x")
    attend("check")
    assert "t01.2 shifted" in attend("hint").out
    assert "2 of 3" in attend("hint", "t01").out


def test_no_hint_is_left_to_give_when_all_is_done(attend, write_answers):
    write_answers()
    attend("check")
    ran = attend("hint")
    assert ran.code == 2
    assert "all exercises are done" in ran.err


def test_the_latest_topic_is_where_one_goes_on(home):
    assert StudentProgress(home).next_exercise().name == "scale"


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["no text", "gone"])
def test_a_file_that_cannot_be_read_counts_as_edited(attend, home, write_answers, content):
    write_answers()
    attend("check")
    path = home.assignment(home.topics[0])
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    ran = attend("progress")
    assert ran.code == 0
    assert "edited since" in ran.out
