"""Frames between the grader and a worker: a small msgpack header, then raw buffers. Never pickle.

A frame is `length of header (4 bytes) | header | buffers`; the header is `[number, kind, tree, buffer sizes]`.
Containers and arrays in the tree are tagged lists, everything else is itself. Both ends check types, dtypes,
depth, count and bytes; whoever reads a frame that breaks a rule gets WireError and closes the socket.
"""

import math
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from attend.student import values
from attend.student.errors import NotPlain
from attend.student.values import CallbackRef, ObjectRef

MAX_HEADER = 4 << 20
MAX_BYTES = 64 << 20
MAX_BUFFERS = 4096
MAX_DIMENSIONS = 16
_LENGTH = struct.Struct("!I")
Buffer = bytes | bytearray | memoryview
_AHEAD = 1 << 14  # bytes to ask for at once
_encoder = msgspec.msgpack.Encoder()
# what reading and rebuilding wild data may raise; text that is not UTF-8 is a ValueError, torch's own are RuntimeErrors
_MALFORMED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RuntimeError, NotPlain)
_decoder = msgspec.msgpack.Decoder(tuple[int, str, Any, list[int]])
_DTYPES = {name: np.dtype(name) for name in values.ARRAY_DTYPES}


class WireError(Exception):
    """The other end broke the protocol."""


class WireGone(WireError):
    """The other end closed the socket."""


class WireTimeout(WireError):
    """The deadline passed before a whole frame had come."""


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
        if kind is int and not -(2**63) <= value < 2**63:
            raise NotPlain("an integer of more than 64 bits")
        return value
    if kind is np.ndarray:
        _check_size(value.nbytes)
        data = values.check_array(value).tobytes()
        return ["a", _add(buffers, data), values.dtype_name(value), list(value.shape)]
    if kind is list or kind is tuple:
        _check_items(value, depth, count, NotPlain)
        tag = "l" if kind is list else "t"
        return [tag, *[_pack(part, buffers, depth + 1, count) for part in value]]
    if kind is dict:
        _check_items(value, depth, count, NotPlain)
        pairs = [[values._key(key), _pack(part, buffers, depth + 1, count)] for key, part in value.items()]
        return ["d", *pairs]
    if isinstance(value, np.generic) and value.dtype.name in values.ARRAY_DTYPES:
        return ["s", _add(buffers, value.tobytes()), value.dtype.name]
    if values.is_tensor(value):
        _check_size(values.check_tensor(value).nbytes)
        data, name = _tensor_bytes(value)
        return ["T", _add(buffers, data), name, list(value.shape), value.requires_grad]
    if kind is ObjectRef:
        return ["o", value.id, value.kind]
    if kind is CallbackRef:
        return ["c", value.id]
    raise NotPlain(values.describe(value))


def _check_items(container: Any, depth: int, count: list[int], error: type[Exception]) -> None:
    """Count what a container holds, all at once: a look at each leaf would cost more than the leaf."""
    count[0] += len(container)
    if count[0] > values.MAX_ITEMS or depth >= values.MAX_DEPTH and container:
        raise error("a value nested deeper or holding more items than any answer of this course")


def _check_size(size: int) -> None:
    """Refuse what is too large before its bytes are made: a broadcast array takes no memory until then."""
    if size > MAX_BYTES:
        raise NotPlain("a value of more bytes than any answer of this course")


def _add(buffers: list[bytes], data: bytes) -> int:
    if len(buffers) > MAX_BUFFERS:
        raise NotPlain("more arrays than any answer of this course")
    buffers.append(data)
    return len(buffers) - 1


def _tensor_bytes(tensor) -> tuple[bytes, str]:
    import torch

    name = str(tensor.dtype).removeprefix("torch.")
    plain = tensor.detach().resolve_conj().resolve_neg()
    if name == "bfloat16":  # numpy has no such type: its bits travel as int16
        plain = plain.contiguous().view(torch.int16)
    return plain.numpy().tobytes(), name


