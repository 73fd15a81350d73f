"""Bad answers, graded for real: each costs its own exercise, and is told in words that give nothing away."""

import re

import pytest

from attend.authoring.stubs import make_stub
from attend.course import bank
from attend.course.source import find_definition, line_span, parse, splice

from .common import COURSE, ROOT, outcomes, row, submission

T03, T09 = COURSE.topic("t03"), COURSE.topic("t09")


def solution(topic) -> str:
    return COURSE.solution(topic).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def grade(lane):
    """Grade a text as a submission to a topic."""
    return lambda topic, text: lane.grader(topic).grade(submission(topic, text))


# a file that cannot be loaded


def test_a_syntax_error_shows_its_line_and_nothing_else_runs(grade):
    text = "import os\nos._exit(9)\n" + solution(T03).replace("def context_vector(", "def context_vector((")
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "def context_vector((" in line)
    graded = grade(T03, text)
    assert set(outcomes(graded).values()) == {"error"} and graded.points == 0
    assert graded.problem.startswith("Python cannot read the file: a syntax error")
    assert f"line {line}: def context_vector((" in graded.problem
    assert [graded_row.tests for graded_row in graded.exercises] == [[]] * 6


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("def f(:\n", "line 1: def f(:", id="syntax"),
        pytest.param("if x:\ny = 1\n", "line 2: y = 1", id="indentation"),
        pytest.param("exit()\n", "the file calls sys.exit() when it is loaded", id="exits"),
        pytest.param("x = (\n" * 300, "", id="never closed"),
        pytest.param("x = " + "-" * 100_000 + "1\n", "", id="too deep for the parser"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why(grade, text, problem):
    graded = grade(T03, text)
    assert set(outcomes(graded).values()) == {"error"} and graded.points == 0
    assert problem in graded.problem and graded.problem and len(graded.problem) < 400
    assert graded.problem.isprintable()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        pytest.param("x = 1\nimport nowhere\n", "ModuleNotFoundError", id="import"),
        pytest.param("x = 'LEA' + 'K'\nraise ValueError(x)\n", "ValueError", id="raises"),
    ],
)
def test_a_statement_that_raises_is_left_out_and_named(grade, text, note):
    """Its line is shown, and not what it raised; it costs nothing where nothing uses it."""
    line = text.splitlines()[1]
    expected = f"left out, because it raised {note} where this is graded; line 2: {line}"
    alone, below = grade(T03, text), grade(T03, f"{solution(T03)}{text}")
    assert set(outcomes(alone).values()) == {"missing"} and alone.notes == [expected]
    assert set(outcomes(below).values()) == {"full"} and len(below.notes) == 1 and line in below.notes[0]


def test_an_empty_file_misses_everything(grade):
    assert set(outcomes(grade(T03, "")).values()) == {"missing"}


# what is not there


@pytest.mark.parametrize("topic", [T03, T09], ids=lambda topic: topic.number)
def test_a_stub_that_is_handed_in_untouched_is_missing_everywhere(grade, topic):
    graded = grade(topic, make_stub(solution(topic), topic))
    assert set(outcomes(graded).values()) == {"missing"}
    assert graded.points == 0


@pytest.mark.parametrize(
    ("topic", "name"), [(T03, "decode"), (T09, "concat_score"), (T09, "AdditiveAttention")]
)
@pytest.mark.parametrize("renamed", [False, True], ids=["removed", "renamed"])
def test_what_is_removed_or_renamed_is_missing_and_costs_nothing_else(grade, topic, name, renamed):
    text = solution(topic)
    first, last = line_span(find_definition(parse(text), name))
    lines = text.splitlines()
    if renamed:
        text = re.sub(rf"^(def|class) {name}\b", rf"\1 my_{name}", text, flags=re.MULTILINE)
    else:
        text = "\n".join(lines[:first] + lines[last:]) + "\n"
    graded = grade(topic, text)
    assert outcomes(graded) == {
        exercise.name: "missing" if exercise.name == name else "full" for exercise in topic.exercises
    }
    assert f"{name} is not in the file" in row(graded, name).tests[0].message


def test_a_name_that_is_no_function_is_missing(grade):
    assert outcomes(grade(T03, solution(T03) + "\n\ndecode = 3\n"))["decode"] == "missing"


def test_what_others_call_is_missing_and_costs_them_nothing(grade):
    """Without `softmax`, what calls it is judged with the course's."""
    text = solution(T03).replace("def softmax(", "def my_softmax(")
    graded = grade(T03, text)
    assert outcomes(graded)["softmax"] == "missing"
    assert row(graded, "masked_softmax").outcome == "carried"


# answers of the wrong kind, to the tiny course: five tests instead of ninety

