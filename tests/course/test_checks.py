"""The checks hold for what is right, and say in words what is wrong with what is not."""

import types

import numpy as np
import pytest
import torch

from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing import check
from attend.testing.check import CheckFailedError


def failure(call, *args, **kwargs) -> CheckFailedError:
    with pytest.raises(CheckFailedError) as caught:
        call(*args, **kwargs)
    return caught.value


EXPECTED = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
TENSOR = torch.from_numpy(EXPECTED)


# close: what holds


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        pytest.param(EXPECTED.copy(), EXPECTED, id="array"),
        pytest.param(EXPECTED * (1 + 1e-9), EXPECTED, id="rounding"),
        pytest.param(TENSOR.clone(), TENSOR, id="tensor"),
        pytest.param(2.0, 2.0, id="float"),
        pytest.param(2, 2.0, id="an int for a float"),
        pytest.param(np.float64(2.0), 2.0, id="a numpy number for a float"),
        pytest.param(np.float64(2.0), np.array(2.0), id="a number for an array without axes"),
        pytest.param([EXPECTED, (1, "a")], [EXPECTED, (1, "a")], id="nested"),
        pytest.param({"a": EXPECTED}, {"a": EXPECTED}, id="dict"),
        pytest.param(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), id="not finite, and meant so"),
        pytest.param(np.zeros((0, 3)), np.zeros((0, 3)), id="empty"),
        pytest.param(torch.ones(2, dtype=torch.bfloat16), torch.ones(2, dtype=torch.bfloat16), id="bfloat16"),
        pytest.param(np.array([True]), np.array([True]), id="bool"),
        pytest.param(None, None, id="None"),
    ],
)
def test_close_holds(actual, expected):
    check.close(actual, expected)


def test_a_wider_tolerance_is_wider():
    check.close(EXPECTED + 1e-3, EXPECTED, atol=1e-2)
    assert failure(check.close, EXPECTED + 1e-3, EXPECTED, atol=1e-4).category == "values"


def test_the_dtype_may_be_left_out():
    check.close(EXPECTED.astype(np.float32), EXPECTED, dtype=False)


# close: what does not


@pytest.mark.parametrize(
    ("actual", "expected", "category", "words"),
    [
        pytest.param(None, EXPECTED, "type", "None where a numpy array", id="None"),
        pytest.param("text", EXPECTED, "type", "a str where a numpy array", id="text"),
        pytest.param(EXPECTED.tolist(), EXPECTED, "type", "a list of 2 where a numpy array", id="list"),
        pytest.param((EXPECTED, EXPECTED), EXPECTED, "type", "a tuple of 2 where a numpy array", id="tuple"),
        pytest.param(
            TENSOR, EXPECTED, "type", "float64 tensor (2, 3) where a numpy array", id="tensor for array"
        ),
        pytest.param(EXPECTED, TENSOR, "type", "float64 array (2, 3) where a tensor", id="array for tensor"),
        pytest.param(2.0, EXPECTED, "type", "a float where a numpy array", id="number for array"),
        pytest.param(EXPECTED, 2.0, "type", "float64 array (2, 3) where a number", id="array for number"),
        pytest.param(True, 2.0, "type", "a bool where a number", id="bool for number"),
        pytest.param(EXPECTED, (EXPECTED,), "type", "where a tuple of 1", id="array for tuple"),
        pytest.param([EXPECTED], (EXPECTED,), "type", "a list of 1 where a tuple of 1", id="list for tuple"),
        pytest.param(
            (EXPECTED,) * 3, (EXPECTED,) * 2, "type", "a tuple of 3 where a tuple of 2", id="too many"
        ),
        pytest.param([1, 2], [1, 2.0, 3], "type", "a list of 2 where a list of 3", id="too few"),
        pytest.param({"b": 1}, {"a": 1}, "type", "does not hold the keys", id="other keys"),
        pytest.param(EXPECTED.T, EXPECTED, "shape", "shape (3, 2) where (2, 3)", id="shape"),
        pytest.param(EXPECTED[..., None], EXPECTED, "shape", "shape (2, 3, 1)", id="an axis too many"),
        pytest.param(
            EXPECTED.astype(np.float32), EXPECTED, "dtype", "float32 where float64", id="dtype of an array"
        ),
        pytest.param(TENSOR.int(), TENSOR, "dtype", "int32 where float64", id="dtype of a tensor"),
        pytest.param(EXPECTED + 1, EXPECTED, "values", "6 of 6 values are wrong", id="all values"),
        pytest.param(
            EXPECTED + np.eye(2, 3)[::-1] * [[0], [1]],
            EXPECTED,
            "values",
            "1 of 6 values is wrong",
            id="one value",
        ),
        pytest.param(TENSOR + 1, TENSOR, "values", "6 of 6", id="values of a tensor"),
        pytest.param(2.5, 2.0, "values", "the value is wrong", id="a number"),
        pytest.param(float("nan"), 2.0, "values", "NaN or infinity", id="NaN for a number"),
        pytest.param(EXPECTED * np.nan, EXPECTED, "values", "NaN or infinity", id="NaN"),
        pytest.param(TENSOR * torch.inf, TENSOR, "values", "NaN or infinity", id="infinity"),
        pytest.param(EXPECTED, EXPECTED * np.nan, "values", "6 of 6", id="finite where NaN was meant"),
        pytest.param(np.array([False]), np.array([True]), "values", "1 of 1", id="bool"),
        pytest.param(3, None, "type", "an int where None", id="something for nothing"),
        pytest.param([1, 2], [1, 3], "values", "not what it should be", id="an int in a list"),
    ],
)
def test_close_says_what_is_wrong(actual, expected, category, words):
    error = failure(check.close, actual, expected, what="weights")
    assert error.category == category
    assert words in error.words and error.words.startswith("weights")


