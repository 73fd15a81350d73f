"""What a topic's tests ask for while they pass, sent to a worker at once instead of one by one.

A test is a function of the answers it gets: the same answers make the same requests, and the same verdict. So the
requests that every test makes of the reference are sent together, and the test is then run on the replies that came
back; where it asks for something else it is run anew, one request after another. Verdicts on replies that were seen
before are known, and the verdict on the reference's replies holds for all that differ from them by rounding alone.

The student's code answers the same requests in the same order, and must learn no more from them: a test may make its
next request from an answer, and in a script that would be the reference's own. So only tests have one in which nothing
but the last reply tells any values.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from attend.grading.rounding import alike
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.codec import Buffer, WireError, pack
from attend.sandbox.connection import Frame, frame, frames_in
from attend.sandbox.replies import outcome_of
from attend.student import values
from attend.student.errors import NotPlain
from attend.student.local import Backend
from attend.student.protocol import Failure, Request, Result, request_of, tree_of
from attend.student.values import ObjectRef

V = TypeVar("V")  # what is kept of a test's verdict
MAX_SEEN = 256  # verdicts kept for a test
# Processor time that the replies of one exercise may take together. What needs longer is asked one by one, with the time
# it has then: an endless loop takes a lane this time and that of one call.
PLAY_SECONDS = 0.5


class OffScriptError(BaseException):
    """The test asks for something else than the reference's script; no test may take it for the student's error."""


@dataclass
class Script:
    """What one test asks, and a digest of each request."""

    requests: list[list[Any]]
    digests: list[bytes]


class Recorder:
    """A backend that notes what is asked of another one."""

    def __init__(self, backend: Backend):
        self._backend = backend
        self._requests: list[list[Any]] = []
        self._digests: list[bytes] = []
        self._whole = True
        self._told = False  # an answer of the reference's is known to the test

    def run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Result | Failure:
        """The outcome of `request` from the other backend; the request is noted if a script can hold it."""
        # neither can a function of the test's own be called back from a script
        self._whole = self._whole and not callbacks and not self._told
        if self._whole:
            tree = tree_of(request)
            self._requests.append(values.copy(tree))
            self._digests.append(digest(tree))
        outcome = self._backend.run(request, callbacks)
        self._told = self._told or _tells(request, outcome)
        return outcome

    def script(self) -> Script | None:
        """The requests so far as a script, or None where some cannot be in one."""
        return Script(self._requests, self._digests) if self._whole else None


class Played:
    """A backend that answers from replies that have come already.

    Raises:
        OffScriptError: they are not the replies to the script.
    """

    def __init__(self, script: Script, replies: Buffer):
        try:
            self._replies = frames_in(replies, len(script.requests))
        except WireError as error:
            raise OffScriptError from error
        self._script, self._position = script, 0

    def run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Result | Failure:
        """The reply to `request`.

        Raises:
            OffScriptError: the script has another request here, or the reply is malformed.
        """
        at, digests = self._position, self._script.digests
        if callbacks or at >= len(digests) or digest(tree_of(request)) != digests[at]:
            raise OffScriptError
        self._position += 1
        return self._outcome(at, request)

    def exchanges(self) -> Iterator[tuple[Request, Result | Failure]]:
        """Each request of the script with its reply. Raises OffScriptError where that is malformed."""
        for at, tree in enumerate(self._script.requests):
            request = request_of(tree)
            yield request, self._outcome(at, request)

    def _outcome(self, at: int, request: Request) -> Result | Failure:
        reply = self._replies[at]
        if reply.number != at:
            raise OffScriptError
        try:
            return outcome_of(reply.kind, reply.tree(), request)
        except WireError as error:
            raise OffScriptError from error


class ExerciseScripts(Generic[V]):
    """The scripts of one exercise's tests, and the verdicts on replies seen so far."""

    def __init__(self, scripts: dict[str, Script]):
        self.scripts = scripts
        self._seen: dict[str, dict[bytes, V]] = {name: {} for name in scripts}
        # the reference's replies to each test, and the verdict on them
        self._right: dict[str, tuple[list[tuple[Frame, Any]], V]] = {}
        try:
            self._frame = frame(1, "scripts", [script.requests for script in scripts.values()])
        except NotPlain:  # more than a frame holds
            self.scripts, self._frame = {}, b""

    def play(self, backend: RemoteBackend) -> dict[str, Buffer]:
        """The replies of the tests that were answered in time."""
        if not self.scripts:
            return {}
        replies = backend.play(self._frame, len(self.scripts), PLAY_SECONDS)
        return dict(zip(self.scripts, replies, strict=False))

    def seen(self, name: str, replies: Buffer) -> V | None:
        """The verdict noted on the same replies to a test, or on the reference's where only rounding differs; or None."""
        verdict = self._seen[name].get(_hash([replies]))
        if verdict is None and name in self._right:
            right, on_right = self._right[name]
            verdict = on_right if _alike(replies, right) else None
        return verdict

    def note_right(self, name: str, replies: Buffer, verdict: V) -> None:
        """Note the verdict on the reference's own replies to a test."""
        self.note(name, replies, verdict)
        frames = frames_in(replies, len(self.scripts[name].requests))
        self._right[name] = ([(each, each.tree()) for each in frames], verdict)

    def note(self, name: str, replies: Buffer, verdict: V) -> None:
        """Note the verdict on these replies to a test, unless MAX_SEEN are noted already."""
        if len(self._seen[name]) < MAX_SEEN:
            self._seen[name][_hash([replies])] = verdict


def _alike(replies: Buffer, right: list[tuple[Frame, Any]]) -> bool:
    """Whether these are the reference's replies, `right` with their trees, but for rounding.

    Every tree is opened: 1, 1.0 and True are equal in an unopened one, and it may be malformed.
    """
    try:
        return all(
            (one.number, one.kind) == (other.number, other.kind) and alike(one.tree(), tree)
            for one, (other, tree) in zip(frames_in(replies, len(right)), right, strict=True)
        )
    except WireError:
        return False


def _tells(request: Request, outcome: Result | Failure) -> bool:
    """Whether a reply holds more than handles, and names and shapes of parameters, which every stub tells."""
    if isinstance(outcome, Failure):
        return True
    harmless = (type(None), ObjectRef)
    return request.operation != "state_shapes" and any(
        type(leaf) not in harmless for leaf in values.leaves(outcome.value)
    )


def digest(*trees: Any) -> bytes:
    """A digest of plain values, each as large and as deep as an answer may be."""
    parts: list[bytes] = []
    for tree in trees:
        node, buffers = pack(tree)
        parts += [msgspec.msgpack.encode(node), *buffers]
    return _hash(parts)


def _hash(parts: Iterable[Buffer]) -> bytes:
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.digest()
