"""Small calls: the language, the table, and the smallest call on which some code is wrong."""

import numpy as np
import pytest

from attend.authoring.small_builder import build_small, not_caught, not_shown_holes, write_small
from attend.authoring.small_templates import SmallCallsError, expanded, read_templates, templates_path
from attend.course import bank
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing.plain_values import close_enough, plain, shown
from attend.testing.small_calls import SmallCalls
from attend.testing.small_language import SmallCallError, numbers_in
from attend.testing.small_signatures import signatures
from attend.testing.small_table import SmallRow, SmallTable

from .common import COURSE, each_topic

CODE = """
import numpy as np
from jaxtyping import Bool, Float, Int


def total(x: Float[np.ndarray, "S"], mask: Bool[np.ndarray, "S"] | None = None, times: int = 1):
    return np.where(True if mask is None else mask, x, 0).sum() * times


def kinds(x: Float[np.ndarray, "S"], tokens: Int[np.ndarray, "S"], mask: Bool[np.ndarray, "S"], words: list[str]):
    return str(x.dtype), str(tokens.dtype), str(mask.dtype), words
"""
SIGNATURES = signatures(CODE)


def handle(code: str) -> Student:
    return Student(LocalBackend(load_module(code, "small_code", "code.py")))


def run(text: str, code: str = CODE):
    return SmallCalls(signatures(code), "numpy").run(text, handle(code))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("total([1, 2])", 3.0),
        ("total([1, -2.5], None)", -1.5),
        ("total([1, 2], [True, False])", 1.0),
        ("total([1, 2], times=3)", 9.0),
        ("total([1, 2], mask=[False, True], times=2)", 4.0),
        ("total([])", 0.0),
    ],
)
def test_a_call_is_carried_out(text, value):
    assert run(text) == value


def test_lists_are_of_the_kinds_that_the_signature_names():
    assert run("kinds([1], [1], [1], ['a'])") == ("float64", "int64", "bool", ["a"])
    assert run("kinds(float32([1]), [1], [1], [])")[0] == "float32"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("total([1, 2]", "is not Python"),
        ("[1, 2]", "is no call"),
        ("missing([1])", "missing is no function"),
        ("total([1], [True], 1, 1)", "total takes x, mask, times"),
        ("total([1], axis=0)", "total takes x, mask, times"),
        ("total([[1], [1, 2]])", "is no array"),
        ("total(['a'])", "is no array"),
        ("total(x)", "is no number, text, list or call"),
        ("total([1]).sum()", "is no object"),
        ("__import__('os').system('true')", "no function"),
        ("total(open('x'))", "no function"),
        ("(lambda: 1)()", "is no call"),
    ],
)
def test_what_is_no_small_call_is_said_to_be_none(text, words):
    with pytest.raises(SmallCallError, match=words):
        run(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("softmax([0, 1])", 2),
        ("softmax([[0, -1], [2, 3]], axis=0)", 5),
        ("masked_softmax([0, 1], [True, False])", 4),
        ("masked_softmax([0], None)", 1),
        ("LayerNorm(2).filled(0.5)([[0, 1]])", 2),
        ("Decoder(3, 1).counted().step([1], 2)", 2),
        ("Seq2Seq(given.TinyEncoder(3, 1, 1), given.TinyDecoder(3, 1, 1, 2))([[1]])", 1),
        ("wordpieces('ab', ['a', 'b'])", 3),
        ("softmax([0, 1])[0]", 2),
        ("gradient(sequence_loss([[[0, 1]]], [[1]], 0), 'logits')", 4),
        ("repeated(3, train_step(given.TinyEncoder(3, 1, 1), SGD(0.5), [1]))", 1),
        ("type(EncoderLayer(2, 1, 1, 1).training()([[[0, 1]]])[0, 0])", 2),
        ("softmax([eye(2), zeros(2, 2), [[1, 2], ones(2)]])", 2),
    ],
)
def test_numbers_of_a_call_are_counted_and_sizes_of_classes_are_not(text, count):
    assert numbers_in(text) == count


def test_a_template_stands_for_calls_the_smallest_first():
    assert list(expanded("f([_], [B])"))[:3] == ["f([0], [True])", "f([0], [False])", "f([1], [True])"]
    assert len(list(expanded("f([_, _])"))) == 16
    assert list(expanded("f(I, B)"))[-1] == "f(2, False)"
    with pytest.raises(SmallCallsError):
        list(expanded("f("))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([0.26894, 1.0]), "[0.2689, 1]"),
        (np.array([[1, 2]]), "[[1, 2]]"),
        (np.array([np.nan, np.inf]), "[nan, inf]"),
        (np.float32(0.5), "0.5 in float32"),
        ((np.array([1.0]), 2), "[[1], 2]"),
        (([], np.zeros((0, 2))), "[[], zeros(0, 2)]"),
        ({"a": 1.5}, "{a: 1.5}"),
        (["x"], "['x']"),
        (None, "None"),
        (True, "True"),
    ],
)
def test_answers_are_written_as_people_read_them(value, text):
    assert shown(plain(value)) == text


