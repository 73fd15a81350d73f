"""The process that checks for `attend watch`, one saved version of a module after another.

It has the libraries and the tests loaded before a version is saved. It reads requests on stdin and writes events to
stdout, both of `attend.checking.messages`. Where processes can fork, each check runs in a fork, which is killed when
the next request comes. Elsewhere the process checks once and ends; the watcher starts another one in advance.

Run as `python -m attend.checking.server COURSE [SLUG…]`: the slugs name the topics to load at once.
"""

import gc
import os
import select
import signal
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from attend.checking.checker import Checker
from attend.checking.messages import (
    CheckCrashed,
    CheckFinished,
    CheckRequest,
    CheckStuck,
    Event,
    ExerciseFinished,
    ExerciseStarted,
    ServerFailed,
    ServerReady,
    decode_request,
    encode,
)
from attend.checking.parallel import HAS_CORES
from attend.course.errors import AttendError
from attend.course.syllabus import Course, load_course
from attend.sandbox import huge_pages
from attend.sandbox.preload import warm

CAN_FORK = hasattr(os, "fork")


def take_stdout() -> int:
    """A private copy of stdout for events; what is printed from now on is discarded."""
    private = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return private


class Checkers:
    """The checkers of the topics that were asked for so far. Events are written to the file descriptor `output`."""

    def __init__(self, course: Course, output: int):
        self._course, self._output = course, output
        self._checkers: dict[str, Checker] = {}
        self._number = 0
        self._gathered = 0  # of the checkers

    def send(self, event: Event) -> None:
        """Write an event."""
        os.write(self._output, encode(event))

    def checker(self, slug: str) -> Checker:
        """The checker of the topic called `slug`, made when first asked for.

        Raises:
            AttendError: the topic's tests cannot be run.
        """
        if slug not in self._checkers:
            topic = self._course.by_slug[slug]
            warm(topic.library)
            # a NumPy topic's tests take less time than a fork saves
            with_fork = HAS_CORES and topic.library == "torch"
            self._checkers[slug] = Checker(self._course, topic, self._report_stuck, with_fork)
            # run each test once on an empty module, so that the first check is as fast as the others
            empty = self._course.root / "assignments" / f"{slug}.py"
            self._checkers[slug].check(empty, text="")
        return self._checkers[slug]

    def check(self, request: CheckRequest) -> None:
        """Check as requested, and send an event for everything that happens."""
        number = self._number = request.number
        try:
            result = self.checker(request.slug).check(
                Path(request.path),
                on_start=lambda exercise: self.send(ExerciseStarted(number, exercise.name)),
                on_verdict=lambda verdict: self.send(ExerciseFinished(number, verdict)),
            )
        except AttendError as error:
            self.send(CheckFinished(number, problem=str(error)))
        else:
            self.send(CheckFinished(number, result.code, result.problem, result.line, result.notes))

    def gather(self) -> None:
        """Put what the checkers hold into huge pages, once for each: later forks copy less. It takes a moment."""
        if self._gathered != len(self._checkers):
            self._gathered = len(self._checkers)
            huge_pages.gather()

    def _report_stuck(self) -> None:
        self.send(CheckStuck(self._number))
        os._exit(0)


@dataclass
class _Fork:
    """A fork that carries out the request `number`. It writes a byte to `ended` when it has finished, and closes it."""

    pid: int
    ended: int
    number: int

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._wait()

    def report_end(self, checkers: Checkers) -> None:
        """Send an event if the fork ended before it had finished: the student's code ended it."""
        has_finished = os.read(self.ended, 1) != b""
        status = self._wait()
        if not has_finished:
            checkers.send(CheckCrashed(self.number, _how(status)))

    def _wait(self) -> int:
        os.close(self.ended)
        return os.waitpid(self.pid, 0)[1]


def serve_by_forks(checkers: Checkers) -> None:
    """Carry out each request on stdin in a fork; the fork before is killed if it still runs."""
    warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
    fork: _Fork | None = None
    unread = b""
    while True:
        ready, _, _ = select.select([0, fork.ended] if fork else [0], [], [])
        if fork and fork.ended in ready:
            fork.report_end(checkers)
            fork = None
            checkers.gather()
            continue
        data = os.read(0, 65536)
        *lines, unread = (unread + data).split(b"\n")
        if fork and (lines or not data):
            fork.kill()
            fork = None
        if not data:
            return
        if lines:
            fork = _start_fork(checkers, decode_request(lines[-1]))


def _start_fork(checkers: Checkers, request: CheckRequest) -> _Fork | None:
    try:
        # in this process, so that the next fork has it too
        checkers.checker(request.slug)
    except AttendError as error:
        checkers.send(CheckFinished(request.number, problem=str(error)))
        return None
    gc.freeze()
    ended, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_fork(checkers, request, write_end)
    os.close(write_end)
    return _Fork(pid, ended, request.number)


def _run_fork(checkers: Checkers, request: CheckRequest, ended: int) -> None:
    # the fork ends soon; each collection would take some milliseconds
    gc.set_threshold(100_000)
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        checkers.check(request)
        os.write(ended, b".")
    finally:
        os._exit(0)


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = {member.value: member.name for member in signal.Signals}
        return f"by signal {known.get(number, number)}"
    return "by itself"


def serve_once(checkers: Checkers) -> None:
    """Carry out one request on stdin in this process."""
    line = sys.stdin.buffer.readline()
    if line:
        checkers.check(decode_request(line))


def main() -> None:
    """Serve checks on stdin and stdout: the arguments are the course and the slugs to prepare."""
    output = take_stdout()
    try:
        checkers = Checkers(load_course(Path(sys.argv[1])), output)
        for slug in sys.argv[2:]:
            # the problem is reported when this topic is to be checked
            with suppress(AttendError):
                checkers.checker(slug)
        forks = CAN_FORK and "ATTEND_NO_FORK" not in os.environ
        checkers.send(ServerReady(forks))
        if forks:
            serve_by_forks(checkers)
        else:
            serve_once(checkers)
    except BaseException as error:
        os.write(output, encode(ServerFailed(f"{type(error).__name__}: {error}")))
    os._exit(0)


if __name__ == "__main__":
    main()
