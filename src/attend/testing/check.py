"""The checks that tests make. A failure carries a category and words; whether values are shown is decided later.

In public tests the student sees what was expected and what was returned. In hidden graders the same failure is shown
only by its category, the shapes of the call and words.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from attend.student import values
from attend.student.handle import ModuleHandle, Student
from attend.student.settings import seeded
from attend.testing.compare import as_numpy, differing, pairs


class CheckFailedError(AssertionError):
    """A check did not hold. `category` is one of type, shape, dtype, values, gradient, property."""

    def __init__(self, category: str, words: str, expected: Any = None, actual: Any = None):
        super().__init__(words)
        self.category, self.words, self.expected, self.actual = category, words, expected, actual


# The name until 2026.1.0, for graders of other courses; it works until the release of 2027.
CheckFailed = CheckFailedError


def close(
    actual: Any,
    expected: Any,
    what: str | tuple[str, ...] = "the result",
    rtol: float = 1e-6,
    atol: float = 1e-8,
    dtype: bool = True,
) -> None:
    """`actual` has the type, shape, dtype and, within tolerance, the values of `expected`.

    Both may be arrays, tensors, numbers, or tuples, lists and dicts of them. NaN never equals NaN, unless
    `expected` holds it at the same place.

    Raises:
        CheckFailedError: it has not.
    """
    _compare(actual, expected, what, _Tolerance(rtol, atol, dtype, "values"))


def equal(actual: Any, expected: Any, what: str = "the result") -> None:
    """`actual` is exactly `expected`: type, shape, dtype and every value.

    Raises:
        CheckFailedError: it is not.
    """
    _compare(actual, expected, what, _Tolerance(0.0, 0.0, True, "values"))


def shape(actual: Any, expected: tuple[int, ...], what: str = "the result") -> None:
    """`actual` is an array or tensor of shape `expected`.

    Raises:
        CheckFailedError: it is not.
    """
    if not (values.is_array(actual) or values.is_tensor(actual)):
        raise CheckFailedError("type", f"{what}: {_a(values.describe(actual))}, not an array or tensor")
    if tuple(actual.shape) != tuple(expected):
        raise CheckFailedError(
            "shape", f"{what}: shape {values.shape_words(actual.shape)} where {tuple(expected)} was asked for"
        )


def true(condition: Any, sentence: str) -> None:
    """`condition` is true; `sentence` says what is wrong if it is not.

    Raises:
        CheckFailedError: it is not.
    """
    if not bool(condition):
        raise CheckFailedError("property", sentence)


def agrees(
    student_call: Callable,
    reference_call: Callable,
    *args: Any,
    what: str | tuple[str, ...] = "the result",
    gradients: bool = True,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    **kwargs: Any,
) -> None:
    """Both calls give the same on copies of the same arguments; so do their gradients, for torch.

    Gradients are taken with respect to every tensor argument that requires them and, when both are modules,
    the parameters; the cotangents are random and fixed.

    Raises:
        CheckFailedError: they do not.
    """
    ours, theirs = values.clone((args, kwargs)), values.clone((args, kwargs))
    named: Any = getattr(reference_call, "named_parameters", None)
    own_parameters: dict[str, Any] = {}
    modules = isinstance(student_call, ModuleHandle) and named is not None
    if isinstance(student_call, ModuleHandle) and modules and gradients:
        own_parameters = dict(student_call.named_parameters())
    expected = reference_call(*theirs[0], **theirs[1])
    actual = student_call(*ours[0], **ours[1])
    close(actual, expected, what, rtol, atol)
    if not gradients or values.loaded_torch() is None:
        return
    inputs = _argument_leaves(ours), _argument_leaves(theirs)
    if modules:
        reference_parameters = dict(named())
        inputs[0].extend((f"parameter {name}", own_parameters[name]) for name in reference_parameters)
        inputs[1].extend((f"parameter {name}", tensor) for name, tensor in reference_parameters.items())
    if inputs[1]:
        _same_gradients(actual, expected, *inputs, rtol, atol)


def in_any_order(
    student_call: Callable, reference_call: Callable, *args: Any, rtol: float = 1e-6, atol: float = 1e-8
) -> None:
    """Both calls give the same where the axes of the student's arguments lie in memory in the opposite order."""
    expected = reference_call(*values.clone(args))
    actual = student_call(*values.map_leaves(args, _turned))
    close(actual, expected, "the result, with arguments in another order in memory", rtol, atol)


