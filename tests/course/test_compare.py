"""Two nested values are walked side by side, and are the same or not."""

from collections import namedtuple

import numpy as np
import pytest
import torch

from attend.testing.compare import as_numpy, differing, pairs, same

Pair = namedtuple("Pair", "left right")
ONES = np.ones(2)


def test_leaves_come_with_their_places():
    first = {"a": [1, (2.0, 3)], "b": ONES}
    second = {"a": [4, (5.0, 6)], "b": "text"}
    assert [(place, one, other) for place, one, other in pairs(first, second, "x") if one is not ONES] == [
        ("x['a'][0]", 1, 4),
        ("x['a'][1][0]", 2.0, 5.0),
        ("x['a'][1][1]", 3, 6),
    ]
    assert list(pairs(1, 2)) == [("the result", 1, 2)]
    assert [place for place, *_ in pairs((1, [2]), (3, [4]), ("weights", "states"))] == [
        "weights",
        "states[0]",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1], [1, 2]),
        ([1], (1,)),
        ((1, 2), Pair(1, 2)),
        ({"a": 1}, {"b": 1}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (3, [3]),
    ],
)
def test_what_is_built_otherwise_comes_whole(first, second):
    assert list(pairs(first, second)) == [("the result", first, second)]
    assert not same(first, second) and not same(second, first)


GRADED = torch.ones(2, requires_grad=True)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        0.5,
        float("nan"),
        float("inf"),
        "text",
        [],
        {},
        (1, [2.0, {"a": ONES}]),
        ONES,
        np.float32(2),
        np.array([np.nan, -np.inf, 1.0]),
        np.array([True, False]),
        np.zeros((0, 3)),
        np.array(1 + 2j),
        torch.tensor([1.0, float("nan")]),
        torch.ones(2, dtype=torch.bfloat16),
        torch.tensor([1, 2]),
        GRADED,
    ],
    ids=repr,
)
def test_a_value_is_the_same_as_itself(value):
    assert same(value, value) and same([value], [value])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, True),
        (1, 1.0),
        (None, 0),
        ("a", "b"),
        (0.5, 0.5 + 1e-6),
        (float("nan"), 0.0),
        (np.inf, -np.inf),
        (ONES, np.ones(3)),
        (ONES, np.ones(2, np.float32)),
        (ONES, np.ones((1, 2))),
        (ONES, torch.ones(2, dtype=torch.float64)),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([10**15]), np.array([10**15 + 1])),
        (torch.ones(2), torch.ones(2, dtype=torch.float64)),
        (torch.ones(2), GRADED),
        ([1, 2], [1, 3]),
        ({"a": ONES}, {"a": 2 * ONES}),
        ([ONES, ONES], [ONES]),
    ],
    ids=repr,
)
def test_other_values_are_not(first, second):
    assert not same(first, second) and not same(second, first)


@pytest.mark.parametrize("make", [np.asarray, torch.as_tensor])
def test_rounding_is_that_of_the_dtype(make):
    exact = np.array([1.0, 100.0])
    assert same(make(exact), make(exact * (1 + 1e-12)))
    assert not same(make(exact), make(exact * (1 + 1e-5)))
    assert same(make(exact), make(exact * (1 + 1e-5)), few_digits=True)
    assert same(make(exact.astype(np.float32)), make((exact * (1 + 1e-5)).astype(np.float32)))
    assert not same(make(exact.astype(np.float32)), make((exact * 1.01).astype(np.float32)))


def test_differing_values_are_marked():
    first, second = np.array([1.0, np.nan, np.nan, np.inf]), np.array([1.1, np.nan, 0.0, np.inf])
    assert differing(first, second, 1e-6, 0).tolist() == [True, False, True, False]
    assert differing(first[:1], second[:1], 0.2, 0).tolist() == [False]
    assert differing(np.array([3]), np.array([4]), 10, 10).tolist() == [True]


def test_a_tensor_becomes_an_array_without_its_graph():
    assert as_numpy(GRADED).tolist() == [1.0, 1.0]
    assert as_numpy(torch.ones(1, dtype=torch.bfloat16)).dtype == np.float32
    assert as_numpy(ONES) is ONES and as_numpy(3) == 3
