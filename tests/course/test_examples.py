"""Examples that students write: how they are read, and how they are judged by the table of small calls."""

import pytest

from attend.testing.examples import agrees, canonical, judge, read_examples
from attend.testing.small_signatures import signatures
from attend.testing.small_table import SmallRow, SmallTable

SIGNATURES = signatures(
    "def scale(x: Float[np.ndarray, 'S'], factor: float): ...\ndef shifted(x, factor, offset): ...\n"
)
TABLE = SmallTable(
    "numpy",
    SIGNATURES,
    {"scale": 3, "shifted": 3},
    {
        "scale": [
            SmallRow("scale([0], 2)", "a zero", [0.0], ()),
            SmallRow("scale([1], 2)", "a one", [2.0], (0,)),
            SmallRow("scale([1, 3], 0.333)", "a third", [0.333, 0.999], (0, 1, 2)),
        ],
        "shifted": [SmallRow("shifted([1], 2, 3)", "an offset", {"items": [[5.0], 1]}, (1,))],
    },
)


@pytest.fixture
def judged(tiny):
    """The judgement on each exercise, by its name, of examples in a text."""

    def of(text: str) -> dict:
        return {each.exercise.name: each for each in judge(tiny.topic("t01"), TABLE, read_examples(text))}

    return of


def test_comments_and_empty_lines_are_no_examples():
    assert read_examples("# a comment\n\n   \n") == []


def test_an_example_is_a_call_and_an_answer():
    [example] = read_examples("# first\nscale([1], 2) == [2.0]  # as worked out\n")
    assert (example.line, example.call, example.expected, example.problem) == (2, "scale([1], 2)", [2.0], "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("scale([1], 2", "cannot read"),
        ("scale([1], 2)", "an example is a call"),
        ("scale([1], 2) = [2]", "cannot read"),
        ("scale([1], 2) != [2]", "an example is a call"),
        ("2 == scale([1], 2)", "before == stands a call"),
        ("[1, 2][0] == 1", "before == stands a call"),
        ("scale([1], 2) == scale([2], 1)", "behind == stands a number"),
        ("scale([1], 2) == [2] == [2]", "an example is a call"),
        ("(" * 500, "cannot read"),
    ],
)
def test_what_is_no_example_says_why(line, words):
    [example] = read_examples(line)
    assert words in example.problem and example.line == 1


@pytest.mark.parametrize(
    ("text", "call", "answer"),
    [
        ("scale([1], 2) == ValueError", "scale([1], 2)", {"raises": "ValueError"}),
        ("type(scale([1], 2)) == float", "type(scale([1], 2))", {"type": "float"}),
        ("scale([1], 2)[0] == 2", "scale([1], 2)[0]", 2.0),
        ("scale([1], 2)[0, -1] == 2", "scale([1], 2)[0, -1]", 2.0),
        (
            "scale([1], 2) == ([], zeros(0, 3))",
            "scale([1], 2)",
            {"items": [{"items": []}, {"zeros": [0, 3]}]},
        ),
        ("scale([1], 2) == [eye(2), [[0, -1]]]", "scale([1], 2)", [[[1.0, 0.0], [0.0, 1.0]], [[0.0, -1.0]]]),
        ("gradient(scale([1], 2), 'x') == ones(2)", "gradient(scale([1], 2), 'x')", [1.0, 1.0]),
    ],
)
def test_the_forms_of_a_call_and_of_an_answer(text, call, answer):
    [example] = read_examples(text)
    assert (example.call, example.problem) == (call, "") and agrees(example.expected, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "ValueErorr",
        "print",
        "zeros(2.5)",
        "open('x')",
        "[ValueError]",
        "nan",
        "float('nan')",
        "scale([1], 2)",
    ],
)
def test_what_is_no_answer_says_why(answer):
    [example] = read_examples(f"scale([1], 2) == {answer}")
    assert example.problem.startswith("behind == stands a number")


def test_right_examples_count_the_mistakes_that_they_show_each_once(judged):
    found = judged("scale([1], 2) == [2]\nscale([1], 2) == [2.0]\nscale([0], 2) == 0")["scale"]
    assert (len(found.right), len(found.wrong), found.caught) == (2, 1, 1)
    assert found.summary == "2 examples are right and catch 1 of 3 known mistakes; think about a third"


def test_nothing_is_left_to_think_about_where_all_are_shown(judged):
    found = judged("scale([1, 3], 0.333) == [0.33, 1]")["scale"]
    assert found.summary == "1 example is right and catches 3 of 3 known mistakes"


def test_a_wrong_example_shows_no_mistake(judged):
    found = judged("scale([1, 3], 0.333) == [0.33, 0.9]")["scale"]
    assert found.caught == 0 and found.summary == "no example of yours is right yet"


@pytest.mark.parametrize(
    "call",
    [
        "scale([1.0], 2)",
        "scale(x=[1], factor=2)",
        "scale(factor=2.0, x=[1])",
        "scale( [1],2 )",
        "scale((1,), 2)",
    ],
)
def test_a_call_is_the_same_however_it_is_written(judged, call):
    assert len(judged(f"{call} == [2]")["scale"].right) == 1


def test_a_call_that_the_table_does_not_have_is_unknown_and_near_ones_are_named(judged):
    found = judged("scale([7], 2) == [14]")["scale"]
    [(example, near)] = found.unknown
    assert example.call == "scale([7], 2)" and "scale([1], 2)" in near and not found.is_empty


def test_an_example_belongs_to_the_exercise_that_it_calls(judged):
    found = judged("shifted([1], 2, 3) == ([5], 1)")
    assert found["scale"].is_empty and len(found["shifted"].right) == 1


@pytest.mark.parametrize(
    ("expected", "answer", "same"),
    [
        ([0.27], [0.2689], True),
        ([0.26], [0.2689], False),
        ([1], [1.0], True),
        ([True], [1.0], False),
        (10**400, 1.0, False),
        ([float("inf")], [1.0], False),
        (1j, 1.0, False),
        ([1], [True], False),
        ([True], [True], True),
        ([[1], [2]], [[1.0], [2.0]], True),
        ([1, 2], [[1.0], [2.0]], False),
        (3, 3.004, True),
        ("a", {"text": "a"}, True),
        (["a"], {"items": [{"text": "a"}]}, True),
        ({"a": 1}, {"entries": {"a": 1.0}}, True),
        ({"b": 1}, {"entries": {"a": 1.0}}, False),
        ([0.5], {"dtype": "float32", "numbers": [0.5]}, True),
        (None, None, True),
        (0, None, False),
        ([0], {"items": [[0.0]]}, False),
        (ValueError, {"raises": "ValueError"}, True),
        (Exception, {"raises": "ValueError"}, False),
        ("ValueError", {"raises": "ValueError"}, False),
        (ValueError, [1.0], False),
        ([1], {"raises": "ValueError"}, False),
        (float, {"type": "float"}, True),
        (int, {"type": "float"}, False),
        ([], {"zeros": [0, 3]}, False),
        ([], [], True),
    ],
)
def test_an_expected_answer_is_rounded(expected, answer, same):
    assert agrees(expected, answer) is same


def test_a_call_of_another_topic_stays_as_it_is():
    assert canonical("other(1)", SIGNATURES) == "other(1)"
    assert canonical("no call", SIGNATURES) == "no call"
