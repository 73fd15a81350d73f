"""What an exercise in a page of the site is told: `attend check`'s own words, with the editor's own lines."""

import pytest

from attend.checking import browser

SCALE = "def scale(x, factor):\n    return x * factor\n"
SHIFTED = "def shifted(x, factor, offset):\n    return scale(x, factor) + offset\n"


@pytest.fixture
def check(home):
    """Check an exercise of the tiny course with the codes of its editors."""

    def run(name, begun=lambda: None, **codes):
        return browser.check(str(home.root), "t01_tiny", name, codes, on_ready=begun)

    yield run
    browser._checker(str(home.root), "t01_tiny").close()
    browser._checker.cache_clear()
    browser.open_course.cache_clear()


def test_the_stub_is_not_done(check):
    assert check("scale") == {"state": "todo", "remark": "not done yet", "rows": []}


def test_right_code_passes(check):
    assert check("scale", scale=SCALE) == {"state": "passed", "remark": "1 of 1 tests", "rows": []}


def test_a_wrong_answer_is_told_as_in_the_terminal(check, attend, write_answers):
    write_answers(scale="return x + factor")
    in_terminal = attend("check", "t01.1").out
    answer = check("scale", scale=SCALE.replace("*", "+"))
    assert answer["state"] == "failing" and answer["remark"] == "0 of 1 tests"
    labels = [label for label, _ in answer["rows"]]
    assert labels == ["asked for", "called", "problem", "expected", "actual", "mistake"]
    for label, text in answer["rows"]:
        assert f"{label:<9} {text}" in in_terminal


def test_another_exercise_counts_when_its_code_is_given(check):
    waiting = check("shifted", shifted=SHIFTED)
    assert waiting["remark"] == "waits for t01.1 scale"
    assert waiting["rows"][0][1].startswith("pass t01.1 scale on this page")
    assert check("shifted", scale=SCALE, shifted=SHIFTED)["state"] == "passed"


def test_an_error_is_at_the_line_of_its_editor(check):
    answer = check(
        "shifted", scale=SCALE, shifted=f"import math\n\n\n{SHIFTED}".replace("offset\n", "nothing\n")
    )
    assert dict(answer["rows"])["line"] == "line 5  return scale(x, factor) + nothing"


def test_an_error_in_another_editor_names_it(check):
    answer = check("shifted", scale=SCALE.replace("factor\n", "nothing\n"), shifted=SHIFTED)
    assert dict(answer["rows"])["line"] == "scale, line 2  return x * nothing"


def test_what_is_no_python_is_told_with_its_line(check):
    answer = check("scale", scale="# first\ndef scale(x, factor) return x\n")
    assert answer["state"] == "failing" and answer["remark"] == "cannot be loaded"
    assert dict(answer["rows"])["line"] == "line 2  def scale(x, factor) return x"
    assert "t01_tiny" not in dict(answer["rows"])["problem"]


@pytest.mark.parametrize("code", ["", "x = 1", "def other():\n    pass"])
def test_a_removed_function_is_missed(check, code):
    assert "scale is not in" in dict(check("scale", scale=code)["rows"])["problem"]


def test_a_warning_that_is_printed_names_the_editors_line(check):
    at = 7  # a line of the module: pytest keeps real warnings to itself
    noisy = SCALE.replace(
        "    return", f"    print(__file__ + ':{at}: UserWarning: careful')\n    return 0 *"
    )
    printed = dict(check("scale", scale=noisy)["rows"])["printed"]
    assert printed.startswith("line 2: UserWarning: careful")


def test_begun_is_told_before_the_code_runs(check):
    said = []
    check("scale", begun=lambda: said.append("begun"), scale=f"print('loaded')\n{SCALE}")
    assert said == ["begun"]


def test_longer_and_shorter_code_keeps_the_rest_of_the_module():
    from attend.course.syllabus import Exercise, Topic

    names = ("first", "second")
    exercises = tuple(Exercise(name, n, "t01_x", 50, 5, 1, name) for n, name in enumerate(names, start=1))
    stub = "import math\n\n\ndef first():\n    raise\n\n\ndef helper():\n    return 1\n\n\ndef second():\n    raise\n"
    module = browser.compose(
        stub, Topic("t01_x", "X", "numpy", exercises), {"second": "b = 2", "first": "a\n\nc\n"}
    )
    assert module.text == "import math\n\n\na\n\nc\n\n\ndef helper():\n    return 1\n\n\nb = 2\n"
    assert module.parts == {"first": range(4, 7), "second": range(13, 14)}
    assert [module.place(line, "first") for line in (4, 6, 9, 13)] == [
        "line 1", "line 3", "line 9 of the module", "second, line 1",
    ]  # fmt: skip


def test_plain_integers_have_one_name_on_every_machine(monkeypatch):
    """A browser's Python is of 32 bits: there NumPy's own integers are int32."""
    import numpy as np

    from attend.student import values
    from attend.testing import check as checks

    short, long = np.array([1, 2], dtype=np.int32), np.array([1, 2], dtype=np.int64)
    with pytest.raises(checks.CheckFailedError, match="int32 where int64"):
        checks.close(short, long)
    monkeypatch.setattr(values, "WHOLE", "int32")
    checks.close(short, long)
    with pytest.raises(checks.CheckFailedError, match="int16 where int64"):
        checks.close(short.astype(np.int16), long)


def test_a_statement_that_is_left_out_is_named_at_its_line_of_the_editor(check):
    answer = check("shifted", scale=SCALE, shifted=f"import no_such_library\n\n\n{SHIFTED}")
    assert answer["state"] == "passed"
    [(label, note)] = answer["rows"]
    assert label == "note"
    assert note.startswith("line 1 was left out, because it raised ModuleNotFoundError: No module named")
