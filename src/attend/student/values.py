"""The plain values that pass between a test and a student's code.

None, bool, int, float, str, list, tuple, dict, numpy arrays and scalars, torch tensors: of exactly these
types, so that no object of a student's own class ever meets a test. Works without torch.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from attend.student.errors import NotPlain

WHOLE = np.dtype(int).name
MAX_DEPTH = 16
MAX_ITEMS = 200_000
SCALARS = frozenset((type(None), bool, int, float, str))
ARRAY_DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
)
_CONTAINERS = frozenset((list, tuple, dict, OrderedDict))
# a dtype makes its name anew each time it is asked
_ARRAY_DTYPE_NAMES = {np.dtype(name): name for name in ARRAY_DTYPES}
TENSOR_DTYPES = frozenset(
    "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()
)


@dataclass(frozen=True)
class ObjectRef:
    """An object that lives with the student's code: a module, an optimiser."""

    id: int
    # the name of its class, for people: two references to one object are equal whatever they call it
    kind: str = field(default="", compare=False)


@dataclass(frozen=True)
class CallbackRef:
    """A callable that lives with the test."""

    id: int


REFERENCES = frozenset((ObjectRef, CallbackRef))
_NO_NUMBERS = frozenset((type(None), bool, ObjectRef, CallbackRef))


def loaded_torch():
    """torch where the process has imported it, else None: no NumPy topic pays for it."""
    return sys.modules.get("torch")


def is_tensor(value: Any) -> bool:
    """Whether `value` is exactly a tensor or a parameter."""
    torch = loaded_torch()
    return torch is not None and type(value) in _tensor_types(torch)


@cache
def _tensor_types(torch) -> tuple[type, ...]:
    return torch.Tensor, torch.nn.Parameter


def dtype_name(value: Any) -> str:
    """The name of an array's or a tensor's dtype.

    What a 32-bit machine (a browser's Python) takes for integers that nobody asked a size of has the name that it has
    everywhere else: the same code must get the same verdict.
    """
    kind = value.dtype
    name = _ARRAY_DTYPE_NAMES.get(kind) or getattr(kind, "name", None) or str(kind).removeprefix("torch.")
    return "int64" if name == "int32" and WHOLE == "int32" else name


def is_array(value: Any) -> bool:
    """Whether the value is a NumPy array itself, not of a subclass."""
    return type(value) is np.ndarray