def _turned(leaf: Any) -> Any:
    if values.is_array(leaf):
        return np.asfortranarray(leaf)
    if values.is_tensor(leaf):
        axes = tuple(reversed(range(leaf.ndim)))
        return leaf.permute(axes).contiguous().permute(axes)
    return leaf


def stays(
    owner: Student | ModuleHandle,
    name: str,
    reference_call: Callable,
    first: tuple,
    second: tuple,
    rtol: float = 1e-6,
    atol: float = 1e-8,
) -> None:
    """What the owner's `name` returns for the arguments `first` is right, also after another call with `second`."""
    actual = owner.after_another(name, first, second)
    close(actual, reference_call(*values.clone(first)), "the first result, after another call", rtol, atol)


def twin(student: Student, reference: Any, name: str, *args: Any, dtype: Any = None, **kwargs: Any) -> tuple:
    """The class `name` built on both sides from the same arguments, with the same random weights, in eval mode.

    Returns:
        The handle to the student's module and the reference's module. `dtype` defaults to float64.

    Raises:
        CheckFailedError: the names or shapes of their parameters differ.
    """
    import torch

    dtype = dtype or torch.float64
    with seeded(20_150_409):
        module = getattr(reference, name)(*args, **kwargs).to(dtype).eval()
    handle = getattr(student, name)(*args, **kwargs)
    handle = (handle.double() if dtype == torch.float64 else handle.float()).eval()
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    actual = handle.state_shapes()
    if actual != expected:
        raise CheckFailedError("shape", _state_words(name, actual, expected), expected, actual)
    handle.load_state_dict(module.state_dict())
    return handle, module


class _Tolerance:
    def __init__(self, rtol: float, atol: float, dtype: bool, category: str):
        self.rtol, self.atol, self.dtype, self.category = rtol, atol, dtype, category


def _compare(actual: Any, expected: Any, what: str | tuple[str, ...], tolerance: _Tolerance) -> None:
    for name, part, wanted in pairs(actual, expected, what):
        _compare_leaf(part, wanted, name, tolerance)


def _compare_leaf(actual: Any, expected: Any, what: str, tolerance: _Tolerance) -> None:
    if isinstance(expected, dict):
        raise CheckFailedError("type", f"{what} does not hold the keys that were asked for", expected, actual)
    elif values.is_tensor(expected):
        _compare_arrays(actual, expected, what, tolerance, values.is_tensor(actual))
    elif isinstance(expected, np.ndarray):
        _compare_arrays(actual, expected, what, tolerance, values.is_array(actual))
    elif isinstance(expected, float | np.floating):
        if not isinstance(actual, float | int | np.number) or isinstance(actual, bool):
            words = f"{what}: {_a(values.describe(actual))} where a number was asked for"
            raise CheckFailedError("type", words, expected, actual)
        _compare_values(np.asarray(actual), np.asarray(expected), what, tolerance, actual, expected)
    elif isinstance(expected, list | tuple) or type(actual) is not type(expected):
        words = f"{what}: {_a(values.describe(actual))} where {_a(values.describe(expected))} was asked for"
        raise CheckFailedError("type", words, expected, actual)
    elif actual != expected:
        raise CheckFailedError(tolerance.category, f"{what}: not what it should be", expected, actual)


def _compare_arrays(actual: Any, expected: Any, what: str, tolerance: _Tolerance, same_kind: bool) -> None:
    if not same_kind:
        kind = "a tensor" if values.is_tensor(expected) else "a numpy array"
        zero_d = (
            not values.is_tensor(expected)
            and expected.ndim == 0
            and isinstance(actual, np.generic | float | int)
        )
        if not zero_d:
            words = f"{what}: {_a(values.describe(actual))} where {kind} was asked for"
            raise CheckFailedError("type", words, expected, actual)
        actual = np.asarray(actual)
    if tuple(actual.shape) != tuple(expected.shape):
        came = values.shape_words(actual.shape)
        words = f"{what}: shape {came} where {tuple(expected.shape)} was asked for"
        raise CheckFailedError("shape", words, expected, actual)
    ours, theirs = values.dtype_name(actual), values.dtype_name(expected)
    if tolerance.dtype and ours != theirs:
        raise CheckFailedError("dtype", f"{what}: {ours} where {theirs} was asked for", expected, actual)
    _compare_values(as_numpy(actual), as_numpy(expected), what, tolerance, actual, expected)


