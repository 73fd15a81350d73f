"""Plain values as tagged lists and raw buffers, and back: what the frames of the wire carry.

Containers and arrays are tagged lists, everything else is itself. Both ways check types, dtypes, depth, count and bytes.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from attend.student import values
from attend.student.errors import NotPlain
from attend.student.values import CallbackRef, ObjectRef

# what one frame may weigh: its buffers, and its header as it is in memory once it is decoded
MAX_BYTES = 64 << 20
# what a worker may send in one frame; the largest answer of this course's references has 100 kB
MAX_ANSWER = 8 << 20
# bytes in memory for a byte of a header: an empty list is one byte there, a dict that holds another is two
SWELL = 128
MAX_BUFFERS = 4096
# numbers of objects and graphs
MAX_NUMBER = 1 << 31
MAX_DIMENSIONS = 16
MAX_EXTENT = 1 << 31
Buffer = bytes | bytearray | memoryview
# what reading and rebuilding wild data may raise; text that is not UTF-8 is a ValueError, torch's own are RuntimeErrors
MALFORMED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RuntimeError, NotPlain)
_DTYPES = {name: np.dtype(name) for name in values.ARRAY_DTYPES}


class WireError(Exception):
    """The other end broke the protocol."""


def weight(header: int, sizes: Iterable[int]) -> int:
    """The bytes that a frame takes in memory at most: `header` is the header's length, `sizes` those of the buffers."""
    return SWELL * header + sum(sizes)


def pack(tree: Any) -> tuple[Any, list[bytes]]:
    """A tree as tagged lists and buffers.

    Raises:
        NotPlain: something in it is no plain value.
    """
    buffers: list[bytes] = []
    return _pack(tree, buffers, 0, [1]), buffers


def _pack(value: Any, buffers: list[bytes], depth: int, count: list[int]) -> Any:
    kind = type(value)
    if kind in values.SCALARS:
        _check_integer(value, NotPlain)
        return value
    if kind is np.ndarray:
        check_size(value.nbytes)
        _check_axes(value.shape)
        data, axes = _bytes_and_axes(values.check_array(value))
        return ["a", _add(buffers, data), values.dtype_name(value), list(value.shape), *axes]
    if kind is list or kind is tuple:
        _check_items(value, depth, count, NotPlain)
        tag = "l" if kind is list else "t"
        return [tag, *[_pack(part, buffers, depth + 1, count) for part in value]]
    if kind is dict:
        _check_items(value, depth, count, NotPlain)
        for key in value:
            _check_integer(values._key(key), NotPlain)
        return ["d", *([key, _pack(part, buffers, depth + 1, count)] for key, part in value.items())]
    if isinstance(value, np.generic) and value.dtype.name in values.ARRAY_DTYPES:
        return ["s", _add(buffers, value.tobytes()), value.dtype.name]
    if values.is_tensor(value):
        try:
            check_size(values.check_tensor(value).nbytes)
            _check_axes(value.shape)
            data, axes, name = _tensor_bytes(value)
        except RuntimeError as error:
            raise NotPlain("a tensor whose numbers cannot be read") from error
        return ["T", _add(buffers, data), name, list(value.shape), value.requires_grad, *axes]
    if kind is ObjectRef:
        return ["o", value.id]
    if kind is CallbackRef:
        return ["c", value.id]
    raise NotPlain(values.describe(value))


def _check_integer(value: Any, error: type[Exception]) -> None:
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise error("an integer of more than 64 bits")


def _check_items(container: Any, depth: int, count: list[int], error: type[Exception]) -> None:
    """Count what a container holds, all at once: a look at each leaf would cost more than the leaf."""
    count[0] += len(container)
    if count[0] > values.MAX_ITEMS or depth >= values.MAX_DEPTH and container:
        raise error("a value nested deeper or holding more items than any answer of this course")


def check_size(size: int) -> None:
    """Refuse what is too large before its bytes are made: a broadcast array takes no memory until then."""
    if size > MAX_BYTES:
        raise NotPlain("a value of more bytes than any answer of this course")


def _check_axes(shape: Sequence[int]) -> None:
    """Refuse an array that `_check_shape` would not read; an empty one can have axes of any length."""
    if len(shape) > MAX_DIMENSIONS or 0 in shape and max(shape) >= MAX_EXTENT:
        raise NotPlain("an array of more or longer axes than any answer of this course")


def _add(buffers: list[bytes], data: bytes) -> int:
    if len(buffers) > MAX_BUFFERS:
        raise NotPlain("more arrays than any answer of this course")
    buffers.append(data)
    return len(buffers) - 1


