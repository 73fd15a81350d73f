"""Plain values: the answers of small calls as JSON holds them, compared, and written as people read them.

An answer may also be an exception: `{"raises": "ValueError"}`.
"""

import builtins
from typing import Any

import numpy as np

from attend.student import values
from attend.testing.compare import as_numpy

# what an answer's dtype is when nothing is said about it
USUAL = ("float64", "int64", "bool")


class NoPlainValueError(ValueError):
    """The value is an object."""


def plain(value: Any) -> Any:
    """A value as JSON can hold it: arrays as lists, numbers that are not finite as texts, other parts in dicts.

    An empty array of more than one axis is its sizes, and the type of an answer its name.

    Raises:
        NoPlainValueError: it holds an object.
    """
    if values.is_tensor(value) or isinstance(value, np.ndarray | np.generic):
        # without numbers there is nothing of a dtype
        if size_of(value) == 0:
            return {"zeros": list(value.shape)} if value.ndim > 1 else []
        dtype, numbers = values.dtype_name(value), _plain_numbers(as_numpy(value).tolist())
        return numbers if dtype in USUAL else {"dtype": dtype, "numbers": numbers}
    if isinstance(value, list | tuple):
        return {"items": [plain(each) for each in value]}
    if isinstance(value, dict):
        return {"entries": {str(key): plain(each) for key, each in value.items()}}
    if isinstance(value, str):
        return {"text": value}
    if value is None or isinstance(value, bool | int | float):
        return _plain_numbers(value)
    if isinstance(value, type) and value.__module__ in ("builtins", "numpy", "torch"):
        return {"type": value.__name__}
    raise NoPlainValueError("the answer is an object")


def raised(name: str) -> dict[str, str]:
    """The answer of a call that raises the builtin exception of this name."""
    return {"raises": name}


def is_raised(error: Exception, answer: Any) -> bool:
    """Whether an answer is that an exception of this error's type, or of a wider one, is raised."""
    kind = getattr(builtins, answer["raises"]) if isinstance(answer, dict) and "raises" in answer else ()
    return isinstance(error, kind)


def size_of(value: Any) -> int:
    """How many numbers and texts a value holds."""
    if values.is_tensor(value):
        return int(value.numel())
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, list | tuple):
        return sum(map(size_of, value))
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return 1


def has_text(answer: Any) -> bool:
    """Whether a plain value holds a text of the code's own; numbers that are not finite are none."""
    if isinstance(answer, dict):
        return bool({"text", "entries"} & answer.keys()) or any(map(has_text, answer.get("items", ())))
    return False


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain_numbers(each) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    # no minus before a zero
    return value + 0.0 if isinstance(value, float) else value


def close_enough(first: Any, second: Any, tolerance: float = 1e-5) -> bool:
    """Whether two plain values are the same within a tolerance, absolute for numbers below one and relative above."""
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(
            map(lambda one, two: close_enough(one, two, tolerance), first, second)
        )
    if isinstance(first, dict) and isinstance(second, dict):
        return list(first) == list(second) and all(
            close_enough(first[key], second[key], tolerance) for key in first
        )
    # True is no 1
    if isinstance(first, bool) is not isinstance(second, bool):
        return False
    numbers = (bool, int, float)
    if isinstance(first, numbers) and isinstance(second, numbers):
        return abs(first - second) <= tolerance * max(1.0, abs(first), abs(second))
    return bool(first == second)


def shown(value: Any) -> str:
    """A plain value as people read it, numbers to four digits."""
    match value:
        case bool() | None:
            return str(value)
        case float():
            return f"{value:.4g}"
        case int():
            return str(value)
        case str():
            return value
        case list(parts) | {"items": parts}:
            return f"[{', '.join(map(shown, parts))}]"
        case {"dtype": dtype, "numbers": numbers}:
            return f"{shown(numbers)} in {dtype}"
        case {"text": text}:
            return repr(text)
        case {"zeros": sizes}:
            return f"zeros({', '.join(map(str, sizes))})"
        case {"raises": name} | {"type": name}:
            return str(name)
        case {"entries": entries}:
            return "{" + ", ".join(f"{key}: {shown(part)}" for key, part in entries.items()) + "}"
    return str(value)