def _compare_values(
    got: np.ndarray, wanted: np.ndarray, what: str, tolerance: _Tolerance, actual: Any, expected: Any
) -> None:
    wrong = differing(got, wanted, tolerance.rtol, tolerance.atol)
    if not wrong.any():
        return
    count = f"{int(wrong.sum())} of {wrong.size} values" if wrong.ndim else "the value"
    verb = "are" if int(wrong.sum()) > 1 else "is"
    lost = wrong & ~np.isfinite(got) & np.isfinite(wanted) if got.dtype.kind in "fc" else np.zeros(())
    if lost.any():
        words = f"{what}: NaN or infinity where a finite number was asked for"
    else:
        words = f"{what}: {count} {verb} wrong{_almost(got, wanted)}"
    raise CheckFailedError(tolerance.category, words, expected, actual)


def _almost(got: np.ndarray, wanted: np.ndarray) -> str:
    """A remark where float64 numbers are right to the seven digits of float32, and no further."""
    if "float64" not in (got.dtype.name, wanted.dtype.name):
        return ""
    far = differing(got, wanted, rtol=1e-5, atol=1e-7)
    return "" if far.any() else ", but right to about seven digits: is something computed in float32?"


def _same_gradients(actual: Any, expected: Any, ours: list, theirs: list, rtol: float, atol: float) -> None:
    import torch

    got, wanted = _differentiable(actual), _differentiable(expected)
    # other tensors than the reference's may ask for gradients, in another order
    if [out.shape for out in got] != [out.shape for out in wanted]:
        raise CheckFailedError("gradient", "the graph was cut: no gradient comes back through the result")
    generator = torch.Generator().manual_seed(7)
    cotangents = [
        torch.randn(out.shape, generator=generator, dtype=torch.float64).to(out.dtype) for out in wanted
    ]
    names = [name for name, _ in theirs]

    def gradients(outputs, leaves):
        return torch.autograd.grad(outputs, [leaf for _, leaf in leaves], cotangents, allow_unused=True)

    for name, mine, right in zip(names, gradients(got, ours), gradients(wanted, theirs), strict=True):
        right = torch.zeros(()) if right is None else right
        mine = torch.zeros_like(right) if mine is None else mine
        tolerance = _Tolerance(
            rtol, max(atol, 1e-7 if right.dtype == torch.float64 else 1e-5), False, "gradient"
        )
        if mine.shape == right.shape:
            _compare_values(
                as_numpy(mine), as_numpy(right), f"the gradient of {name}", tolerance, mine, right
            )
        elif right.ndim:
            came = values.shape_words(mine.shape)
            words = f"the gradient of {name}: shape {came} where {tuple(right.shape)} was asked for"
            raise CheckFailedError("gradient", words, right, mine)
        elif not torch.allclose(mine, torch.zeros_like(mine)):
            raise CheckFailedError("gradient", f"the gradient of {name} should be zero", right, mine)


def _differentiable(value: Any) -> list:
    return [leaf for leaf in values.tensors(value) if leaf.requires_grad]


def _argument_leaves(arguments: tuple) -> list:
    args, kwargs = arguments
    named = [(f"argument {index + 1}", arg) for index, arg in enumerate(args)] + list(kwargs.items())
    return [(name, leaf) for name, arg in named for leaf in values.tensors(arg) if leaf.requires_grad]


def _state_words(name: str, actual: dict, expected: dict) -> str:
    """What is wrong with a state dict; names that are the submission's own are counted, not repeated."""
    missing = [key for key in expected if key not in actual]
    extra = len(actual) - len(expected) + len(missing)
    if missing or extra:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += (
            [f"has {extra} {'entry' if extra == 1 else 'entries'} beyond what was asked for"] if extra else []
        )
        return f"{name} {' and '.join(parts)}"
    key = next(key for key in expected if actual[key] != expected[key])
    return f"{name}'s {key} has shape {values.shape_words(actual[key])} where {expected[key]} was asked for"


def _a(description: str) -> str:
    if description == "None" or description.startswith(("a ", "an ")):
        return description
    return f"an {description}" if description[0] in "aeiou" else f"a {description}"
