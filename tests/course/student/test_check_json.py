"""`attend check --json`: one object that programs read; docs/students/workflow.md describes it."""

import json
import re
import subprocess
import sys

import pytest

from attend.checking.as_json import VERSION

from ..common import ROOT

NUMBER, TEXT, TRUTH = (int, float), str, bool
MAYBE_TEXT, MAYBE_LINE = (str, type(None)), (int, type(None))
PLACE = {"line": MAYBE_LINE, "cell": MAYBE_LINE, "source": MAYBE_TEXT}
FAILURE = {
    "test": TEXT,
    "asked_for": TEXT,
    "category": TEXT,
    "message": TEXT,
    "called": MAYBE_TEXT,
    "expected": MAYBE_TEXT,
    "actual": MAYBE_TEXT,
    "printed": MAYBE_TEXT,
    **PLACE,
}
EXERCISE = {
    "exercise": TEXT,
    "name": TEXT,
    "state": {"passed", "failing", "waiting", "todo"},
    "remark": TEXT,
    "points": NUMBER,
    "tests": int,
    "failures": [FAILURE],
    "mistake": MAYBE_TEXT,
    "first": [TEXT],
    "hints": [TEXT],
    "read": TEXT,
}
TOPIC = {
    "topic": TEXT,
    "number": TEXT,
    "title": TEXT,
    "file": MAYBE_TEXT,
    "passed": TRUTH,
    "problem": {"message": TEXT, **PLACE},
    "notes": [TEXT],
    "exercises": [EXERCISE],
}
CHECK = {"version": int, "passed": TRUTH, "topics": [TOPIC]}


def follows(value, schema, at: str = "$") -> None:
    """Assert that a value has the schema's fields and types; an object may be null."""
    if isinstance(schema, dict):
        if value is None and at.endswith(".problem"):
            return
        assert isinstance(value, dict) and set(value) == set(schema), at
        for name, kind in schema.items():
            follows(value[name], kind, f"{at}.{name}")
    elif isinstance(schema, list):
        assert isinstance(value, list), at
        for number, entry in enumerate(value):
            follows(entry, schema[0], f"{at}[{number}]")
    elif isinstance(schema, set):
        assert value in schema, at
    else:
        # a bool is an int for isinstance
        assert isinstance(value, schema) and isinstance(value, bool) == (schema is TRUTH), at


@pytest.fixture
def check(attend):
    """Run `attend check … --json`; returns the exit code and the object, which follows the schema."""

    def run(*arguments: str):
        ran = attend("check", *arguments, "--json")
        found = json.loads(ran.out)
        follows(found, CHECK)
        assert found["version"] == VERSION
        assert found["passed"] == all(topic["passed"] for topic in found["topics"]) == (ran.code == 0)
        return ran.code, found

    return run


def test_a_right_answer(check, write_answers, home, attend):
    write_answers()
    code, found = check()
    (topic,) = found["topics"]
    assert code == 0
    assert topic["file"] == str(home.assignment(home.topics[0]))
    assert [each["state"] for each in topic["exercises"]] == ["passed", "passed"]
    assert [each["points"] for each in topic["exercises"]] == [
        exercise.points for exercise in home.topics[0].exercises
    ]
    assert [each["failures"] for each in topic["exercises"]] == [[], []]
    # the progress is kept, as without --json
    assert "2 of 2" in attend("progress").out


def test_a_wrong_answer(check, write_answers):
    write_answers(scale="print('here')\n    return x + factor")
    code, found = check("t01")
    scale, shifted = found["topics"][0]["exercises"]
    assert code == 1
    assert (scale["state"], scale["mistake"]) == ("failing", "You add the factor, and it multiplies.")
    (failure,) = scale["failures"]
    assert failure["message"] == "scaled: 2 of 2 values are wrong"
    assert (failure["expected"], failure["actual"], failure["printed"]) == ("[3. 6.]", "[4. 5.]", "here")
    assert failure["called"] == "scale((2,), 3.0)"
    assert (failure["line"], failure["category"]) == (None, "values")
    assert shifted["first"] == ["scale"]