def _bytes_and_axes(array: np.ndarray) -> tuple[bytes, list[int]]:
    """An array's bytes in the order in which they lie in memory, and the axes in that order; no axes where it is C's."""
    if array.flags.c_contiguous:
        return array.tobytes(), []
    axes = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    return array.transpose(axes).tobytes(), axes


def _tensor_bytes(tensor) -> tuple[bytes, list[int], str]:
    import torch

    name = str(tensor.dtype).removeprefix("torch.")
    plain = tensor.detach().resolve_conj().resolve_neg()
    if name == "bfloat16":  # numpy has no such type: its bits travel as int16
        plain = plain.contiguous().view(torch.int16)
    return *_bytes_and_axes(plain.numpy()), name


def unpack(tree: Any, buffers: list[Buffer]) -> Any:
    """The plain value again, every array and tensor built anew. `pack` takes whatever comes out.

    Raises:
        WireError: a tag, a dtype, a size or a depth that the protocol does not allow.
    """
    try:
        return _unpack(tree, _Buffers(buffers), 0, [1])
    except MALFORMED as error:
        raise WireError(f"a malformed value ({type(error).__name__})") from error


class _Buffers:
    """The buffers of a frame, each given out once: a tree that names one many times would be larger than its frame."""

    def __init__(self, buffers: list[Buffer]):
        self._buffers, self._next = buffers, 0

    def take(self, index: Any) -> Buffer:
        if type(index) is not int or index != self._next:
            raise WireError("a buffer out of turn")
        self._next += 1
        return self._buffers[index]


def _unpack(node: Any, buffers: _Buffers, depth: int, count: list[int]) -> Any:
    if type(node) in values.SCALARS:
        _check_integer(node, WireError)
        return node
    if type(node) is not list:
        raise WireError("a node of an unknown type")
    tag = node[0]
    if tag == "a":
        _, index, dtype, shape, *axes = node
        return _array(buffers.take(index), dtype, shape, axes)
    if tag == "l" or tag == "t":
        parts = node[1:]
        _check_items(parts, depth, count, WireError)
        found = [_unpack(part, buffers, depth + 1, count) for part in parts]
        return found if tag == "l" else tuple(found)
    if tag == "d":
        pairs = node[1:]
        _check_items(pairs, depth, count, WireError)
        for key, _ in pairs:
            _check_integer(values._key(key), WireError)
        return {key: _unpack(part, buffers, depth + 1, count) for key, part in pairs}
    if tag == "s":
        _, index, dtype = node
        return _array(buffers.take(index), dtype, [], [])[()]
    if tag == "T":
        _, index, dtype, shape, requires_grad, *axes = node
        return _tensor(buffers.take(index), dtype, shape, axes, requires_grad)
    if tag == "o":
        _, number = node
        return ObjectRef(check_number(number))
    if tag == "c":
        _, number = node
        return CallbackRef(check_number(number))
    raise WireError("an unknown tag")


def check_number(number: Any) -> int:
    """The number of an object, a graph or a function. Raises WireError where it is none."""
    if type(number) is not int or not 0 <= number < MAX_NUMBER:
        raise WireError("a malformed reference")
    return number


def _check_shape(shape: Any, itemsize: int, size: int) -> None:
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise WireError("a shape with too many dimensions")
    for extent in shape:
        if type(extent) is not int or not 0 <= extent < MAX_EXTENT:
            raise WireError("a shape that is no list of sizes")
    if math.prod(shape) * itemsize != size:
        raise WireError("a buffer whose size does not fit its shape")


def _array(buffer: Buffer, dtype: str, shape: Any, axes: list) -> np.ndarray:
    """The array whose numbers lie in `buffer` with `axes` from the slowest to the fastest; in C's order without axes."""
    kind = _DTYPES.get(dtype)
    if kind is None:
        raise WireError("a dtype that is not allowed")
    _check_shape(shape, kind.itemsize, len(buffer))
    if axes:
        if sorted(axes) != list(range(len(shape))):
            raise WireError("axes that are not those of the shape")
        return _array(buffer, dtype, [shape[axis] for axis in axes], []).transpose(np.argsort(axes))
    if kind.kind == "b":  # a byte other than 0 and 1 would be a third truth value
        return (np.frombuffer(buffer, np.uint8) != 0).reshape(shape)
    return np.ndarray(shape, kind, buffer).copy()


def _tensor(buffer: Buffer, dtype: str, shape: Any, axes: list, requires_grad: Any):
    import torch

    if dtype not in values.TENSOR_DTYPES or type(requires_grad) is not bool:
        raise WireError("a dtype that is not allowed")
    if dtype == "bfloat16":
        tensor = torch.from_numpy(_array(buffer, "int16", shape, axes)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(np.asarray(_array(buffer, dtype, shape, axes)))
    return tensor.requires_grad_() if requires_grad else tensor
