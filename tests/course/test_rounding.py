"""Answers that are the reference's but for rounding, and those that are not."""

import numpy as np
import pytest
import torch

from attend.grading.rounding import ROUNDING, alike

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
