"""What people are shown of a call, and of a text that a worker sent: nothing but the course's own names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attend.sandbox.codec import WireError
from attend.sandbox.replies import outcome_of
from attend.student import Student, values
from attend.student.protocol import Failure, Request, Result, Step
from attend.student.stub_names import StubNames, description
from attend.testing.check import CheckFailedError
from attend.testing.explain import explain

SOLUTION = """
def score(query, keys, scale=1.0):
    def inner(hidden): ...


class Encoder:
    def __init__(self, vocab_size, *, layers=1): ...

    def forward(self, tokens, lengths): ...


class Decoder:
    def __init__(self, vocab_size): ...

    def forward(self, inputs, lengths): ...
"""
NAMES = StubNames(None, SOLUTION)
CANARY = "CANARY"


def line(*args, name="score", operation="call", **kwargs) -> str:
    return NAMES.call(Step(Request(operation, name, args=args, kwargs=kwargs), Result(None)))


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (line(np.zeros((3, 4)), scale=2.5), "score((3, 4), scale=2.5)"),
        (line(-1, True, None, 1e-5), "score(-1, True, None, 1e-05)"),
        (line("keys", CANARY), "score('keys', str)"),
        (line([1, CANARY, [CANARY]], (CANARY,)), "score([1, str, list of 1], (str))"),
        (line({CANARY: CANARY}), "score(dict of 1)"),
        (line(values.ObjectRef(0, CANARY), values.ObjectRef(1, "Encoder")), "score(a module, Encoder)"),
        (line(10**18, 1.234567890123), "score(int, 1.235)"),
        (line(np.zeros((1, 0, 12345))), "score(of 3 axes)"),
        (line(**{CANARY: 1, "keys": 2}), "score(keys=2)"),
        (line(np.zeros(2), name="__call__", operation="method"), "forward((2,))"),
    ],
)
def test_a_call_is_shown_in_names_of_the_stub(shown, told):
    assert shown == told


@pytest.mark.parametrize(
    ("request_", "position", "name"),
    [
        (Request("call", "score", args=(1, 2)), 1, "keys"),
        (Request("call", "score", args=(1,), kwargs={"scale": 2}), 1, "scale"),
        (Request("call", "score", args=(1,), kwargs={CANARY: 2}), 1, "an argument"),
        (Request("call", "score", args=(1, 2, 3, 4)), 3, "argument 4"),
        (Request("call", "Encoder", args=(1,)), 0, "vocab_size"),
        (Request("method", "__call__", 0, args=(1, 2)), 1, "lengths"),
        # the classes do not agree on the first one, and a request does not say which class it is
        (Request("method", "__call__", 0, args=(1, 2)), 0, "argument 1"),
        (Request("call", "unknown", args=(1,)), 0, "argument 1"),
    ],
)
def test_an_argument_has_the_name_that_the_stub_gives_it(request_, position, name):
    assert NAMES.argument(request_, position) == name


def test_names_inside_a_solution_are_no_names_of_the_stub():
    assert "layers" in NAMES and "hidden" not in NAMES and "inner" not in NAMES


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((3, 4)),
        np.zeros(0, np.float32),
        np.zeros([1] * 9),
        np.float64(1),
        [1, 2],
        {},
        None,
        object(),
        type,
        len,
        1 + 2j,
        b"",
        {1, 2},
        (part for part in ()),
        np.ma.masked_array([1.0], [True]),
        np.array([object()]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_our_own_code_says_of_a_value_passes(value):
    assert description(values.describe(value)) == values.describe(value)


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        "",
        "a value of the course",
        "full marks",
        "float64 array (3, 4) " + CANARY,
        "float64 array (123456, 7)",
        "list of 12345678",
        "tuple of ٣",
        "an integer of more than 64 bits\n",
        "a module a module",
        "answer of this course",
    ],
)
def test_any_other_text_does_not(text):
    assert description(text) == "a value of another type"


CANARIES = st.sampled_from([CANARY, f"t03.1 {CANARY}: see docs/topics/t03_{CANARY}", f"'{CANARY}' array"])
PLAIN = st.one_of(CANARIES, st.none(), st.integers(-5, 5), st.floats(), st.just(np.zeros((2, 3))))
TREES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(CANARIES, inner, max_size=3),
        st.builds(values.ObjectRef, st.integers(0, 3), CANARIES),
    ),
    max_leaves=9,
)
FAILURES = st.tuples(st.sampled_from(["not done", "missing", "raised", "type"]), PLAIN, PLAIN, PLAIN).map(
    list
)


class Answering:
    """A backend whose worker answers every request with the same reply."""

    def __init__(self, kind, tree):
        self.kind, self.tree = kind, tree

    def run(self, request, callbacks):
        try:
            return outcome_of(self.kind, self.tree, request)
        except WireError:
            return Failure("crash", message="the process sent something that is no answer")


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.one_of(
        st.tuples(st.just("result"), st.tuples(TREES, PLAIN, st.lists(PLAIN, max_size=3)).map(list)),
        st.tuples(st.just("failure"), FAILURES),
    ),
    st.booleans(),
)
def test_no_field_of_a_reply_comes_into_an_explanation(reply, as_keywords):
    student = Student(Answering(*reply))
    try:
        answer = student.score(np.zeros((2, 3)))
        # a test may hand an answer on, and may say what it was
        if as_keywords and isinstance(answer, dict):
            student.score(**answer)
        student.score(answer, [answer], keys=answer)
        raise CheckFailedError("property", f"not {answer}")
    except Exception as error:
        explanation = explain(error, student.steps, with_values=False, names=NAMES)
    assert CANARY not in repr(explanation)
    named = [step.outcome.edited for step in student.steps if isinstance(step.outcome, Result)]
    assert all(type(position) is int for positions in named for position in positions)
