"""The grader's end: start a zygote, fork workers from it, and run requests in one of them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

import numpy as np

from attend.course.errors import AttendError
from attend.sandbox import jail
from attend.sandbox.codec import Buffer, WireError
from attend.sandbox.connection import Connection, WireGone, WireTimeout
from attend.sandbox.replies import cause_of, failure_of, outcome_of
from attend.student import values
from attend.student.protocol import Failure, Request, Result, tree_of

START_SECONDS = 60.0
# How often to try what was cut short: a worker's death may be its own doing, a zygote's never is.
TRIES = {"worker": 2, "zygote": 5}
MAX_PLAYED = 64 << 20  # bytes of replies to one exercise's scripts; what sends more is asked test by test
MAX_OUTPUT = 1 << 20  # of prints: an honest loop that prints each step stays below it


class IsolationError(AttendError):
    """The zygote cannot be started as asked."""


class Zygote:
    """A warm interpreter in its own process that forks a jailed worker in a few milliseconds."""

    def __init__(self, library: str, level: str, limits: jail.Limits | None = None):
        self.library, self.level = library, level
        self.limits = limits or jail.Limits(file_bytes=MAX_OUTPUT)
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Start, or start again after it died."""
        self.stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = json.dumps({"level": self.level, "limits": asdict(self.limits)})
        fd = theirs.fileno()
        module = [sys.executable, "-s", "-m", "attend.sandbox.zygote", str(fd), self.library, settings]
        self._process = subprocess.Popen(
            jail.wrap(module, self.level, pass_fds=(fd,)),
            pass_fds=(fd,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(START_SECONDS)
        self._control = ours
        try:
            ready = ours.recv(16)
        except OSError:
            ready = b""
        if ready != b"R":
            self._process.kill()
            text = self._process.communicate()[1].decode(errors="replace").strip()
            self.stop()
            raise IsolationError(
                f"the process that runs submissions did not start at level {self.level!r}: "
                f"{text.splitlines()[-1] if text else 'it said nothing'}; see `attend doctor`."
            )

    def fork(self, filename: str, text: str, load_seconds: float, code: np.ndarray | None = None) -> "Worker":
        """A worker that has loaded the student's `text`; `code` is what an earlier worker compiled it to.

        Raises:
            IsolationError: no worker could be made; the submission has no part in it.
        """
        for _ in range(TRIES["zygote"]):  # it may be killed from outside at any time
            try:
                return self._fork(filename, text, load_seconds, code)
            except (OSError, ValueError, IsolationError) as error:
                reason = error
                self.stop()
        raise IsolationError(f"no process could be made for a submission: {reason}") from reason

    def _fork(self, filename: str, text: str, load_seconds: float, code: np.ndarray | None) -> "Worker":
        if self._process is None or self._process.poll() is not None:
            self.start()
        ours, theirs = socket.socketpair()
        output = os.memfd_create("output") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
        try:
            socket.send_fds(self._control, [b"fork"], [theirs.fileno(), output])
            theirs.close()
            pid = int(self._control.recv(64))
        except BaseException:
            ours.close()
            os.close(output)
            raise
        return Worker(self, pid, ours, output, [filename, text, code], load_seconds)

    def end(self, pid: int, command: str) -> int | None:
        """`kill` or `reap` worker `pid`; how it ended as a wait status, None when the zygote is gone too."""
        try:
            self._control.send(f"{command} {pid}".encode())
            return int(self._control.recv(64))
        except (OSError, ValueError, AttributeError):
            return None

    def stop(self) -> None:
        """End the zygote; with it goes whatever it forked."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stderr.close()
            self._process = None

    def __enter__(self) -> "Zygote":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


class Worker:
    """One jailed process with one student's file loaded."""

    def __init__(
        self,
        zygote: Zygote,
        pid: int,
        sock: socket.socket,
        output: int,
        load: list,
        load_seconds: float,
    ):
        self._zygote, self._pid, self._output = zygote, pid, output
        self._connection = Connection(sock)
        self._number = 0
        self.fresh = True  # no function of the student's was called in it
        self.steps: tuple[str, ...] = ()
        self.code: np.ndarray | None = load[2]  # what the text was compiled to: bytes for workers, not for us
        self.ended: Failure | None = None
        self.lost = (
            ""  # "worker" or "zygote" where that was killed, perhaps by something else than its own doing
        )
        try:  # the worker reads nothing of the student's before it has sent the jail's report
            deadline = time.monotonic() + START_SECONDS
            self._connection.send(0, "load", load, deadline)
            _, _, steps = self._connection.receive(deadline)
        except WireError as error:
            why = self._post_mortem(error).message
            self.close()
            raise IsolationError(f"it could not be confined at level {zygote.level!r} ({why})") from error
        self.steps = tuple(steps)
        deadline = time.monotonic() + load_seconds
        try:
            _, kind, tree = self._connection.receive(deadline)
            if (
                kind == "compiled" and self.code is None and values.is_array(tree)
            ):  # one that has it sends none
                self.code = tree
                _, kind, tree = self._connection.receive(deadline)
            if kind != "loaded":
                raise WireError("an unexpected frame")
            self.ended = failure_of(tree) if tree is not None else None
        except WireTimeout:
            self.ended = Failure("timeout", message="the file did not finish loading")
        except (WireError, ValueError) as error:
            self.ended = self._post_mortem(error)
        if self.ended is not None:
            self.close()

    def run(self, request: Request, callbacks: list, deadline: float) -> Result | Failure:
        """The outcome of `request`; after a time-out, a crash or a breach the worker is gone."""
        if self.ended is not None:
            return self.ended
        self._number += 1
        self.fresh = False
        try:
            self._connection.send(self._number, "run", tree_of(request), deadline)
            while True:
                number, kind, tree = self._connection.receive(deadline)
                if number != self._number:
                    raise WireError("a reply to another request")
                if kind != "callback":
                    return outcome_of(kind, tree, request.name)
                self._answer(callbacks, tree, deadline)
        except WireTimeout:
            self.ended = Failure("timeout", message="no answer before the deadline")
        except WireError as error:
            self.ended = self._post_mortem(error)
        self.close()
        return self.ended

    def play(self, scripts: bytes, count: int, deadline: float) -> list[Buffer]:
        """The replies to the requests of `count` tests, sent at once: for each test a part of a bundle, unopened.

        Tests whose replies did not all come before the deadline, or broke the protocol, are left out.
        """
        played: list[Buffer] = []
        self.fresh = False
        if self.ended is not None:
            return played
        try:
            self._connection.send_bytes(scripts, deadline)
            while len(played) < count and self.received <= MAX_PLAYED:
                came = self._connection.receive_frame(deadline)
                if came.kind != "bundle" or not came.buffers or len(played) + len(came.buffers) > count:
                    raise WireError("an unexpected frame")
                played += came.buffers
        except WireError:
            self.close()
        return played

    def _answer(self, callbacks: list, tree: Any, deadline: float) -> None:
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

    def _post_mortem(self, error: Exception) -> Failure:
        """Why the worker is gone, in words for its student."""
        if not isinstance(error, WireGone):
            return Failure("crash", message="the process sent something that is no answer")
        status = self._zygote.end(self._pid, "reap")
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
        """How many bytes it has sent."""
        return self._connection.received

    def printed(self) -> bytes:
        """What the student's code printed, cut at a length."""
        if self._output is None:
            return b""
        return os.pread(self._output, MAX_OUTPUT, 0)

    def close(self) -> None:
        """Kill the process, whole; what it printed is kept until the object goes."""
        if self._pid is not None:  # first: an end of file would only wake it up
            self._zygote.end(self._pid, "kill")
            self._pid = None
        self._connection.close()
        if self._output is not None:
            os.close(self._output)
            self._output = None
        self.ended = self.ended or Failure("crash", message="the worker was closed")


def clean_environment() -> dict[str, str]:
    """What a worker's interpreter needs of the environment, and no more."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in ("OPENBLAS_CORETYPE", "SYSTEMROOT") if name in os.environ}
    return {**kept, **threads, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
