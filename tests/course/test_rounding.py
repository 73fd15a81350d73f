"""Answers that are the reference's but for rounding, and those that are not."""

import msgspec
import numpy as np
import pytest
import torch

from attend.grading.prefetch import ExerciseScripts, Script
from attend.grading.rounding import ROUNDING, alike
from attend.sandbox.connection import frame
from attend.student.protocol import Request, tree_of

X = np.array([[1.0, -2.0, 0.0], [np.inf, np.nan, 1e-300]])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x, id="the same"),
        pytest.param(lambda x: x * (1 + ROUNDING / 2), id="rounding"),
        pytest.param(lambda x: np.asfortranarray(x), id="in another order in memory"),
        pytest.param(lambda x: np.where(x == 0, -0.0, x), id="a zero with a sign"),
    ],
)
def test_these_are_alike(change):
    assert alike([change(X), None, [1]], [X, None, [1]])
    assert alike({"a": (change(X), 0.5)}, {"a": (X, 0.5 * (1 + ROUNDING / 2))})
    assert alike(torch.from_numpy(change(X)), torch.from_numpy(X))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(X * (1 + 3 * ROUNDING), id="more than rounding"),
        pytest.param(X + np.array([0, 0, 1e-30]), id="a small number for a zero"),
        pytest.param(np.where(X == 1e-300, 0, X), id="a zero for a small number"),
        pytest.param(np.where(np.isnan(X), 0, X), id="a number for NaN"),
        pytest.param(np.where(np.isinf(X), np.nan, X), id="NaN for infinity"),
        pytest.param(np.where(np.isinf(X), -X, X), id="the other infinity"),
        pytest.param(np.where(np.isinf(X), 1.0, X), id="a number for infinity"),
        pytest.param(np.where(X == 1, np.inf, X), id="infinity for a number"),
        pytest.param(X.astype(np.float32), id="another dtype"),
        pytest.param(X[:1], id="another shape"),
        pytest.param(X[None], id="another number of axes"),
        pytest.param(torch.from_numpy(X), id="a tensor"),
        pytest.param(X.tolist(), id="a list"),
        pytest.param(None, id="nothing"),
    ],
)
def test_these_are_not_alike(other):
    assert not alike(other, X)
    assert not alike([other], [X])


def test_whole_numbers_texts_and_few_digits_must_be_the_same():
    few = np.float32([1, 2])
    assert alike(few, few.copy()) and not alike(few * np.float32(1 + 2e-7), few)
    assert alike(np.array([1, 2]), np.array([1, 2])) and not alike(np.array([1, 3]), np.array([1, 2]))
    assert not alike(1, 1.0) and not alike(True, 1) and not alike("a", "b")
    assert not alike((1, 2), [1, 2]) and not alike([1], [1, 2]) and not alike({"a": 1}, {"b": 1})


def test_whether_a_gradient_can_be_taken_counts():
    x = torch.ones(2, dtype=torch.float64)
    assert not alike(x, x.clone().requires_grad_())


def replies(value) -> bytes:
    return frame(0, "result", [value, None, []])


@pytest.fixture
def scripts() -> ExerciseScripts[str]:
    """Those of one test, whose right answer is [1, 0, X]."""
    found = ExerciseScripts({"test": Script([tree_of(Request("call", "f"))], [b""])})
    found.note_right("test", replies([1, 0, X]), "passed")
    return found


def test_replies_of_right_code_have_a_known_verdict(scripts):
    assert scripts.seen("test", replies([1, 0, X])) == "passed"
    assert scripts.seen("test", replies([1, 0, X * (1 + ROUNDING / 2)])) == "passed"


@pytest.mark.parametrize(
    "value", [[1.0, 0, X], [1, 0.0, X], [True, 0, X], [1, False, X], (1, 0, X)], ids=repr
)
def test_a_number_of_another_type_is_another_reply(scripts, value):
    """Python's 1, 1.0 and True are equal."""
    assert scripts.seen("test", replies(value)) is None


def test_a_malformed_reply_is_not_the_right_one(scripts):
    """Its shape holds floats: [2.0, 3.0] is equal to [2, 3]."""
    right = replies([1, 0, X])
    shape = msgspec.msgpack.encode([2, 3])
    at = right.index(shape)
    header = right[4:at] + msgspec.msgpack.encode([2.0, 3.0]) + right[at + len(shape) : -X.nbytes]
    malformed = len(header).to_bytes(4, "big") + header + X.tobytes()
    assert scripts.seen("test", malformed) is None
