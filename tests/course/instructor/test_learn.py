"""Wrong answers without a name: in groups by what they answer, and made into known mistakes by `attend learn`."""

import json
import re

import pytest

from attend.authoring.small_templates import templates_path
from attend.course import bank
from attend.gradebook.graders import grader_digest
from attend.gradebook.groups import Groups
from attend.gradebook.store import open_gradebook
from attend.submissions.own_code import own_code

from ..common import read_rows

SCALE, SHIFTED = "return x * factor", "return scale(x, factor) + offset"
ADAS = "# Ada's own idea\n    square = my_power(factor)\n    unused = 3\n    return x * square"
HELPER = "\n\nTWO = 2\n\n\ndef my_power(value):\n    '''By Ada.'''\n    return value ** TWO\n"
SENTENCE = "You multiply by the square of the factor."
LEARN = ("learn", "t01", "--group", 1, "--name", "squared", "--sentence", SENTENCE, "--yes")


@pytest.fixture
def results(attend, own_tiny, hand_in, tmp_path):
    """The results of a class in which three square the factor, each in another way."""
    text = own_tiny.solution(own_tiny.topic("t01")).read_text(encoding="utf-8")
    folder = hand_in(
        {
            "Ada Lovelace": text.replace(SCALE, ADAS) + HELPER,
            "Bela Bartok": text.replace(SCALE, "return x * factor ** 2"),
            "Cleo Merode": text.replace(SCALE, "merode = x * factor\n    return factor * merode"),
            "Dora Maar": text.replace(SCALE, "return x * factor / 2"),
            "Emil Nolde": text.replace(SHIFTED, "return scale(x, factor) + offset + 1"),
            "Frida Kahlo": text.replace(SCALE, "return x + factor"),
            "Gala Dali": text,
        }
    )
    ran = attend(own_tiny, "grade", folder, "--out", tmp_path / "results", "--jobs", 1)
    assert ran.code == 0, ran.err
    return tmp_path / "results"


def groups_of(course, results) -> list:
    groups, topic = Groups(), course.topic("t01")
    with open_gradebook(results) as gradebook:
        for grade in gradebook.grades():
            groups.add(topic, grade)
    return groups.of(topic)


def test_answers_that_behave_alike_are_one_group_the_largest_first(own_tiny, results):
    groups = groups_of(own_tiny, results)
    assert [group.students for group in groups] == [
        ["Ada Lovelace", "Bela Bartok", "Cleo Merode"],
        ["Dora Maar"],
        ["Emil Nolde"],
    ]
    assert [group.exercise.name for group in groups] == ["scale", "scale", "shifted"]
    assert groups[0].codes["Bela Bartok"] == "def scale(x, factor):\n    return x * factor ** 2\n"
    assert groups[0].failing == ["Every number is multiplied by the factor."]


def test_the_report_shows_the_smallest_code_and_no_name_of_who_wrote_it(own_tiny, results):
    page = (results / "report.html").read_text(encoding="utf-8")
    asked = re.search(r"It fails where this is asked for: (.+)", page)
    assert asked and ".;" not in asked[1] and ".." not in asked[1]
    assert "Group 1: 3 in" in page and "Group 2: 1 in" in page
    assert "return x * factor ** 2" in page
    assert "own idea" not in page and "merode" not in page


def test_a_group_becomes_a_known_mistake_in_the_bank_and_in_the_feedback(attend, own_tiny, results):
    before = read_rows(results / "grades.csv")
    ran = attend(own_tiny, *LEARN, "--results", results)
    assert ran.code == 0, ran.err
    [answer] = [
        each for each in bank.misconceptions(own_tiny, own_tiny.topic("t01")) if each.name == "squared"
    ]
    assert (answer.exercise, answer.sentence) == ("scale", SENTENCE)
    assert "return x * factor ** 2" in answer.source
    table = json.loads(
        (own_tiny.root / "tests/public/fingerprints/t01_tiny.json").read_text(encoding="utf-8")
    )
    assert table["sentences"]["squared"] == SENTENCE
    assert "test_each_number_meets_the_factor" in ran.out and "3 students" in ran.out
    after = read_rows(results / "grades.csv")
    changed = [row["student"] for row, old in zip(after, before, strict=True) if row != old]
    assert changed == ["Ada Lovelace", "Bela Bartok", "Cleo Merode"]
    assert [row["points"] for row in after] == [row["points"] for row in before]
    for student in changed:
        [page] = (results / "feedback").glob(f"{student.split()[0]}*/t01_tiny.html")
        assert SENTENCE in page.read_text(encoding="utf-8")
    assert [group.students for group in groups_of(own_tiny, results)] == [["Dora Maar"], ["Emil Nolde"]]