RIGHT = "x * factor"
BAD_ANSWERS = {
    "None": ("return None", "type", "None where a numpy array was asked for"),
    "nothing": ("pass", "type", "None where a numpy array was asked for"),
    "text": ("return 'other'", "type", "a str where a numpy array was asked for"),
    "list": (f"return ({RIGHT}).tolist()", "type", "a list of 5 where a numpy array was asked for"),
    "tuple": (f"return {RIGHT}, x", "type", "a tuple of 2 where a numpy array was asked for"),
    "dict": ("return {'other': x}", "type", "a dict of 1 where a numpy array was asked for"),
    "number": ("return float(x.sum())", "type", "a float where a numpy array was asked for"),
    "generator": ("return (n for n in x)", "type", "it returned generator, which no exercise asks for"),
    "function": ("return lambda: x", "type", "it returned a function, which no exercise asks for"),
    "class": ("return np.ndarray", "type", "which no exercise asks for"),
    "own object": ("return type('LEAK', (), {})()", "type", "it returned an object of a class of its own"),
    "objects": ("return np.array([object()] * 3)", "type", "an array of dtype object"),
    "masked array": ("return np.ma.masked_array(x)", "type", "array subclass"),
    "an axis too many": (f"return ({RIGHT})[None]", "shape", "shape (1, 5) where (5,) was asked for"),
    "a number too few": (f"return ({RIGHT})[1:]", "shape", "shape (4,) where (5,) was asked for"),
    "float32": (f"return ({RIGHT}).astype(np.float32)", "dtype", "float32 where float64 was asked for"),
    "int": (f"return ({RIGHT}).astype(int)", "dtype", "int64 where float64 was asked for"),
    "complex": (f"return {RIGHT} + 0j", "dtype", "complex128 where float64 was asked for"),
    "NaN": ("return x * np.nan", "values", "NaN or infinity where a finite number was asked for"),
    "wrong values": (f"return 3 * {RIGHT}", "values", "5 of 5 values are wrong"),
    "one wrong value": (f"return {RIGHT} + (np.arange(len(x)) == 1)", "values", "1 of 5 values is wrong"),
    "raises": ("raise ValueError(f'LEAK {x}')", "raised", "it raised ValueError (line 7 of your file)"),
    "raises its own": (
        "raise type('LEAK', (Exception,), {})()",
        "raised",
        "it raised an exception of the submission's own (line 7",
    ),
    "raises several": (
        "raise ExceptionGroup('LEAK', [ValueError('LEAK')])",
        "raised",
        "it raised an exception of the submission's own (line 7",
    ),
    "many axes": (
        "return np.ones((1,) * 30)",
        "type",
        "it returned an array of more or longer axes than any answer of this course",
    ),
    "an endless axis": (
        "return np.ones((0, 2**40))",
        "type",
        "it returned an array of more or longer axes than any answer of this course",
    ),
    "exits": ("raise SystemExit('LEAK')", "raised", "it called sys.exit()"),
    "not done": (
        "raise NotImplementedError('LEAK')",
        "not done",
        "it raises NotImplementedError: not done yet",
    ),
    "wrong arguments": (
        "return x(factor)",
        "raised",
        "it raised TypeError: a value was used as what it is not (line 7 of your file)",
    ),
    "recursion": ("return scale(x, factor)", "raised", "it raised RecursionError"),
    "another library": ("import torch\n    return x", "raised", "it raised ModuleNotFoundError (line 7"),
}


@pytest.fixture(scope="module")
def bad_answers(tiny, tiny_lane):
    """The grade of each bad `scale`, made once; `shifted` does not call it."""
    topic = tiny.topic("t01")
    text = (
        tiny.solution(topic)
        .read_text(encoding="utf-8")
        .replace("scale(x, factor) + offset", f"{RIGHT} + offset")
    )
    texts = {
        name: splice(text, "scale", f"def own(x, factor):\n    {body}\n")
        for name, (body, _, _) in BAD_ANSWERS.items()
    }
    return {name: tiny_lane.grader(topic).grade(submission(topic, text)) for name, text in texts.items()}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer_is_told_by_its_kind(bad_answers, name):
    _, category, words = BAD_ANSWERS[name]
    test = row(bad_answers[name], "scale").tests[0]
    assert test.outcome == category
    assert words in test.message and test.message.startswith("scale((5,), 2.5): ")


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer_costs_its_own_exercise_alone(bad_answers, name):
    graded = bad_answers[name]
    assert row(graded, "scale").points < 40
    assert outcomes(graded)["shifted"] == "full"


# what a hidden message may say

NUMBER = re.compile(r"\d\.\d|\d e|\be-?\d")
CODE = re.compile(r"check\.|np\.|torch\.|assert|==|rng|reference|\bdef\b|lambda|\.py\b|/")


def messages(graded) -> list[str]:
    return [test.message for graded_row in graded.exercises for test in graded_row.tests if not test.passed]


@pytest.fixture(scope="module")
def told(grade, bad_answers):
    """What is said of the bad answers above, and of some of this course's known mistakes."""
    graded = list(bad_answers.values())
    for topic in (T03, T09):
        for answer in bank.misconceptions(COURSE, topic)[::12]:
            graded.append(grade(topic, answer.spliced(solution(topic), topic)))
    return [message for each in graded for message in messages(each)]


def test_hidden_messages_hold_no_value(told):
    assert len(told) > 100
    assert [message for message in told if NUMBER.search(message.replace("2.5)", ""))] == []


def test_hidden_messages_hold_no_code_and_no_path(told):
    assert [message for message in told if CODE.search(message) or str(ROOT) in message] == []


def test_hidden_messages_hold_nothing_that_the_students_code_wrote(told):
    """Its words could be the test's own arguments."""
    assert [message for message in told if "LEAK" in message] == []


def test_hidden_messages_say_something(told):
    assert all(len(message) > 15 for message in told)
