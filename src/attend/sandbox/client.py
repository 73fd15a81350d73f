"""The grader's end of a zygote: start it, and fork workers from it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from attend.course.errors import AttendError
from attend.sandbox import jail
from attend.sandbox.folder import close_and_wait, remove_at_end

START_SECONDS = 60.0
# what Python runs as a zygote; a benchmark replaces it by one that lacks a trick for speed
ZYGOTE = ("-m", "attend.sandbox.zygote")
# How often to try what was cut short: a worker that has read a file may have ended itself; before that, and a zygote, never.
TRIES = {"worker": 2, "zygote": 5}


class IsolationError(AttendError):
    """The zygote cannot be started as asked."""


class Zygote:
    """A warm interpreter in its own process that forks a jailed worker in a few milliseconds."""

    def __init__(self, library: str, level: str, limits: jail.Limits | None = None):
        self.library, self.level = library, level
        self.limits = limits or jail.Limits()
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        # removes the folder of its workers' folders
        self._remover: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again after it died.

        Raises:
            IsolationError: it does not start at its level.
        """
        self.stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder, fd, inherited = jail.work_folder(self.level), theirs.fileno(), []
        if self.level != "namespaces":
            # bubblewrap's file system ends with its processes
            self._remover = remove_at_end(folder)
            # a zygote that is starting when this process is killed makes its folder later
            inherited = [self._remover.stdin.fileno()] if self._remover.stdin else []
        settings = json.dumps(
            {"level": self.level, "limits": asdict(self.limits), "folder": folder, "inherited": inherited}
        )
        module = [sys.executable, "-s", *ZYGOTE, str(fd), self.library, settings]
        self._process = subprocess.Popen(
            jail.wrap(module, self.level, pass_fds=(fd,)),
            pass_fds=(fd, *inherited),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(START_SECONDS)
        self._control = ours
        try:
            ready = ours.recv(4096)
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

    def fork(self, libraries: Iterable[str] = ()) -> tuple[int, socket.socket]:
        """The process number of a new worker, which finds `libraries` imported, and the socket to it.

        Raises:
            IsolationError: no worker could be made; no submission has a part in it.
        """
        for _ in range(TRIES["zygote"]):  # it may be killed from outside at any time
            try:
                return self._fork(libraries)
            except (OSError, ValueError, IsolationError) as error:
                reason = error
                self.stop()
        raise IsolationError(f"no process could be made for a submission: {reason}") from reason

    def _fork(self, libraries: Iterable[str]) -> tuple[int, socket.socket]:
        if self._process is None or self._process.poll() is not None:
            self.start()
        ours, theirs = socket.socketpair()
        try:
            if self._control is None:
                raise IsolationError("the zygote has ended")
            socket.send_fds(self._control, [" ".join(["fork", *libraries]).encode()], [theirs.fileno()])
            theirs.close()
            return int(self._control.recv(64)), ours
        except BaseException:
            ours.close()
            raise

    def end(self, pid: int, command: str) -> int | None:
        """`kill` or `reap` worker `pid`; how it ended as a wait status, None when the zygote is gone too."""
        return self._ask(f"{command} {pid}")

    def processor_seconds(self, pid: int) -> float | None:
        """The processor time that worker `pid` has used so far, None where it cannot be known."""
        nanoseconds = self._ask(f"time {pid}")
        return None if nanoseconds is None or nanoseconds < 0 else nanoseconds / 1e9

    def _ask(self, command: str) -> int | None:
        if self._control is None:
            return None
        try:
            self._control.send(command.encode())
            return int(self._control.recv(64))
        except (OSError, ValueError):
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
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None
        if self._remover is not None:
            close_and_wait(self._remover)
            self._remover = None

    def __enter__(self) -> "Zygote":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