def test_an_error_has_the_students_line(check, write_answers):
    write_answers(scale="y = x[99]  # two  spaces\n    return y")
    _, found = check("t01.1")
    (exercise,) = found["topics"][0]["exercises"]
    (failure,) = exercise["failures"]
    assert (failure["line"], failure["cell"], failure["category"]) == (5, None, "raised")
    assert failure["source"] == "y = x[99]  # two  spaces"
    assert failure["message"].startswith("it raised IndexError: ")


def test_an_unfinished_answer(check, attend):
    code, found = check()
    exercises = found["topics"][0]["exercises"]
    assert code == 1
    assert [each["state"] for each in exercises] == ["todo", "todo"]
    assert {failure["category"] for each in exercises for failure in each["failures"]} == {"not done"}
    assert [each["hints"] for each in exercises] == [[], []]


def test_only_the_hints_that_were_taken_are_shown(check, attend, home):
    attend("hint", "t01.1")
    _, found = check()
    hints = home.topics[0].exercises[0].hints
    assert found["topics"][0]["exercises"][0]["hints"] == [hints[0]]


@pytest.mark.parametrize(
    ("after", "message", "line"),
    [
        ("def (:", "Python cannot read t01_tiny.py: ", 12),
        ("import sys; sys.exit(0)", "t01_tiny.py calls sys.exit() when it is loaded", 12),
    ],
)
def test_a_file_that_does_not_load(check, write_answers, after, message, line):
    write_answers(after=after)
    code, found = check()
    (topic,) = found["topics"]
    assert code == 1 and topic["exercises"] == []
    assert topic["problem"]["message"].startswith(message)
    assert (topic["problem"]["line"], topic["problem"]["source"]) == (line, after)


def test_a_file_that_is_gone_has_no_line(check, home):
    home.assignment(home.topics[0]).unlink()
    _, found = check()
    assert found["topics"][0]["problem"]["line"] is None


def test_a_notebooks_place_is_a_cell_and_its_line(check, home):
    path = home.assignment(home.topics[0])
    cells = ["x = 1", "def scale(x, factor):\n    y = x[99]\n    return y"]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    notebook["cells"] = [
        {"cell_type": "code", "metadata": {}, "source": cell, "outputs": [], "execution_count": None}
        for cell in cells
    ]
    path.unlink()
    path.with_suffix(".ipynb").write_text(json.dumps(notebook))
    _, found = check("t01.1")
    assert found["topics"][0]["file"].endswith("t01_tiny.ipynb")
    (failure,) = found["topics"][0]["exercises"][0]["failures"]
    assert (failure["cell"], failure["line"], failure["source"]) == (2, 2, "y = x[99]")


def test_what_a_program_of_the_student_writes_is_not_in_the_output(home, write_answers):
    """A program that the student's code starts writes to the standard output's file descriptor."""
    write_answers(scale="import os\n    os.write(1, b'from below')\n    return x * factor")
    command = [sys.executable, "-m", "attend", "check", "--json"]
    ran = subprocess.run(command, cwd=home.root, capture_output=True, timeout=60)
    found = json.loads(ran.stdout)
    follows(found, CHECK)
    assert (ran.returncode, found["passed"]) == (0, True)
    assert b"from below" in ran.stderr


def test_wrong_use_prints_a_sentence_and_no_object(attend):
    ran = attend("check", "t01.7", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "has no exercise" in ran.err


def test_the_students_page_describes_every_field():
    page = (ROOT / "docs/students/workflow.md").read_text(encoding="utf-8")
    example = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
    follows(example, CHECK)
    assert example["version"] == VERSION
    named = set(re.findall(r"`(\w+)`", page))
    assert set(CHECK) | set(TOPIC) | set(EXERCISE) | set(FAILURE) <= named
