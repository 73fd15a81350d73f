"""Results of hidden tests' oracles that are kept: the same as if each had been calculated anew."""

from types import ModuleType

import numpy as np
import pytest

from attend.grading import kept
from attend.grading.oracles import Oracles


@pytest.fixture
def module():
    """A module of tests with oracles that count how often they calculate."""
    made = ModuleType("hidden")
    made.calculated = []

    def inner_by_hand(x):
        made.calculated.append("inner")
        return 2 * x

    def sum_by_hand(x, y, scale=1.0):
        made.calculated.append("sum")
        return made.inner_by_hand(x) / 2 * scale + y

    def rows_by_hand(rng, count):
        made.calculated.append("rows")
        return rng.normal(size=count)

    def helper(x):
        made.calculated.append("helper")
        return x

    made.inner_by_hand, made.sum_by_hand = inner_by_hand, sum_by_hand
    made.rows_by_hand, made.helper = rows_by_hand, helper
    made.kept = Oracles(made)
    return made


def test_the_same_arguments_are_calculated_once(module):
    x = np.arange(3.0)
    first, second = (module.sum_by_hand(x.copy(), 1.0, scale=2.0) for _ in range(2))
    assert np.array_equal(first, second) and first is not second
    assert module.calculated == ["sum", "inner"]


def test_a_result_that_a_test_changes_is_whole_for_the_next(module):
    module.sum_by_hand(np.ones(2), 1.0)[:] = 7
    assert module.sum_by_hand(np.ones(2), 1.0).tolist() == [2, 2]


@pytest.mark.parametrize(
    "other",
    [
        (np.ones(2), 2.0),
        (np.ones(2, np.float32), 1.0),
        (np.ones((2, 1)), 1.0),
        (np.ones(2), 1),
        (np.array([1.0, np.nextafter(1.0, 2.0)]), 1.0),
    ],
    ids=["value", "dtype", "shape", "type", "last digit"],
)
def test_other_arguments_are_calculated_anew(module, other):
    module.sum_by_hand(np.ones(2), 1.0)
    module.sum_by_hand(*other)
    assert module.calculated.count("sum") == 2


def test_what_draws_from_a_generator_is_always_calculated(module):
    rng = np.random.default_rng(1)
    assert module.rows_by_hand(rng, 2).tolist() != module.rows_by_hand(rng, 2).tolist()


def test_other_functions_of_the_module_are_left_as_they_are(module):
    for _ in range(2):
        module.helper(1)
    assert module.calculated == ["helper", "helper"]


def test_an_oracle_that_raises_raises_again(module):
    for _ in range(2):
        with pytest.raises(TypeError):
            module.sum_by_hand(None, 1.0)
    assert module.inner_by_hand(3) == 6 and module.calculated.count("sum") == 2


def test_gradients_flow_through_an_oracle():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    made = ModuleType("hidden")
    made.double_by_hand = lambda x: 2 * x
    Oracles(made)
    for _ in range(2):
        x = torch.ones(2, requires_grad=True)
        made.double_by_hand(x).sum().backward()
        assert x.grad.tolist() == [2, 2]


def test_memory_is_bounded(module, monkeypatch):
    monkeypatch.setattr(kept, "MAX_KEPT", 2000)
    for number in range(50):
        module.sum_by_hand(np.full(10, number), 1.0)
    assert len(module.kept._kept) == 5 and module.kept._kept.size <= 2000
    assert module.sum_by_hand(np.full(10, 0), 1.0).tolist() == [1.0] * 10