@pytest.mark.parametrize(
    ("first", "second", "close"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-7], True),
        ([1.0, 2.0], [1.0, 2.001], False),
        ([1e6], [1e6 + 1], True),
        ([1.0], 1.0, False),
        ([[1.0]], [1.0], False),
        (["nan"], ["nan"], True),
        (["nan"], [0.0], False),
        ({"dtype": "float32", "numbers": [1.0]}, [1.0], False),
        ({"items": [1.0, 2]}, {"items": [1.0, 2]}, True),
        (True, 1, False),
        ([True], [1.0], False),
        ([False, True], [False, True], True),
    ],
)
def test_answers_are_compared_with_a_tolerance(first, second, close):
    assert close_enough(first, second) is close


TABLE = SmallTable(
    "numpy",
    SIGNATURES,
    {"total": 2},
    {"total": [SmallRow("total([0])", "zero", 0.0, ()), SmallRow("total([1, 2])", "two", 3.0, (0,))]},
)


def counterexample(code: str, **options):
    return TABLE.counterexample("total", lambda: handle(code), **options)


def test_right_code_has_no_counterexample():
    assert counterexample(CODE) is None


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("x.sum() + 1", "total([0]) must be 0; yours is 1"),
        ("x.mean()", "total([1, 2]) must be 3; yours is 1.5"),
        ("x[1:].sum() / 0 if len(x) > 1 else 0.0", "total([1, 2]) must be 3; yours is inf"),
        ("undefined", "total([0]) must be 0; yours raises NameError"),
        ("x.astype(np.float32)[:0].sum()", "total([0]) must be 0; yours is 0 in float32"),
        ("np.zeros((50, 50))", "total([0]) must be 0; yours has far more numbers"),
        ("'full marks'", "total([0]) must be 0; yours is 'full marks'"),
        ("10**400", "total([0]) must be 0; yours is no array, tensor, number or list"),
        ("[[x.sum() + 1]]", "total([0]) must be 0; yours is [[1]]"),
        ("1 + 1j", "total([0]) must be 0; yours is no array, tensor, number or list"),
        ("object()", "total([0]) must be 0; yours is no array, tensor, number or list"),
    ],
)
def test_the_smallest_call_is_shown_with_both_answers(answer, sentence):
    code = CODE.replace("np.where(True if mask is None else mask, x, 0).sum() * times", answer)
    assert counterexample(code).sentence == sentence


def test_a_text_of_the_code_is_shown_only_where_that_is_allowed():
    code = CODE.replace(
        "np.where(True if mask is None else mask, x, 0).sum() * times", "{'GRADER': 'FULL MARKS'}"
    )
    assert "FULL" in counterexample(code).sentence
    assert counterexample(code, with_text=False).sentence == "total([0]) must be 0; yours is another text"


def test_what_a_second_look_does_not_show_again_is_not_shown():
    """Here the first call after loading is right, and the second one of the search is wrong."""
    code = (
        CODE
        + "\n_right, calls = total, []\n\n\ndef total(x):\n    calls.append(1)\n    return _right(x) + (len(calls) > 1)\n"
    )
    assert counterexample(code) is None


def test_an_exercise_that_is_not_done_has_no_counterexample():
    stub = "def total(x):\n    raise NotImplementedError('t01.1 total: see docs/topics/t01')\n"
    assert TABLE.counterexample("total", lambda: handle(stub)) is None
    assert TABLE.counterexample("total", lambda: handle("x = 1\n")) is None


# the tables of the course


@each_topic
def test_the_table_of_a_topic_is_made_from_the_files_of_today(topic):
    assert templates_path(COURSE, topic).exists(), "autograder/small/ has no file of this topic"
    assert write_small(COURSE, [topic], check=True) == [], "run `attend fingerprints`"


@pytest.mark.slow
@each_topic
def test_right_answers_of_another_shape_have_no_counterexample(topic):
    table, solution = SmallTable.read(COURSE.small_calls(topic)), COURSE.solution(topic).read_text("utf-8")
    right = [(exercise.name, solution) for exercise in topic.exercises]
    right += [(each.exercise, each.spliced(solution, topic)) for each in bank.alternates(COURSE, topic)]
    for name, code in right:
        student = handle(code)
        assert table.counterexample(name, lambda student=student: student) is None


@pytest.mark.slow
@pytest.mark.parametrize("number", ["t03", "t12"])
def test_a_table_made_again_is_the_same(number):
    topic = COURSE.topic(number)
    table = build_small(COURSE, topic)
    assert table is not None
    assert table.to_json() == COURSE.small_calls(topic).read_text(encoding="utf-8")


def test_small_calls_show_all_known_mistakes_but_one():
    """The one gives the right answers and needs more memory."""
    left, total, holes = {}, 0, []
    for topic in COURSE.topics:
        table = SmallTable.read(COURSE.small_calls(topic))
        total += sum(table.mistakes.values())
        unshown = not_caught(COURSE, topic, table)
        left |= {name: names for name, names in unshown.items() if names}
        holes += [hole for found in not_shown_holes(COURSE, topic, unshown).values() for hole in found]
    assert total > 500 and left == {"low_rank_score": ["large_matrix_formed"]} and holes == []
    assert "memory" in read_templates(COURSE, COURSE.topic("t08")).not_shown["large_matrix_formed"]


def test_an_object_in_the_place_of_an_answer_is_said_to_be_none():
    """A class called in the place of a function, or a module that is returned, is an object of the student's."""
    pytest.importorskip("torch")
    code = "from torch import nn\n\n\ndef total(x):\n    return nn.Linear(1, 1)\n"
    assert counterexample(code).sentence == "total([0]) must be 0; yours is no array, tensor, number or list"