def test_the_words_hold_no_value():
    error = failure(check.close, np.array([0.123456]), np.array([0.654321]), what="weights")
    assert "0.1" not in error.words and "0.6" not in error.words
    assert "0.1" not in str(error) and "0.6" not in str(error)


def test_the_failure_carries_both_for_whoever_may_show_them():
    error = failure(check.close, EXPECTED + 1, EXPECTED)
    assert (error.actual[0, 0], error.expected[0, 0]) == (2, 1)


def test_the_parts_of_a_tuple_are_called_by_their_names():
    error = failure(check.close, (EXPECTED, TENSOR), (EXPECTED, EXPECTED), what=("context", "weights"))
    assert error.words.startswith("weights: ")


def test_parts_without_names_are_counted():
    assert failure(check.close, [1.0, 3.0], [1.0, 2.0], what="tokens").words.startswith("tokens[1]")


# equal, shape, true


@pytest.mark.parametrize("value", [[1, 2], "text", (1, None), np.array([1, 2]), torch.tensor([True]), 3])
def test_equal_holds(value):
    check.equal(value, value)


@pytest.mark.parametrize(
    ("actual", "expected", "category"),
    [
        ([1, 2], [1, 3], "values"),
        ([1, 2], (1, 2), "type"),
        ([1.0], [1], "type"),
        (True, 1, "type"),
        (np.array([1, 2]), np.array([1, 3]), "values"),
        (np.array([1, 2], dtype=np.int32), np.array([1, 2]), "dtype"),
        (np.array([1 + 1e-12]), np.array([1.0]), "values"),
        ("a", "b", "values"),
    ],
)
def test_equal_is_exact(actual, expected, category):
    assert failure(check.equal, actual, expected).category == category


def test_shape_holds_for_arrays_and_tensors():
    check.shape(EXPECTED, (2, 3))
    check.shape(TENSOR, (2, 3))


def test_shape_tells_both_shapes():
    error = failure(check.shape, EXPECTED, (3, 2), what="context")
    assert (error.category, error.words) == ("shape", "context: shape (2, 3) where (3, 2) was asked for")


@pytest.mark.parametrize("value", [[1, 2], None, 3.0])
def test_what_has_no_shape_is_of_a_wrong_type(value):
    assert failure(check.shape, value, (2,)).category == "type"


@pytest.mark.parametrize("condition", [True, np.True_, torch.tensor(True)])
def test_true_holds(condition):
    check.true(condition, "never said")


@pytest.mark.parametrize("condition", [False, np.False_, torch.tensor(False)])
def test_true_says_what_does_not_hold(condition):
    error = failure(check.true, condition, "a hidden position receives weight")
    assert (error.category, error.words) == ("property", "a hidden position receives weight")


# agrees, twin

CODE = """\
import torch
from torch import nn


def score(q, k, scale=1.0):
    return (q * k).sum(-1) * scale


def cut(q, k, scale=1.0):
    return score(q.detach(), k.detach(), scale)


def half_cut(q, k, scale=1.0):
    return score(q, k.detach(), scale)


def twice_through_k(q, k, scale=1.0):
    once = score(q, k, scale)
    return once + (k - k.detach()).sum(-1)


def in_place(q, k, scale=1.0):
    return score(q.mul_(1.0) if not q.requires_grad else q, k, scale)


class Net(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, 2)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.layer(x))


class OtherOrder(Net):
    def __init__(self, size):
        nn.Module.__init__(self)
        nn.Linear(9, 9)
        self.drop = nn.Dropout(0.5)
        self.layer = nn.Linear(size, 2)


class BiasCut(Net):
    def forward(self, x):
        return nn.functional.linear(x, self.layer.weight, self.layer.bias.detach())


class Larger(Net):
    def __init__(self, size):
        super().__init__(size)
        self.layer = nn.Linear(size, 3)


class Renamed(Net):
    def __init__(self, size):
        nn.Module.__init__(self)
        self.linear = nn.Linear(size, 2)
"""


