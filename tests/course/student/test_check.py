"""`attend check`: a verdict a line, and under a wrong one all that helps."""

import pytest

from attend.checking import checker
from attend.testing import plugin


def test_nothing_is_begun(attend):
    ran = attend("check")
    assert ran.code == 1
    assert "t01 Scale, then shift  not begun; write in assignments/t01_tiny.py" in ran.out


def test_all_is_right(attend, write_answers):
    write_answers()
    ran = attend("check", "t01")
    assert ran.code == 0
    assert "✓ t01.1 scale  1 of 1 tests" in ran.out
    assert "★ t01 is done: all 2 exercises pass" in ran.out
    assert "attend submit t01" in ran.out


@pytest.mark.parametrize("name", ["t01.1", "t01.scale", "t01.1 t01.1"])
def test_one_exercise(attend, write_answers, name):
    write_answers(shifted="return None")
    ran = attend("check", *name.split())
    assert ran.code == 0
    assert "t01.1 scale" in ran.out
    assert "✗" not in ran.out
    assert "t01.2 shifted  1" not in ran.out


def test_a_file_names_its_topic(attend, write_answers):
    write_answers()
    assert attend("check", "assignments/t01_tiny.py").code == 0
    assert attend("check", "tests/public/test_t01_tiny.py").code == 0


def test_an_exercise_that_does_not_exist(attend):
    ran = attend("check", "t01.7")
    assert ran.code == 2
    assert "t01_tiny has no exercise '7'; it has: scale, shifted." in ran.err


def test_a_wrong_answer_is_told_with_all_that_helps(attend, write_answers):
    write_answers(scale="return x + factor")
    out = attend("check").out
    for line in (
        "✗ t01.1 scale  0 of 1 tests",
        "asked for [1, 2] times 3 is [3, 6].",
        "called    scale((2,), 3.0)",
        "problem   scaled: 2 of 2 values are wrong",
        "expected  [3. 6.]",
        "actual    [4. 5.]",
        "mistake   You add the factor, and it multiplies.",
        "read on   docs/topics/t01_tiny.md#scale",
        "✗ t01.2 shifted  0 of 1 tests; first scale, on which it builds",
    ):
        assert line in out


def test_an_error_names_the_students_own_line(attend, write_answers):
    write_answers(scale="y = x[99]\n    return y")
    out = attend("check", "t01.1").out
    assert "problem   it raised IndexError" in out
    assert "line      assignments/t01_tiny.py:5  y = x[99]" in out


def test_prints_stand_under_their_exercise(attend, write_answers):
    write_answers(scale="print('factor is', factor)\n    return None")
    assert "printed   factor is 3.0" in attend("check", "t01.1").out


def test_what_calls_an_undone_exercise_waits(attend, write_answers):
    write_answers(scale='raise NotImplementedError("t01.1 scale: see docs/topics/t01_tiny")')
    out = attend("check").out
    assert "· t01.1 scale  not done yet" in out
    assert "· t01.2 shifted  waits for t01.1 scale" in out


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("def (:", "Python cannot read t01_tiny.py: "),
        ("import sys; sys.exit(0)", "t01_tiny.py calls sys.exit() when it is loaded"),
    ],
)
def test_a_file_that_cannot_be_loaded(attend, write_answers, after, words):
    write_answers(after=after)
    ran = attend("check")
    assert ran.code == 1
    assert words in ran.out
    assert f"line      assignments/t01_tiny.py:12  {after}" in ran.out


def test_a_library_that_is_missing_is_named_and_costs_only_what_uses_it(attend, write_answers):
    write_answers(after="import torhc")
    ran = attend("check")
    assert ran.code == 0 and "✓ t01.2 shifted" in ran.out
    words = "assignments/t01_tiny.py:12 was left out, because it raised ModuleNotFoundError: No module named 'torhc'"
    assert f"note      {words}" in ran.out
    write_answers(shifted="return torhc.shift(x)", after="import torhc")
    ran = attend("check")
    assert ran.code == 1 and "✓ t01.1 scale" in ran.out and "No module named 'torhc'" in ran.out


def test_a_file_that_is_no_text(attend, home):
    home.assignment(home.topics[0]).write_bytes(b"\xff\xfe")
    assert "t01_tiny.py is not UTF-8 text (byte 0); save it as UTF-8" in attend("check").out


def test_a_file_that_is_gone(attend, home):
    home.assignment(home.topics[0]).unlink()
    assert "get it back with `git checkout t01_tiny.py`" in attend("check").out


def test_an_endless_loop_ends_and_costs_once(attend, write_answers, monkeypatch):
    for module in (checker, plugin):
        monkeypatch.setattr(module, "public_seconds", lambda topic: 0.3)
    write_answers(scale="\n    while True:\n        pass")
    out = attend("check").out
    assert "problem   no answer before the deadline: does a loop never end?" in out
    assert "line      assignments/t01_tiny.py:6  while True:" in out
    assert "· t01.2 shifted  not tried: t01.1 scale did not return in time" in out


def test_sys_exit_in_a_function(attend, write_answers):
    write_answers(scale="raise SystemExit(3)")
    assert "it called sys.exit(): an answer goes back by `return`" in attend("check", "t01.1").out


def test_a_student_who_has_had_enough(home, write_answers):
    write_answers(scale="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        checker.check_topic(home, home.topics[0])


def test_another_folder_changes_no_progress(attend, write_answers, home):
    write_answers()
    folder = home.root / "other"
    folder.mkdir()
    (folder / "t01_tiny.py").write_text("x = 1\n")
    attend("check")
    assert attend("check", "--code", "other").code == 1
    assert "2 of 2" in attend("progress").out


def test_pytorch_is_asked_for_by_name(attend, home, monkeypatch):
    path = home.root / "course.toml"
    path.write_text(path.read_text().replace('library = "numpy"', 'library = "torch"'))
    monkeypatch.setattr(checker, "has_library", lambda topic: False)
    ran = attend("check", "t01")
    assert ran.code == 2
    assert ran.err == "attend: t01 needs PyTorch: pip install -e '.[torch]'\n"


def test_a_topic_that_cannot_be_checked_hides_no_other(attend, home, monkeypatch):
    """What stands in brackets is printed as it stands, too."""
    text = (home.root / "course.toml").read_text()
    topic = "[[topics]]" + text.split("[[topics]]")[1]
    other = topic.replace("t01_tiny", "t02_torch").replace('library = "numpy"', 'library = "torch"')
    (home.root / "course.toml").write_text(text + "\n" + other)
    monkeypatch.setattr(checker, "has_library", lambda topic: topic.library == "numpy")
    out = attend("check").out
    assert "t01 Scale, then shift  not begun" in out
    assert "✗ t02 needs PyTorch: pip install -e '.[torch]'" in out


def test_a_stub_that_calls_nothing_does_not_wait(attend, write_answers):
    """Its test may call an earlier exercise that is not done; it is not done itself."""
    write_answers(
        scale='raise NotImplementedError("t01.1 scale: see docs/topics/t01_tiny")',
        shifted='scale(x, factor)\n    raise NotImplementedError("t01.2 shifted: see docs/topics/t01_tiny")',
    )
    assert "t01 Scale, then shift  not begun" in attend("check").out


def test_a_folder_that_does_not_exist_is_wrong_use(attend):
    ran = attend("check", "t01", "--code", "nowhere")
    assert ran.code == 2 and ran.out == ""
    assert "nowhere is not a folder" in ran.err and "t01_tiny.py" in ran.err
