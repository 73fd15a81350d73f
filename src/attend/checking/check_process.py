"""Start, use and end the process that checks for `attend watch`."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from attend.checking.messages import CheckRequest, Event, decode_event, encode
from attend.course.syllabus import Course, Topic
from attend.course.threads import ONE_THREAD


@dataclass
class _Server:
    """A running process of `attend.checking.server`."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    events: IO[bytes]


class CheckProcess:
    """Starts the process that checks, and starts another one where it has ended or serves only once.

    on_event: is called in another thread with the generation of the process and its event; None when it has ended.
    generation: how many processes were started; events of earlier ones are to be ignored.
    slugs: the topics that were asked for so far; a new process loads them at once.
    """

    def __init__(self, course: Course, on_event: Callable[[int, Event | None], None]):
        self._course, self._on_event = course, on_event
        self._server: _Server | None = None
        self._has_request = False
        self.generation = 0
        self.forks: bool | None = None  # known when it is ready
        self.slugs: list[str] = []

    def start(self) -> None:
        """Start a process in the place of any other."""
        self.stop()
        self.generation += 1
        self._has_request, self.forks = False, None
        process = subprocess.Popen(
            [sys.executable, "-m", "attend.checking.server", str(self._course.root), *self.slugs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD, "PYTHONIOENCODING": "utf-8"},
            start_new_session=os.name == "posix",  # Ctrl-C is for the watcher alone
        )
        assert process.stdin is not None and process.stdout is not None
        self._server = _Server(process, process.stdin, process.stdout)
        threading.Thread(target=self._listen, args=(self._server, self.generation), daemon=True).start()

    def ask(self, number: int, topic: Topic, path: Path) -> None:
        """Have `path` checked; a check that is still going on is given up."""
        if topic.slug not in self.slugs:
            self.slugs.append(topic.slug)
        if self._server is None or self._has_request and not self.forks:
            self.start()
        self._has_request = True
        request = CheckRequest(number, topic.slug, str(path))
        try:
            self._send(request)
        except OSError:  # the process ended since the last save
            self.start()
            self._send(request)

    def _send(self, request: CheckRequest) -> None:
        if self._server is not None:
            self._server.requests.write(encode(request))
            self._server.requests.flush()

    def stop(self) -> None:
        """End the process, and its fork with it."""
        server, self._server = self._server, None
        if server is None:
            return
        process = server.process
        # where it forks, it kills its fork and ends by itself
        with suppress(OSError):
            server.requests.close()
        if self.forks:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
        if process.poll() is None:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()

    def _listen(self, server: _Server, generation: int) -> None:
        for line in server.events:
            with suppress(ValueError):
                self._on_event(generation, decode_event(line, self._course))
        self._on_event(generation, None)