@pytest.fixture
def reference() -> types.ModuleType:
    return load_module(CODE, "checks_reference", "reference.py")


@pytest.fixture
def student() -> Student:
    handle = Student(LocalBackend(load_module(CODE, "checks_student", "student.py")))
    handle.reset(1)
    return handle


def two(requires_grad: bool = True) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    made = [torch.randn(2, 3, generator=generator, dtype=torch.float64) for _ in "qk"]
    return [tensor.requires_grad_(requires_grad) for tensor in made]


def test_agrees_holds_for_results_and_gradients(student, reference):
    check.agrees(student.score, reference.score, *two(), scale=0.5)


def test_agrees_leaves_the_tests_tensors_alone(student, reference):
    q, k = two()
    check.agrees(student.score, reference.score, q, k)
    assert q.grad is None and k.grad is None


def test_agrees_gives_each_side_a_copy(student, reference):
    q = torch.ones(2, 3)
    check.agrees(student.in_place, reference.in_place, q, q)
    assert q.tolist() == torch.ones(2, 3).tolist()


def test_agrees_finds_a_wrong_result(student, reference):
    error = failure(
        check.agrees, student.score, lambda *args: reference.score(*args, scale=2), *two(), what="scores"
    )
    assert error.category == "values" and error.words.startswith("scores")


def test_agrees_finds_a_graph_that_was_cut(student, reference):
    error = failure(check.agrees, student.cut, reference.score, *two())
    assert error.category == "gradient" and "graph was cut" in error.words


@pytest.mark.parametrize("name", ["half_cut", "twice_through_k"])
def test_agrees_finds_a_wrong_gradient_and_says_of_which_argument(student, reference, name):
    error = failure(check.agrees, getattr(student, name), reference.score, *two())
    assert error.category == "gradient" and "the gradient of argument 2" in error.words


def test_agrees_calls_keyword_arguments_by_their_names(student, reference):
    q, k = two()
    error = failure(check.agrees, student.half_cut, reference.score, q, k=k)
    assert "the gradient of k" in error.words


def test_agrees_can_leave_gradients_out(student, reference):
    check.agrees(student.cut, reference.score, *two(), gradients=False)


def test_agrees_needs_no_gradients_where_none_are_asked_for(student, reference):
    check.agrees(student.cut, reference.score, *two(requires_grad=False))


def test_agrees_compares_the_gradients_of_parameters(student, reference):
    x = torch.ones(1, 4, dtype=torch.float64)
    check.agrees(*check.twin(student, reference, "Net", 4), x)
    handle, _ = check.twin(student, types.SimpleNamespace(BiasCut=reference.Net), "BiasCut", 4)
    _, module = check.twin(student, reference, "Net", 4)
    error = failure(check.agrees, handle, module, x)
    assert error.category == "gradient" and "parameter layer.bias" in error.words


def test_twins_have_the_same_random_weights_in_eval_mode(student, reference):
    handle, module = check.twin(student, reference, "Net", 4)
    x = torch.ones(5, 4, dtype=torch.float64)
    assert torch.equal(handle(x), module(x))
    assert torch.equal(handle(x), handle(x)) and not module.training
    assert module.layer.weight.unique().numel() == module.layer.weight.numel()


def test_twins_do_not_depend_on_the_order_in_which_layers_are_made(student, reference):
    handle, module = check.twin(student, types.SimpleNamespace(OtherOrder=reference.Net), "OtherOrder", 4)
    x = torch.ones(5, 4, dtype=torch.float64)
    assert torch.equal(handle(x), module(x))


def test_twins_are_of_the_dtype_that_is_asked_for(student, reference):
    handle, module = check.twin(student, reference, "Net", 4, dtype=torch.float32)
    assert handle(torch.ones(1, 4)).dtype == module(torch.ones(1, 4)).dtype == torch.float32


def test_the_references_weights_are_not_drawn_from_the_students_random_numbers(student, reference):
    student.score(*two())  # the first call seeds
    torch.manual_seed(5)
    student.Net(4)
    expected = torch.rand(1)
    torch.manual_seed(5)
    check.twin(student, reference, "Net", 4)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Larger", "Larger's layer.weight has shape (3, 4) where (2, 4) was asked for"),
        ("Renamed", "Renamed lacks layer.weight, layer.bias and has 2 entries beyond what was asked for"),
    ],
)
def test_a_class_with_other_parameters_is_told_which(student, reference, name, words):
    error = failure(check.twin, student, types.SimpleNamespace(**{name: reference.Net}), name, 4)
    assert error.category == "shape" and words in error.words


def test_the_names_of_before_work():
    """Graders and banks of other courses import them."""
    from attend import bank, checks
    from attend.course.bank import misconception

    assert getattr(checks, "Check" + "Failed") is CheckFailedError
    assert checks.close is check.close and bank.misconception is misconception