def unpack(tree: Any, buffers: list) -> Any:
    """The plain value again, every array and tensor built anew.

    Raises:
        WireError: a tag, a dtype, a size or a depth that the protocol does not allow.
    """
    try:
        return _unpack(tree, buffers, 0, [1])
    except _MALFORMED as error:
        raise WireError(f"a malformed value ({type(error).__name__})") from error


def _unpack(node: Any, buffers: list, depth: int, count: list[int]) -> Any:
    if type(node) in values.SCALARS:
        return node
    if type(node) is not list:
        raise WireError("a node of an unknown type")
    tag = node[0]
    if tag == "a":
        _, index, dtype, shape = node
        return _array(buffers[index], dtype, shape)
    if tag == "l" or tag == "t":
        parts = node[1:]
        _check_items(parts, depth, count, WireError)
        found = [_unpack(part, buffers, depth + 1, count) for part in parts]
        return found if tag == "l" else tuple(found)
    if tag == "d":
        pairs = node[1:]
        _check_items(pairs, depth, count, WireError)
        return {values._key(key): _unpack(part, buffers, depth + 1, count) for key, part in pairs}
    if tag == "s":
        _, index, dtype = node
        return _array(buffers[index], dtype, [])[()]
    if tag == "T":
        _, index, dtype, shape, requires_grad = node
        return _tensor(buffers[index], dtype, shape, requires_grad)
    if tag == "o":
        _, number, kind = node
        if type(number) is not int or type(kind) is not str:
            raise WireError("a malformed reference")
        return ObjectRef(number, kind[:80])
    if tag == "c" and type(node[1]) is int:
        return CallbackRef(node[1])
    raise WireError("an unknown tag")


def _check_shape(shape: Any, itemsize: int, size: int) -> None:
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise WireError("a shape with too many dimensions")
    for extent in shape:
        if type(extent) is not int or not 0 <= extent < 2**31:
            raise WireError("a shape that is no list of sizes")
    if math.prod(shape) * itemsize != size:
        raise WireError("a buffer whose size does not fit its shape")


def _array(buffer: bytes, dtype: str, shape: Any) -> np.ndarray:
    kind = _DTYPES.get(dtype)
    if kind is None:
        raise WireError("a dtype that is not allowed")
    _check_shape(shape, kind.itemsize, len(buffer))
    if kind.kind == "b":  # a byte other than 0 and 1 would be a third truth value
        return (np.frombuffer(buffer, np.uint8) != 0).reshape(shape)
    return np.ndarray(shape, kind, buffer).copy()


