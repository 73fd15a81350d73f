"""The grader's end of one worker: load a student's file in it, and run requests."""

import math
import os
import signal
import socket
from typing import Any, Protocol

import numpy as np

from attend.sandbox.client import START_SECONDS, IsolationError, Zygote
from attend.sandbox.codec import MAX_ANSWER, Buffer, WireError
from attend.sandbox.connection import Connection, WireGone, WireTimeout, frame
from attend.sandbox.deadline import Deadline, ProcessorDeadline
from attend.sandbox.ground import Ground
from attend.sandbox.replies import cause_of, loaded_of, outcome_frame, outcome_of
from attend.student import values
from attend.student.protocol import Failure, Request, Result, request_of, tree_of

# what all answers of one exercise may weigh together: the grader keeps them until it is graded
MAX_ANSWERS = 64 << 20
# and all replies to its scripts; a submission that sends more is asked test by test
MAX_PLAYED = 2 * MAX_ANSWER
# bytes of all requests of one exercise: a test may hand an answer on, in many calls
MAX_REQUESTS = 128 << 20


class Reference(Protocol):
    """What answers in place of a student's earlier functions."""

    def run(self, request: Request, callbacks: list) -> Result | Failure:
        """The outcome of `request` on the reference."""


class Worker:
    """One jailed process with one student's file loaded.

    fresh: no function of the student's was called in it.
    sent: bytes of all requests.
    steps: the steps of the jail that it has taken.
    code: what the text was compiled to, for the next worker; nothing that the grader itself runs.
    left_out: what statements at the top of the module raised; they were left out.
    ended: why it is gone, or None.
    lost: "worker" or "zygote" where that was killed, perhaps from outside.
    """

    def __init__(self, zygote: Zygote, pid: int, sock: socket.socket, ground: Ground | None = None):
        self._zygote = zygote
        self._pid: int | None = pid
        self._connection = Connection(sock, MAX_ANSWER)
        self.sent = 0
        self._ground = ground
        self._number = 0
        self._reference: Reference | None = None
        # its processor time when it was last measured
        self.used = 0.0
        self.fresh = True
        self.steps: tuple[str, ...] = ()
        self.code: np.ndarray | None = None
        self.ended: Failure | None = None
        self.left_out: tuple[Failure, ...] = ()
        self.lost = ""

    def load(
        self,
        filename: str,
        text: str,
        seconds: float,
        code: np.ndarray | None = None,
        wall: float = math.inf,
        reference: Reference | None = None,
    ) -> None:
        """Have the worker confine itself and load `text`; `ended` says why it could not be loaded.

        Args:
            seconds: processor time that loading may take.
            wall: how long it may take on the clock.
            code: what an earlier worker compiled the text to.
            reference: what answers where the worker was made with a ground.

        Raises:
            IsolationError: it could not be confined; the submission has no part in it.
        """
        self.code, self._reference = code, reference
        ground = None if self._ground is None else self._ground.tree()
        try:  # the worker reads nothing of the student's before it has sent the jail's report
            start = Deadline(START_SECONDS)
            self._connection.send(0, "load", [filename, text, code, ground], start)
            _, _, steps = self._connection.receive(start)
        except WireError as error:
            why = self._post_mortem(error).message
            self.close()
            raise IsolationError(
                f"it could not be confined at level {self._zygote.level!r} ({why})"
            ) from error
        self.steps = tuple(steps)
        deadline = self.deadline(seconds, wall)
        try:
            _, kind, tree = self._connection.receive(deadline)
            # one that was given compiled code sends none
            if kind == "compiled" and self.code is None and values.is_array(tree):
                self.code = tree
                _, kind, tree = self._connection.receive(deadline)
            while kind == "reference":  # a module may call an earlier function while it loads
                self._refer(tree, deadline)
                _, kind, tree = self._connection.receive(deadline)
            if kind != "loaded":
                raise WireError("an unexpected frame")
            self.ended, self.left_out = loaded_of(tree)
        except WireTimeout:
            self.ended = Failure("timeout", message="the file did not finish loading")
        except (WireError, ValueError) as error:
            self.ended = self._post_mortem(error)
        if self.ended is not None:
            self.close()

    def deadline(self, seconds: float, wall: float = math.inf) -> Deadline:
        """The moment at which the worker will have used `seconds` of processor time from now on, or `wall` are over."""
        return ProcessorDeadline(seconds, self.measure, self.used, wall)

    def measure(self) -> float | None:
        """The processor time that it has used so far, None where it cannot be known."""
        used = self._zygote.processor_seconds(self._pid) if self._pid is not None else None
        self.used = self.used if used is None else used
        return used

    def run(self, request: Request, callbacks: list, deadline: Deadline) -> Result | Failure:
        """The outcome of `request`; after a time-out, a crash or a breach the worker is gone."""
        if self.ended is not None:
            return self.ended
        self._number += 1
        self.fresh = False
        asked = frame(self._number, "run", tree_of(request))
        self.sent += len(asked)
        try:
            self._connection.send_bytes(asked, deadline)
            while True:
                number, kind, tree = self._connection.receive(deadline)
                if number != self._number:
                    raise WireError("a reply to another request")
                if kind == "callback":
                    self._answer(callbacks, tree, deadline)
                elif kind == "reference":
                    self._refer(tree, deadline)
                else:
                    return outcome_of(kind, tree, request)
        except WireTimeout:
            self.ended = Failure("timeout", message="no answer before the deadline")
        except WireError as error:
            self.ended = self._post_mortem(error)
        self.close()
        return self.ended

    def play(self, scripts: bytes, count: int, deadline: Deadline) -> list[Buffer]:
        """The replies to the requests of `count` tests, sent at once: for each test a part of a bundle, unopened.

        Tests whose replies did not all come before the deadline, or broke the protocol, are left out.
        """
        played: list[Buffer] = []
        self.fresh = False
        most = self.received + MAX_PLAYED
        if self.ended is not None:
            return played
        try:
            self._connection.send_bytes(scripts, deadline)
            while len(played) < count and self.received <= most:
                came = self._connection.receive_frame(deadline)
                if came.kind == "reference":
                    self._refer(came.tree(), deadline)
                    continue
                if came.kind != "bundle" or not came.buffers or len(played) + len(came.buffers) > count:
                    raise WireError("an unexpected frame")
                played += came.buffers
        except WireError:
            self.close()
        return played

    def _answer(self, callbacks: list, tree: Any, deadline: Deadline) -> None:
        """Call a function of the test's for the worker."""
        try:
            callback, args, kwargs = tree
            function = callbacks[callback]
        except (TypeError, ValueError, IndexError) as error:
            raise WireError("a callback that was never passed in") from error
        try:
            value = function(*args, **kwargs)
        except Exception:
            self._connection.send(self._number, "no answer", None, deadline)
            return
        self._connection.send(self._number, "answer", value, deadline)

    def _refer(self, tree: Any, deadline: Deadline) -> None:
        """Ask the reference for the worker: a function that its ground names, or gradients of such a call."""
        try:
            request = request_of(tree)
            known = request.operation == "backward" or (
                request.operation == "call"
                and self._ground is not None
                and request.name in self._ground.asked
            )
        except (TypeError, AttributeError) as error:
            raise WireError("a malformed request for the reference") from error
        if not known or self._reference is None or request.object is not None or request.wrt:
            raise WireError("a request that the reference does not answer")
        outcome = self._reference.run(request, [])
        self._connection.send_bytes(outcome_frame(self._number, outcome), deadline)

    def _post_mortem(self, error: Exception) -> Failure:
        """Why the worker is gone, in words for its student."""
        if not isinstance(error, WireGone):
            return Failure("crash", message="the process sent something that is no answer")
        status = self._zygote.end(self._pid, "reap") if self._pid is not None else None
        self._pid = None
        if status is None:
            self.lost = "zygote"
            return Failure("crash", message="the process ended")
        if os.WIFSIGNALED(status):
            self.lost = "worker" if os.WTERMSIG(status) == signal.SIGKILL else ""
            return Failure("crash", message=cause_of(os.WTERMSIG(status)))
        return Failure("crash", message=f"the process ended itself with exit code {os.WEXITSTATUS(status)}")

    @property
    def received(self) -> int:
        """What all that it has sent weighs."""
        return self._connection.received

    def close(self) -> None:
        """Kill the process."""
        if self._pid is not None:  # first: an end of file would only wake it up
            self._zygote.end(self._pid, "kill")
            self._pid = None
        self._connection.close()
        self.ended = self.ended or Failure("crash", message="the worker was closed")
