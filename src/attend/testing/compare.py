"""Two nested values side by side: tests compare an answer with what was expected, the diagnosis with a known mistake."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from attend.student import values

EXACT, FEW_DIGITS = 1e-8, 1e-4  # relative and absolute tolerance of two answers of the same calculation


def pairs(
    first: Any, second: Any, name: str | tuple[str, ...] = "the result"
) -> Iterator[tuple[str, Any, Any]]:
    """The leaves of both values with the place of each, as `the result[0]`; a tuple names the first value's parts.

    Where two lists, tuples or dicts differ in type, length or keys, they come themselves and not their parts.
    """
    if isinstance(second, list | tuple) and type(first) is type(second) and len(first) == len(second):
        names = name if isinstance(name, tuple) else [f"{name}[{index}]" for index in range(len(second))]
        for part, other, place in zip(first, second, names, strict=True):
            yield from pairs(part, other, place)
    elif isinstance(second, dict) and isinstance(first, dict) and list(first) == list(second):
        for key in second:
            yield from pairs(first[key], second[key], f"{name}[{key!r}]")
    else:
        yield (name if isinstance(name, str) else "the result"), first, second


def as_numpy(value: Any) -> Any:
    """A tensor as an array, without its graph; NumPy has no bfloat16, which becomes float32. An array as it is."""
    if not values.is_tensor(value):
        return value
    torch = values.loaded_torch()
    value = value.detach()
    return (value.to(torch.float32) if value.dtype == torch.bfloat16 else value).numpy()


def differing(first: np.ndarray, second: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Where two arrays of one shape differ: floats by more than the tolerances, NaN only from what is not NaN."""
    if first.dtype.kind not in "fc" and second.dtype.kind not in "fc":
        return first != second
    with np.errstate(invalid="ignore", over="ignore"):
        return ~np.isclose(first, second, rtol=rtol, atol=atol, equal_nan=True)


def same(first: Any, second: Any, few_digits: bool = False) -> bool:
    """Whether two values have the same types, shapes and dtypes, and the same numbers within rounding.

    Of a tensor it also counts whether a gradient can be taken. With `few_digits` rounding is that of float32 in
    float64 too.
    """

    def close(one: np.ndarray, other: np.ndarray) -> bool:
        tolerance = FEW_DIGITS if few_digits or "64" not in one.dtype.name else EXACT
        return not differing(one, other, tolerance, tolerance).any()

    return all(same_leaf(one, two, close) for _, one, two in pairs(first, second))


def same_leaf(first: Any, second: Any, close: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
    """Whether two leaves are the same, as `same` says; `close` compares arrays of one dtype and one shape."""
    numbers = np.ndarray | np.generic | float
    if values.is_tensor(first) and values.is_tensor(second):
        if first.dtype != second.dtype or first.requires_grad != second.requires_grad:
            return False
        first, second = as_numpy(first), as_numpy(second)
    elif isinstance(first, numbers) and isinstance(second, numbers):
        first, second = np.asarray(first), np.asarray(second)
    elif isinstance(first, list | tuple | dict):
        return False
    else:
        return type(first) is type(second) and bool(first == second)
    return first.dtype == second.dtype and first.shape == second.shape and close(first, second)
