"""Frames between the grader and a worker: a small msgpack header, then raw buffers. Never pickle.

A frame is `length of header (4 bytes) | header | buffers`; the header is `[number, kind, tree, buffer sizes]`, its tree as
`attend.sandbox.codec` has it. Whoever reads a frame that breaks a rule gets WireError and closes the socket.
"""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from attend.sandbox.codec import (
    MALFORMED,
    MAX_ANSWER,
    MAX_BUFFERS,
    MAX_BYTES,
    Buffer,
    WireError,
    pack,
    unpack,
    weight,
)
from attend.sandbox.deadline import Deadline, DeadlineError
from attend.student.errors import NotPlain

_LENGTH = struct.Struct("!I")
_AHEAD = 1 << 14  # bytes to ask for at once
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, str, Any, list[int]])


class WireGone(WireError):
    """The other end closed the socket."""


class WireTimeout(WireError):
    """The deadline passed before a whole frame had come."""


def frame(number: int, kind: str, tree: Any, most: int = MAX_BYTES) -> bytes:
    """One frame, as it is sent. It weighs at most `most`.

    Raises:
        NotPlain: the tree holds something that cannot cross, or more than a frame may hold.
    """
    node, buffers = pack(tree)
    try:
        header = _encoder.encode((number, kind, node, [len(buffer) for buffer in buffers]))
    except UnicodeEncodeError as error:
        raise NotPlain("text with half a character") from error
    if weight(len(header), map(len, buffers)) > most:
        raise NotPlain("a value of more bytes than any answer of this course")
    return b"".join((_LENGTH.pack(len(header)), header, *buffers))


def bundle(parts: list[bytes]) -> bytes:
    """One frame whose buffers are frames themselves, any number of them in each: its parts.

    `frames_in` opens a part; who has seen the same bytes before need not.
    """
    header = _encoder.encode((0, "bundle", None, [len(part) for part in parts]))
    return b"".join((_LENGTH.pack(len(header)), header, *parts))


@dataclass
class Frame:
    """A frame as it came; nothing in it has been looked at but the sizes. `weight` is what it takes in memory at most."""

    weight: int
    number: int
    kind: str
    node: Any
    buffers: list[Buffer]

    def tree(self) -> Any:
        """What it carries. Raises WireError where that breaks the protocol."""
        return unpack(self.node, self.buffers)


def frames_in(part: Buffer, count: int) -> list[Frame]:
    """The `count` frames in a part of a bundle, which weigh no more than one answer may.

    Raises:
        WireError: it holds another number of frames, or heavier ones.
    """
    data, start, most = memoryview(part), 0, MAX_ANSWER
    found: list[Frame] = []

    def read(size: int) -> memoryview:
        nonlocal start
        start += size
        if start > len(data):
            raise WireError("a frame cut short")
        return data[start - size : start]

    while start < len(data) and len(found) < count:
        found.append(_frame(read, most))
        most -= found[-1].weight
    if start < len(data) or len(found) < count:
        raise WireError("another number of frames")
    return found


def _frame(read: Callable[[int], Buffer], most: int) -> Frame:
    """The frame that `read` gives, so many bytes at a time; what would weigh more than `most` is not decoded."""
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if weight(length, ()) > most:
        raise WireError("a header too large")
    try:
        number, kind, node, sizes = _decoder.decode(read(length))
    except (msgspec.DecodeError, *MALFORMED) as error:
        raise WireError("a malformed header") from error
    heavy = weight(length, sizes)
    if len(sizes) > MAX_BUFFERS + 1 or any(size < 0 for size in sizes) or heavy > most:
        raise WireError("too many bytes")
    return Frame(heavy, number, kind, node, [read(size) for size in sizes])


class Connection:
    """One end of a stream socket that carries frames.

    most: what a frame that comes may weigh.
    received: what all that came weighed.
    """

    def __init__(self, sock: socket.socket, most: int = MAX_BYTES):
        self.sock, self._most = sock, most
        self.received = 0
        self._view = memoryview(bytearray(_AHEAD))  # from _start to _end: came with an earlier frame
        self._start = self._end = 0

    def send(self, number: int, kind: str, tree: Any, deadline: Deadline | None = None) -> None:
        """Send one frame.

        Raises:
            NotPlain: the tree holds something that cannot cross.
            WireError: the frame is too large, or the other end is gone.
        """
        self.send_bytes(frame(number, kind, tree), deadline)

    def send_bytes(self, frames: bytes, deadline: Deadline | None = None) -> None:
        """Send what `frame` made, one or several."""
        left = memoryview(frames)
        while left:
            self._set_timeout(deadline)
            try:
                left = left[self.sock.send(left) :]
            except TimeoutError:
                # as in `_receive`
                continue
            except OSError as error:
                raise WireGone("the other end is gone") from error

    def receive(self, deadline: Deadline | None = None) -> tuple[int, str, Any]:
        """The next frame: its number, kind and tree.

        Raises:
            WireTimeout: `deadline` passed.
            WireError: the frame breaks the protocol, or the other end is gone.
        """
        came = self.receive_frame(deadline)
        return came.number, came.kind, came.tree()

    def receive_frame(self, deadline: Deadline | None = None) -> Frame:
        """The next frame, its tree still packed. Raises as `receive` does."""
        came = _frame(lambda size: self._read(size, deadline), self._most)
        self.received += came.weight
        return came

    def _read(self, size: int, deadline: Deadline | None) -> bytes | bytearray:
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

    def _receive(self, into: memoryview, least: int, deadline: Deadline | None) -> int:
        """How many bytes came into `into`, at least `least`. Small frames come several at a time."""
        got = 0
        while got < least:
            self._set_timeout(deadline)
            try:
                more = self.sock.recv_into(into[got:])
            except TimeoutError:
                # the deadline says whether the time is over or only to be looked at again
                continue
            except OSError as error:
                raise WireGone("the other end is gone") from error
            if more == 0:
                raise WireGone("the other end is gone")
            got += more
        return got

    def _set_timeout(self, deadline: Deadline | None) -> None:
        if deadline is None:
            if self.sock.gettimeout() is not None:
                self.sock.settimeout(None)
            return
        try:
            self.sock.settimeout(deadline.left())
        except DeadlineError as error:
            raise WireTimeout("the deadline has passed") from error

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()
