"""Other right ways to write an exercise: sealed in the release, and opened by a right answer alone."""

import contextlib
import json

import pytest

from attend.authoring.leaks import LeakCheck
from attend.authoring.ways_builder import build_ways, ways_of, write_ways
from attend.checking.solved import Solved, other_ways
from attend.cli import main
from attend.course import bank
from attend.testing.ways import SealedWays, Way, seal, unseal

from .common import COURSE, each_topic

KEY, OTHER = b"k" * 32, b"l" * 32


@pytest.mark.parametrize("text", ["", "a", "def f():\n    return 'é'\n" * 100])
def test_a_seal_opens_with_its_key_alone(text):
    sealed = seal(text, KEY)
    assert unseal(sealed, KEY) == text
    assert unseal(sealed, OTHER) is None
    assert len(text) < 10 or text[:10] not in sealed


@pytest.fixture(scope="module")
def t03():
    return COURSE.topic("t03")


def test_every_right_answer_opens_the_ways_and_no_wrong_one_does(t03):
    solution = COURSE.solution(t03).read_text(encoding="utf-8")
    exercise = t03.exercise("softmax")
    rights = [each for each in bank.alternates(COURSE, t03) if each.exercise == "softmax"]
    for answer in rights:
        found = other_ways(COURSE, t03, exercise, answer.spliced(solution, t03)).ways
        assert [way.name for way in found] == [way.name for way in ways_of(COURSE, t03)["softmax"]]
    wrongs = [each for each in bank.misconceptions(COURSE, t03) if each.exercise == "softmax"]
    assert len(rights) >= 2 and len(wrongs) >= 3
    for answer in wrongs:
        assert other_ways(COURSE, t03, exercise, answer.spliced(solution, t03)).ways is None


def test_the_student_sees_the_own_code_beside_the_others(t03):
    solution = COURSE.solution(t03).read_text(encoding="utf-8")
    solved = other_ways(
        COURSE, t03, t03.exercise("softmax"), solution.replace("def softmax", "# mine\ndef softmax")
    )
    assert solved.own.startswith("def softmax(") and solved.ways
    for way in solved.ways:
        assert way.code.startswith("def softmax(") and len(way.why.split()) > 5


def test_a_stub_opens_nothing(t03):
    stub = COURSE.assignment(t03).read_text(encoding="utf-8")
    assert other_ways(COURSE, t03, t03.exercise("softmax"), stub).ways is None


@each_topic
def test_the_sealed_files_are_up_to_date_and_every_exercise_has_two_ways(topic):
    assert write_ways(COURSE, [topic], check=True) == [], "run `attend fingerprints`"
    sealed = SealedWays.read(COURSE.ways(topic))
    found = ways_of(COURSE, topic)
    few = [each.name for each in topic.exercises if len(found.get(each.name, ())) < 2]
    assert few == [] and list(sealed.exercises) == [each.name for each in topic.exercises]
    assert [name for name, entry in sealed.exercises.items() if not entry.tests] == []


@each_topic
def test_nothing_of_a_right_answer_can_be_read_in_a_sealed_file(topic):
    text = COURSE.ways(topic).read_text(encoding="utf-8")
    assert LeakCheck(COURSE).in_text("ways", text) == []
    for entry in json.loads(text)["exercises"].values():
        assert "def " not in entry["text"] and "return" not in entry["text"]


def test_what_was_built_twice_is_the_same(t03):
    assert build_ways(COURSE, t03).to_json() == COURSE.ways(t03).read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_a_public_test_refuses_opens_nothing():
    """The key of a Transformer leaves out the tests of masks, in which right answers differ at padding."""
    t13 = COURSE.topic("t13")
    solution = COURSE.solution(t13).read_text(encoding="utf-8")
    wrongs = [each for each in bank.misconceptions(COURSE, t13) if each.exercise == "Transformer"]
    assert len(wrongs) >= 3
    for answer in wrongs:
        ways = other_ways(COURSE, t13, t13.exercise("Transformer"), answer.spliced(solution, t13)).ways
        assert ways is None, answer.name


@pytest.mark.slow
def test_the_order_in_which_a_class_makes_its_parts_does_not_matter():
    t07 = COURSE.topic("t07")
    solution = COURSE.solution(t07).read_text(encoding="utf-8")
    first, second = (
        f"        self.{part}\n"
        for part in (
            "W_a = nn.Linear(hidden_size, attention_size, bias=False)",
            "U_a = nn.Linear(annotation_size, attention_size, bias=False)",
        )
    )
    assert solution.count(first + second) == 1
    turned = solution.replace(first + second, second + first)
    assert other_ways(COURSE, t07, t07.exercise("BahdanauDecoder"), turned).ways


def test_code_is_shown_whole_on_a_narrow_screen(monkeypatch, capsys):
    long = "def softmax(scores):\n    return " + " + ".join(["scores"] * 12)
    shown = Solved(long, [Way("in_one_line", "It is one line.", long)])
    monkeypatch.setattr("attend.checking.solved.other_ways", lambda *_: shown)
    monkeypatch.setattr("sys.argv", ["attend", "ways", "t03.1"])
    monkeypatch.setenv("COLUMNS", "40")
    with contextlib.suppress(SystemExit):
        main()
    out = capsys.readouterr().out
    assert out.count(long) == 2 and "in one line" in out