def test_a_mistake_that_no_small_call_shows_yet_is_learned_all_the_same(attend, own_tiny, results):
    path = templates_path(own_tiny, own_tiny.topic("t01"))
    path.parent.mkdir()
    path.write_text('scale = [["a zero", "scale(zeros(1), 2)"]]\n', encoding="utf-8")
    ran = attend(own_tiny, *LEARN, "--results", results)
    assert ran.code == 0, ran.err
    audit = attend(own_tiny, "audit", "t01")
    words = "misconception squared is shown by no small call of at most 6 numbers"
    assert audit.code == 1 and words in " ".join(audit.out.split())


def test_nothing_is_graded_again_until_that_is_asked_for_and_then_the_name_is_found(
    attend, own_tiny, results, hand_in
):
    folder = results.parent / "class"
    attend(own_tiny, *LEARN, "--results", results)
    with open_gradebook(results) as gradebook:
        graders = {grader for *_, grader in gradebook.known()}
    assert graders == {grader_digest(own_tiny, own_tiny.topic("t01"))}
    again = attend(own_tiny, "grade", folder, "--out", results, "--jobs", 1, "--again")
    assert again.code == 0, again.err
    names = {
        row["student"]: row["diagnosis"]
        for row in read_rows(results / "grades.csv")
        if row["exercise"] == "scale"
    }
    assert [names[student] for student in ("Ada Lovelace", "Bela Bartok", "Cleo Merode")] == ["squared"] * 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--group": 9}, "t01 has no group 9: it has groups 1 to 3"),
        ({"--name": "divided"}, "has this name already"),
        ({"--name": "2nd"}, "expected a name for a function"),
        ({"--sentence": "wrong"}, "expected what a student should read"),
        ({"--sentence": "Write `return scale(x, factor) + offset` instead."}, "students must not read this"),
    ],
)
def test_what_cannot_be_added_changes_nothing(attend, own_tiny, results, changes, message):
    words = list(LEARN)
    for option, value in changes.items():
        words[words.index(option) + 1] = value
    path = own_tiny.misconceptions(own_tiny.topic("t01"))
    before = path.read_bytes(), (results / "grades.csv").read_bytes()
    ran = attend(own_tiny, *words, "--results", results)
    assert ran.code == 2 and message in " ".join(ran.err.split())
    assert (path.read_bytes(), (results / "grades.csv").read_bytes()) == before


def test_a_student_whose_code_opens_a_file_is_no_mistake_for_the_bank(attend, own_tiny, hand_in, tmp_path):
    text = own_tiny.solution(own_tiny.topic("t01")).read_text(encoding="utf-8")
    opens = text.replace(SCALE, "return x * factor ** 3 + 0 * len(str(open))")
    attend(own_tiny, "grade", hand_in({"Ada": opens}), "--out", tmp_path / "results", "--jobs", 1)
    ran = attend(own_tiny, *LEARN, "--results", tmp_path / "results")
    assert ran.code == 2 and "uses open" in " ".join(ran.err.split())


def test_code_that_is_nested_too_deep_to_be_shown_is_graded_and_grouped(attend, own_tiny, hand_in, tmp_path):
    text = own_tiny.solution(own_tiny.topic("t01")).read_text(encoding="utf-8")
    deep = text.replace(SCALE, f"return x * factor{' + 0.5' * 900}")
    attend(own_tiny, "grade", hand_in({"Ada": deep}), "--out", tmp_path / "results", "--jobs", 1)
    [group] = groups_of(own_tiny, tmp_path / "results")
    assert group.students == ["Ada"] and group.shown_code({}) == ""
    ran = attend(own_tiny, *LEARN, "--results", tmp_path / "results")
    assert ran.code == 2 and "no code of group 1 was kept" in " ".join(ran.err.split())


GIVEN = "import numpy as np\n\n\ndef scale(x):\n    return x\n"


def test_own_code_has_the_helpers_that_it_needs_and_no_words():
    text = (
        GIVEN
        + '''
from math import pi as circle
SIZE: float = 2.0  # by Ada


def used(x: float) -> float:
    """By Ada."""
    return np.exp(x) * SIZE


def unused(x):
    return circle


@decorator
def scale(x: float, y: int = 3):
    """By Ada."""
    # by Ada
    return used(x) + y
'''
    )
    expected = """def scale(x, y=3):
    SIZE: float = 2.0

    def used(x):
        return np.exp(x) * SIZE
    return used(x) + y
"""
    assert own_code(text, "scale", GIVEN) == expected


def test_own_code_of_a_class_has_helpers_in_the_methods_that_need_them():
    box = "class Box:\n    def a(self):\n        return helper()\n\n    def b(self):\n        return 2\n"
    text = f"def helper():\n    return 1\n\n\n{box}"
    made = own_code(text, "Box", "class Box:\n    pass\n")
    scope: dict = {}
    exec(made, scope)
    box = scope["Box"]()
    assert (box.a(), box.b()) == (1, 2) and made.count("def helper") == 1


def test_own_code_of_a_docstring_alone_is_still_a_definition():
    assert own_code('def scale(x):\n    """Doc."""\n', "scale", GIVEN) == "def scale(x):\n    pass\n"
