"""What a page makes of a reader's work: ways and examples as the terminal has them, files to the byte, files opened."""

import zipfile

import pytest

from attend.checking import browser, browser_work
from attend.course.source import definition_text

from ..common import COURSE, ROOT

NUMPY = [topic for topic in COURSE.topics if topic.library == "numpy"]
SLUG = "t01_tiny"
OWN = '''\
"""My own module."""

import math

HELP = 2


def shifted(x, factor, offset):
    # first shifted, then a blank line with spaces
   \t
    return scale(x, factor) + offset


def help(x):
    return HELP * x


@staticmethod
def scale(x, factor):
    return x * factor
# the end'''


def nothing() -> None:
    """What `on_ready` does here."""


@pytest.fixture
def root(home):
    browser.open_course.cache_clear()
    yield str(home.root)
    browser.open_course.cache_clear()


def opened(root, data, name=f"{SLUG}.py"):
    return browser_work.open_file(root, SLUG, name, data, nothing)


@pytest.mark.parametrize("text", [OWN, OWN + "\n", OWN + "\n\n\n", OWN.replace("math", "math  \f")])
def test_a_module_that_is_opened_and_downloaded_is_the_same(root, text):
    found = opened(root, text.encode())
    assert found["codes"]["scale"].startswith("@staticmethod\ndef scale(")
    made = browser_work.module(root, SLUG, found["codes"], found["base"], nothing)
    assert made == {"name": "t01_tiny.py", "data": text.encode()}


def test_a_module_that_differs_in_the_exercises_alone_needs_no_base(root, home, write_answers):
    path = home.assignment(home.topics[0])
    text = path.read_text(encoding="utf-8").replace("raise NotImplementedError", "return x * factor  #")
    found = opened(root, text.encode())
    assert found["base"] == "" and found["notes"] == []
    assert browser_work.module(root, SLUG, found["codes"], "", nothing)["data"] == text.encode()


def test_own_helpers_are_there_when_an_exercise_is_checked(root, home):
    text = OWN.replace("@staticmethod\n", "").replace("x * factor", "help(x) * factor / HELP")
    found = opened(root, text.encode())
    answer = browser.check(root, SLUG, "scale", found["codes"], found["base"])
    browser._checker(root, SLUG).close()
    browser._checker.cache_clear()
    assert answer["state"] == "passed"


def test_a_hand_in_is_the_same_as_that_of_attend_submit(root, home, attend, write_answers):
    write_answers(after="# caf\u00e9")
    attend("submit", "t01")
    found = opened(root, home.assignment(home.topics[0]).read_bytes())
    made = browser_work.hand_in(root, SLUG, found["codes"], found["base"], nothing)
    assert made == {"name": "t01_tiny.zip", "data": (home.root / "t01_tiny.zip").read_bytes()}
    again = opened(root, made["data"], "t01_tiny.zip")
    assert (again["codes"], again["base"]) == (found["codes"], found["base"])


def test_what_cannot_be_loaded_is_no_hand_in(root):
    made = browser_work.hand_in(root, SLUG, {"scale": "# mine\ndef scale(x, factor) return x"}, "", nothing)
    assert set(made) == {"problem"}
    assert made["problem"].startswith("Python cannot read your code") and "(scale, line 2)" in made["problem"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("t01_tiny.py", b"def scale(x) return x", "line 1 of t01_tiny.py is not Python"),
        ("t01_tiny.py", b"def scale(x):\n    return x\n", "does not define shifted"),
        ("t01_tiny.py", b"\xff", "not UTF-8"),
        ("t01_tiny.py", b"\0", "null character"),
        ("t02_gate.py", OWN.encode(), "is of another topic"),
        ("t01_tiny.zip", b"no zip", "t01_tiny.zip"),
        ("notes.txt", b"words", "no Python file"),
        (f"{'t01_' * 100}.py", OWN.encode(), "the file cannot be read"),
    ],
)
def test_a_bad_file_has_a_problem(root, name, data, words):
    found = opened(root, data, name)
    assert set(found) == {"problem"} and words in found["problem"]


