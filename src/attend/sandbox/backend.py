"""One submission's requests, sent to one worker for all exercises; a fresh one after a crash, or where that is asked for."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from attend.sandbox import libraries
from attend.sandbox.client import TRIES, IsolationError, Zygote
from attend.sandbox.codec import Buffer
from attend.sandbox.ground import Ground
from attend.sandbox.worker_client import MAX_ANSWERS, MAX_REQUESTS, Reference, Worker
from attend.student.deadline import WALL
from attend.student.protocol import Failure, Request, Result

T = TypeVar("T")
_TOO_MUCH = Failure("type", message="a value of more bytes than any answer of this course")
_NO_TIME = Failure("timeout", message="the exercise has used up its time")
# the worker's processor time is looked at when its calls have taken so many seconds since
_LOOK_SECONDS = 0.25
# a worker that has used so much processor time is not kept for the next exercise: a worker has its own limit
_KEPT_SECONDS = 5.0
# processor time of a call in a worker that has answered an earlier exercise: a longer one is asked of a fresh worker
_USED_SECONDS = 0.5


class RemoteBackend:
    """Requests to the worker of one submission; a fresh worker after a crash.

    `lost` says what was lost since it was last set to "", perhaps by no fault of the submission. `left_out` is what
    statements at the top of the file raised when it was last loaded; they were left out. `is_used` says whether the
    worker has answered an earlier exercise: what its calls left behind may change the answers now.
    """

    def __init__(
        self,
        zygote: Zygote,
        path: Path | str,
        text: str,
        call_seconds: float,
        exercise_seconds: float = math.inf,
        ground: Ground | None = None,
        reference: Reference | None = None,
        load_seconds: float = 10.0,
    ):
        """Args:
        call_seconds: processor time that one call may take.
        exercise_seconds: processor time that all calls of an exercise may take together.
        load_seconds: processor time that loading the file may take.
        ground, reference: what takes the place of the student's earlier exercises, and what answers for it.
        """
        self._zygote, self._filename, self.text = zygote, Path(path).name, text
        self._call_seconds, self._exercise_seconds = call_seconds, exercise_seconds
        self._ground, self._reference, self._load_seconds = ground, reference, load_seconds
        self._libraries = libraries.wanted(text)
        self._worker: Worker | None = None
        self._code: np.ndarray | None = None
        # the worker's processor time that was taken off
        self._counted = 0.0
        self.lost = ""
        self.left_out: tuple[Failure, ...] = ()
        self.is_used = False
        self.begin()

    def begin(self, fresh: bool = False) -> None:
        """An exercise begins, with all of its time and no answers yet.

        fresh: in a worker that has answered nothing; else in the one of the exercise before.
        """
        worker = self._worker
        if worker is not None and not worker.fresh:
            used = worker.measure()
            if fresh or worker.ended is not None or used is None or used > _KEPT_SECONDS:
                self.close()
            else:
                self._counted = used
        self.is_used = self._worker is not None and not self._worker.fresh
        self._seconds_left, self._wall_left = self._exercise_seconds, WALL * self._exercise_seconds
        self._unseen = 0.0
        self._received = self._sent = 0

    @property
    def worker(self) -> Worker:
        """The living worker, forked anew where there is none."""
        if self._worker is not None and self._worker.ended is None:
            return self._worker
        tried = 0
        while True:
            forked = self._zygote.fork(self._libraries)
            self.is_used = False
            worker = self._worker = Worker(self._zygote, *forked, self._ground)
            tried += 1
            try:
                self._load(worker)
            except IsolationError:
                # killed from outside: it had read nothing of the submission yet
                if worker.lost and tried < TRIES["zygote"]:
                    continue
                raise
            if tried >= TRIES.get(worker.lost, 0):
                return worker

    def _load(self, worker: Worker) -> None:
        """Load the file. It takes of the exercise's time: whoever ends each worker would have as many loads as tests."""
        start, self._counted = time.monotonic(), 0.0
        seconds, wall = min(self._load_seconds, self._seconds_left), self._wall_left
        worker.load(self._filename, self.text, seconds, self._code, wall, self._reference)
        self._code, self.left_out = worker.code, worker.left_out
        self._spend(worker, time.monotonic() - start)

    @property
    def worker_failure(self) -> Failure | None:
        """Why the file cannot be loaded, or None."""
        return self.worker.ended

    def run(self, request: Request, callbacks: list) -> Result | Failure:
        """The worker's answer. The answers' bytes and the time are those of the whole exercise."""
        if self._seconds_left <= 0 or self._wall_left <= 0:
            return _NO_TIME
        if self._received > MAX_ANSWERS or self._sent > MAX_REQUESTS:
            return _TOO_MUCH
        worker = self.worker
        start, received, sent = time.monotonic(), worker.received, worker.sent
        most = min(self._call_seconds, _USED_SECONDS) if self.is_used else self._call_seconds
        deadline = worker.deadline(min(most, self._seconds_left), self._wall_left)
        outcome = worker.run(request, callbacks, deadline)
        self.lost = worker.lost or self.lost
        self._spend(worker, time.monotonic() - start)
        self._received += worker.received - received
        self._sent += worker.sent - sent
        return _TOO_MUCH if self._received > MAX_ANSWERS and isinstance(outcome, Result) else outcome

    def _spend(self, worker: Worker, seconds: float) -> None:
        """Take time off what is left: all of it on the wall clock, of the processor's what the worker used."""
        self._wall_left -= seconds
        self._unseen += seconds
        if self._unseen < _LOOK_SECONDS:
            return
        self._unseen = 0.0
        used = worker.measure()
        if used is None:
            self._seconds_left -= min(seconds, self._call_seconds)
        else:
            self._seconds_left -= used - self._counted
            self._counted = used

    def undisturbed(self, work: Callable[[], T]) -> T:
        """Do `work`, again where a process was lost meanwhile: what the submission does itself, it does again."""
        tried = 0
        while True:
            self.lost = ""
            result, tried = work(), tried + 1
            if tried >= TRIES.get(self.lost, 0):
                return result

    def play(self, scripts: bytes, count: int, seconds: float) -> list[Buffer]:
        """The replies to the requests of `count` tests, as far as they came in `seconds` of processor time.

        Where some did not, a fresh worker with all of its time is there to be asked again, one by one.
        """
        worker = self.worker
        start, received = time.monotonic(), worker.received
        deadline = worker.deadline(min(seconds, self._seconds_left), self._wall_left)
        played = worker.play(scripts, count, deadline)
        self._spend(worker, time.monotonic() - start)
        self._received += worker.received - received
        if len(played) < count:
            self.begin(fresh=True)
        return played

    def close(self) -> None:
        """End the worker; the next request starts another."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