def map_leaves(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """`value` with `leaf` applied to all that is not a list, tuple or dict.

    Raises:
        NotPlain: deeper or larger than any answer of this course.
    """
    if type(value) not in _CONTAINERS:
        return leaf(value)
    return _walk(value, leaf, 0, [0])


def _walk(branch: Any, leaf: Callable[[Any], Any], depth: int, count: list[int]) -> Any:
    """`map_leaves` of a container; `count` holds how many items came before. No closure: it would be a cycle, and what
    it refers to would stay in memory until the collector runs.
    """
    count[0] += len(branch)
    if count[0] > MAX_ITEMS or depth >= MAX_DEPTH and branch:
        raise NotPlain("a value nested deeper or holding more items than any answer of this course")
    kind = type(branch)
    parts = branch if kind is list or kind is tuple else branch.values()
    # no call for a leaf but its own: this runs for every value of every call
    mapped = [
        _walk(part, leaf, depth + 1, count) if type(part) in _CONTAINERS else leaf(part) for part in parts
    ]
    if kind is list:
        return mapped
    if kind is tuple:
        return tuple(mapped)
    return dict(zip(map(_key, branch), mapped, strict=True))


def without_names(value: Any) -> Any:
    """`value` with named tuples, which PyTorch's `max` and NumPy's `svd` return too, turned into tuples.

    Without any it is `value` itself: a list that a later call changes is looked at after that.

    Raises:
        NotPlain: as `map_leaves`.
    """
    return map_leaves(value, _without_names) if any(map(_is_named, leaves(value))) else value


def _is_named(leaf: Any) -> bool:
    return issubclass(type(leaf), tuple)


def _without_names(leaf: Any) -> Any:
    # no method of the student's class is asked for its parts
    return without_names(tuple(tuple.__iter__(leaf))) if _is_named(leaf) else leaf


def leaves(value: Any) -> list:
    """The leaves of a tree, in order."""
    found: list = []
    map_leaves(value, found.append)
    return found


def tensors(value: Any) -> list:
    """All tensors in a nested value, from left to right."""
    return [leaf for leaf in leaves(value) if is_tensor(leaf)]


def has_numbers(value: Any) -> bool:
    """Whether a tree holds a number, a text or an array; an empty array has a shape that can be wrong."""
    return any(type(leaf) not in _NO_NUMBERS for leaf in leaves(value))


def copy(value: Any) -> Any:
    """A deep copy of plain data; a tensor that asks for gradients becomes a leaf that does.

    Raises:
        NotPlain: something in `value` is of another type.
    """
    return map_leaves(value, _copy_leaf)


def clone(value: Any) -> Any:
    """`copy`, except that what is no plain value (a handle, a callable) passes as it is."""

    def leaf(item):
        return _copy_leaf(item) if is_tensor(item) or is_array(item) else item

    return map_leaves(value, leaf)


def _copy_leaf(value: Any) -> Any:
    if is_tensor(value):
        return check_tensor(value).detach().clone().requires_grad_(value.requires_grad)
    if is_array(value):
        return check_array(value).copy(order="K")
    if type(value) in SCALARS or isinstance(value, np.generic) or type(value) in (ObjectRef, CallbackRef):
        return value
    raise NotPlain(describe(value))


def detached(value: Any) -> Any:
    """A tensor without its graph; anything else as it is."""
    return value.detach() if is_tensor(value) else value


def check_array(array: np.ndarray) -> np.ndarray:
    """The array, in this machine's byte order."""
    if array.dtype in _ARRAY_DTYPE_NAMES:  # in this machine's byte order, too
        return array
    if array.dtype.name not in ARRAY_DTYPES:
        raise NotPlain(f"an array of dtype {array.dtype.name}")
    return array.astype(array.dtype.newbyteorder("="))


def check_tensor(tensor):
    """The tensor, where it is plain.

    Raises:
        NotPlain: its dtype, layout or device is none that the course uses.
    """
    torch = loaded_torch()
    if tensor.dtype not in _tensor_dtypes(torch) or tensor.layout is not torch.strided or not tensor.is_cpu:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise NotPlain(f"a tensor of dtype {kind} on {tensor.device.type}, layout {tensor.layout}")
    return tensor


@cache
def _tensor_dtypes(torch) -> frozenset:
    """PyTorch's own objects: their names are made anew each time they are asked for."""
    return frozenset(getattr(torch, name) for name in TENSOR_DTYPES)


def same_leaf(first: Any, second: Any) -> bool:
    """Whether two plain leaves hold the same bytes (NaN equals NaN)."""
    if type(first) is not type(second):
        return False
    if is_array(first):
        same_kind = first.shape == second.shape and first.dtype == second.dtype
        return same_kind and first.tobytes() == second.tobytes()
    if is_tensor(first):
        if first.shape != second.shape or first.dtype != second.dtype:
            return False
        if loaded_torch().equal(first, second):
            return True
        equal = (first == second) | ((first != first) & (second != second))
        return bool(equal.all())
    return first is second or first == second or (first != first and second != second)


def describe(value: Any) -> str:
    """Type and shape in words, never the contents: `float64 array (3, 4)`, `list of 3`."""
    if is_tensor(value):
        return f"{str(value.dtype).removeprefix('torch.')} tensor {shape_words(value.shape)}"
    if isinstance(value, np.ndarray):
        kind = "array" if is_array(value) else "array subclass"
        return f"{value.dtype.name} {kind} {shape_words(value.shape)}"
    if isinstance(value, np.generic):
        return f"{value.dtype.name} scalar"
    if type(value) in (list, tuple, dict):
        return f"{type(value).__name__} of {len(value)}"
    if value is None:
        return "None"
    if type(value) is ObjectRef:
        return value.kind or "a module"
    if type(value) is CallbackRef or callable(value) and not isinstance(value, type):
        return "a function"
    module = type(value).__module__
    known = module.split(".")[0] in ("builtins", "numpy", "torch", "collections")
    return type(value).__name__ if known else "an object of a class of its own"


def shape_words(shape: Sequence[int]) -> str:
    """A shape as `(3, 4)`; one that no test asks for by the number of its axes alone."""
    if len(shape) > 5 or any(size > 9999 for size in shape):
        return f"of {len(shape)} axes"
    return str(tuple(shape))


def brief(value: Any) -> str:
    """`describe`, with the value itself for small scalars: what a call's line shows."""
    if type(value) in (bool, int, float):
        return repr(value)
    if type(value) is str:
        return repr(value[:40])
    if is_tensor(value) or isinstance(value, np.ndarray):
        return shape_words(value.shape)
    if type(value) in (list, tuple) and len(value) <= 4:
        inner = ", ".join(brief(part) for part in value)
        return f"[{inner}]" if type(value) is list else f"({inner})"
    return describe(value)


def _key(key: Any) -> Any:
    if type(key) in (str, int, bool, type(None)):
        return key
    raise NotPlain(f"a dict with a key of type {describe(key)}")