def test_a_zip_without_the_module_has_a_problem(root, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("t02_gate.py", OWN)
    assert "holds no t01_tiny.py" in opened(root, (tmp_path / "x.zip").read_bytes(), "x.zip")["problem"]


def test_progress_goes_out_and_comes_back(root):
    passed = [[SLUG, "shifted"], ["t99_gone", "nothing"]]
    code = browser_work.progress_code(root, passed, nothing)["code"]
    assert browser_work.read_progress_code(root, code, nothing) == {"passed": [[SLUG, "shifted"]]}
    assert "no progress code" in browser_work.read_progress_code(root, f"{code}x", nothing)["problem"]


@pytest.mark.parametrize("topic", NUMPY, ids=lambda topic: topic.number)
def test_references_go_through_the_page_unchanged(topic):
    """Each exercise's own lines, and with them the whole module."""
    text = COURSE.solution(topic).read_text(encoding="utf-8")
    found = browser_work.open_file(str(ROOT), topic.slug, f"{topic.slug}.py", text.encode(), nothing)
    for exercise in topic.exercises:
        assert found["codes"][exercise.name] == definition_text(text, exercise.target)
    made = browser_work.module(str(ROOT), topic.slug, found["codes"], found["base"], nothing)
    assert made["data"] == text.encode()


# ---- other ways, and examples


T03 = COURSE.topic("t03")


@pytest.fixture
def ways():
    yield lambda **codes: browser.ways(str(ROOT), T03.slug, "softmax", codes)
    browser._checker(str(ROOT), T03.slug).close()
    browser._checker.cache_clear()


def test_other_ways_are_opened_by_a_right_answer_alone(ways):
    right = definition_text(COURSE.solution(T03).read_text(encoding="utf-8"), "softmax")
    found = ways(softmax=right)
    assert len(found) >= 2
    for way in found:
        assert way["title"] and "_" not in way["title"] and len(way["why"].split()) > 5
        assert '<span class="k">def</span> <span class="nf">softmax</span>' in way["code"]
        assert '<span class="n">' not in way["code"]
    wrong = "def softmax(scores, axis=-1):\n    return scores\n"
    for code in (wrong, "def softmax(:", "def softmax(scores, axis=-1):\n    raise NotImplementedError\n"):
        assert ways(softmax=code) == []


def examples(text: str, name: str = "softmax"):
    return browser.examples(str(ROOT), T03.slug, name, text)


@pytest.mark.parametrize("text", ["", "\n\n", "# softmax([0, 0]) == [0.5, 0.5]"])
def test_no_example_is_said_to_be_none(text):
    assert examples(text) == {"state": "todo", "lines": ["no example yet"]}


def test_examples_are_rated_as_in_the_terminal():
    answer = examples("softmax([0, 0]) == [0.5, 0.5]\nsoftmax([0, 1]) == [0.27, 0.73]\n")
    assert answer["state"] == "passed"
    [summary] = answer["lines"]
    assert summary.startswith("2 examples are right and catch 2 of 7 known mistakes; think about ")


def test_each_line_that_is_not_right_gets_a_sentence():
    lines = [
        "softmax([0, 0]) == [0.5, 0.5]",
        "softmax([0, 1]) == [0.5, 0.5]",
        "softmax([0.123, 7]) == [0, 1]",
        "softmax([0, 1]",
        "masked_softmax([0, 0], [True, False]) == [1, 0]",
    ]
    answer = examples("\n".join(lines))
    assert answer["state"] == "failing"
    summary, *problems = answer["lines"]
    assert summary.startswith("1 example is right")
    assert "line 2: softmax([0, 1]) is something else" in problems
    assert any(
        line.startswith("line 3: softmax([0.123, 7]) cannot be checked here; these can: ")
        for line in problems
    )
    assert any(line.startswith("line 4: Python cannot read this line") for line in problems)
    assert "line 5: masked_softmax([0, 0], [True, False]) is no example of softmax" in problems
    assert len(problems) == 4