def _tensor(buffer: bytes, dtype: str, shape: Any, requires_grad: Any):
    import torch

    if dtype not in values.TENSOR_DTYPES or type(requires_grad) is not bool:
        raise WireError("a dtype that is not allowed")
    if dtype == "bfloat16":
        tensor = torch.from_numpy(_array(buffer, "int16", shape)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(np.asarray(_array(buffer, dtype, shape)))
    return tensor.requires_grad_() if requires_grad else tensor


def frame(number: int, kind: str, tree: Any) -> bytes:
    """One frame, as it is sent.

    Raises:
        NotPlain: the tree holds something that cannot cross, or more than a frame may hold.
    """
    node, buffers = pack(tree)
    try:
        header = _encoder.encode((number, kind, node, [len(buffer) for buffer in buffers]))
    except UnicodeEncodeError as error:
        raise NotPlain("text with half a character") from error
    if len(header) > MAX_HEADER:
        raise NotPlain("a value of more bytes than any answer of this course")
    _check_size(sum(map(len, buffers)))
    return b"".join((_LENGTH.pack(len(header)), header, *buffers))


def bundle(frames: list[bytes]) -> bytes:
    """Several frames as the one buffer of another: who has seen the same bytes before need not open them."""
    size = sum(map(len, frames))
    header = _encoder.encode((0, "bundle", None, [size]))
    return b"".join((_LENGTH.pack(len(header)), header, *frames))


@dataclass
class Frame:
    """A frame as it came; nothing in it has been looked at but the sizes."""

    number: int
    kind: str
    node: Any
    buffers: list[Buffer]

    def tree(self) -> Any:
        """What it carries. Raises WireError where that breaks the protocol."""
        return unpack(self.node, self.buffers)

    def frames(self, count: int) -> list["Frame"]:
        """The `count` frames of a bundle. Raises WireError where it is none, or holds another number."""
        if self.kind != "bundle" or len(self.buffers) != 1:
            raise WireError("an unexpected frame")
        data, start, found = memoryview(self.buffers[0]), 0, []

        def read(size: int) -> memoryview:
            nonlocal start
            start += size
            if start > len(data):
                raise WireError("a frame cut short")
            return data[start - size : start]

        while start < len(data) and len(found) < count:
            found.append(_frame(read))
        if start < len(data) or len(found) < count:
            raise WireError("another number of frames")
        return found


def _frame(read: Callable[[int], Buffer]) -> Frame:
    """The frame that `read` gives, so many bytes at a time."""
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if length > MAX_HEADER:
        raise WireError("a header too large")
    try:
        number, kind, node, sizes = _decoder.decode(read(length))
    except (msgspec.DecodeError, *_MALFORMED) as error:
        raise WireError("a malformed header") from error
    if len(sizes) > MAX_BUFFERS + 1 or any(size < 0 for size in sizes) or sum(sizes) > MAX_BYTES:
        raise WireError("too many bytes")
    return Frame(number, kind, node, [read(size) for size in sizes])


class Connection:
    """One end of a stream socket that carries frames."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.received = 0
        self._view = memoryview(bytearray(_AHEAD))  # from _start to _end: came with an earlier frame
        self._start = self._end = 0

    def send(self, number: int, kind: str, tree: Any, deadline: float | None = None) -> None:
        """Send one frame.

        Raises:
            NotPlain: the tree holds something that cannot cross.
            WireError: the frame is too large, or the other end is gone.
        """
        self.send_bytes(frame(number, kind, tree), deadline)

    def send_bytes(self, frames: bytes, deadline: float | None = None) -> None:
        """Send what `frame` made, one or several."""
        self._set_timeout(deadline)
        try:
            self.sock.sendall(frames)
        except TimeoutError as error:
            raise WireTimeout("the other end did not read in time") from error
        except OSError as error:
            raise WireGone("the other end is gone") from error

    def receive(self, deadline: float | None = None) -> tuple[int, str, Any]:
        """The next frame: its number, kind and tree.

        Raises:
            WireTimeout: `deadline` (of time.monotonic) passed.
            WireError: the frame breaks the protocol, or the other end is gone.
        """
        came = self.receive_frame(deadline)
        return came.number, came.kind, came.tree()

    def receive_frame(self, deadline: float | None = None) -> Frame:
        """The next frame, its tree still packed. Raises as `receive` does."""
        return _frame(lambda size: self._read(size, deadline))

    def _read(self, size: int, deadline: float | None) -> bytes | bytearray:
        """The next `size` bytes."""
        came = self._end - self._start
        if size > _AHEAD:  # straight to where it stays
            data = bytearray(size)
            data[:came] = self._view[self._start : self._end]
            self._start = self._end = 0
            self._receive(memoryview(data)[came:], size - came, deadline)
            return data
        if size > came:
            self._view[:came] = bytes(self._view[self._start : self._end])
            self._start = 0
            self._end = came + self._receive(self._view[came:], size - came, deadline)
        self._start += size
        return bytes(self._view[self._start - size : self._start])

    def _receive(self, into: memoryview, least: int, deadline: float | None) -> int:
        """How many bytes came into `into`, at least `least`. Small frames come several at a time."""
        got = 0
        while got < least:
            self._set_timeout(deadline)
            try:
                more = self.sock.recv_into(into[got:])
            except TimeoutError as error:
                raise WireTimeout("no whole frame before the deadline") from error
            except OSError as error:
                raise WireGone("the other end is gone") from error
            if more == 0:
                raise WireGone("the other end is gone")
            got += more
            self.received += more
        return got

    def _set_timeout(self, deadline: float | None) -> None:
        if deadline is None:
            if self.sock.gettimeout() is not None:
                self.sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise WireTimeout("the deadline has passed")
        self.sock.settimeout(left)

    def close(self) -> None:
        self.sock.close()
