"""What a test is known to do: after the same answers it asks the same again, and comes to the same verdict.

A test is a function of the answers it gets. Once it was seen on some answers, it need not run on them again: its requests
are made for it, one after the other, until its verdict is known or an answer is new. An answer that is the reference's
but for rounding counts as the reference's. Unlike a script (`attend.grading.prefetch`), no request leaves before the
answers that it may come from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic

import msgspec

from attend.grading.prefetch import MAX_SEEN, V, digest
from attend.grading.rounding import alike
from attend.sandbox.codec import pack
from attend.student import values
from attend.student.local import Backend
from attend.student.protocol import Failure, Request, Result

Answer = Result | Failure
# bytes of the requests that are kept for all tests of a topic: they may hold answers, as large as a submission likes
MAX_REQUESTS = 32 << 20


@dataclass
class Room:
    """How many bytes of requests may still be kept."""

    left: int = MAX_REQUESTS

    def take(self, size: int) -> bool:
        """Whether there was room for `size` bytes."""
        if size > self.left:
            return False
        self.left -= size
        return True


@dataclass
class KnownTest(Generic[V]):
    """Its next request, or its verdict, after each row of answers that it was seen to get."""

    room: Room
    requests: dict[bytes, Request] = field(default_factory=dict)
    verdicts: dict[bytes, V] = field(default_factory=dict)
    calls_back: bool = False  # a function of the test's own cannot be kept: such a test is always run
    # the reference's next answer after each row of its answers, and the digest of the row with it
    right: dict[bytes, tuple[list[Any], bytes]] = field(default_factory=dict)

    def follow(self, backend: Backend, exactly: bool = False) -> "Row[V]":
        """Make its requests of `backend` as far as they are known.

        exactly: an answer that is not the reference's to the bit is new.
        """
        row = Row(self, backend)
        while not self.calls_back and (request := self.requests.get(row.digest)) is not None:
            before = row.digest
            row.asked.append(request)
            row.add(backend.run(request, []))
            if not exactly:
                row.allow_for_rounding(before)
        return row


@dataclass
class Row(Generic[V]):
    """Answers to a test in their order. As a backend it gives them again, then asks the real one, and notes what for.

    asked: the known requests that were made.
    is_rounded: an answer counted as the reference's, so that later requests may have been made from the reference's.
    """

    known: KnownTest[V]
    backend: Backend
    answers: list[Answer] = field(default_factory=list)
    digest: bytes = b""
    given: int = 0
    asked: list[Request] = field(default_factory=list)
    is_rounded: bool = False

    def add(self, answer: Answer) -> None:
        """Append an answer and bring the digest up to date."""
        self.answers.append(answer)
        self.digest = digest(self.digest.hex(), *_plain(answer))

    def allow_for_rounding(self, before: bytes) -> None:
        """Count the last answer as the reference's, in a row with the digest `before`, where only rounding differs."""
        right, after = self.known.right.get(before, (None, self.digest))
        if after != self.digest and alike(_plain(self.answers[-1]), right):
            self.digest, self.is_rounded = after, True

    def run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Answer:
        """The next answer: one that is there already, or the real backend's."""
        if self.given == len(self.answers):
            self._note(request, callbacks)
            self.add(self.backend.run(request, callbacks))
        self.given += 1
        return self.answers[self.given - 1]

    def _note(self, request: Request, callbacks: list[Callable[..., Any]]) -> None:
        known = self.known
        known.calls_back = known.calls_back or bool(callbacks)
        if not known.calls_back and len(known.requests) < MAX_SEEN and known.room.take(_size(request)):
            known.requests[self.digest] = request.taking(*values.copy((request.args, request.kwargs)))

    def verdict(self) -> V | None:
        """What is known to come of these answers."""
        return self.known.verdicts.get(self.digest)

    def conclude(self, verdict: V) -> None:
        """Note the verdict that came of these answers, unless MAX_SEEN are noted already."""
        if not self.known.calls_back and len(self.known.verdicts) < MAX_SEEN:
            self.known.verdicts[self.digest] = verdict

    def is_right(self) -> None:
        """Take note that the answers are the reference's."""
        before = b""
        for plain in map(_plain, self.answers):
            after = digest(before.hex(), *plain)
            self.known.right[before] = (values.copy(plain), after)
            before = after


def _size(request: Request) -> int:
    node, buffers = pack((request.args, request.kwargs))
    return len(msgspec.msgpack.encode(node)) + sum(map(len, buffers))


def _plain(answer: Answer) -> list[Any]:
    if isinstance(answer, Result):
        return [answer.value, answer.call, list(answer.edited)]
    return [answer.kind, answer.type_name, answer.message, answer.line]
