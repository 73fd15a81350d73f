"""One submission's requests, sent to a worker that is forked anew for each exercise and after a crash."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from attend.sandbox.client import TRIES, Worker, Zygote
from attend.sandbox.codec import Buffer
from attend.student.protocol import Failure, Request, Result

T = TypeVar("T")
_TOO_MUCH = Failure("type", message="a value of more bytes than any answer of this course")
MAX_ANSWERS = 256 << 20  # bytes that one exercise may send: the grader keeps them until it is graded


class RemoteBackend:
    """Requests to the worker of one submission; a fresh worker after a crash.

    `lost` tells what was lost since it was last set to "", perhaps by no fault of the submission.
    """

    def __init__(
        self,
        zygote: Zygote,
        path: Path | str,
        text: str,
        call_seconds: float,
        exercise_seconds: float = math.inf,
    ):
        self._zygote, self._filename, self.text = zygote, Path(path).name, text
        self._call_seconds, self._exercise_seconds = call_seconds, exercise_seconds
        self._worker: Worker | None = None
        self._code: np.ndarray | None = None
        self.lost = ""
        self.begin()

    def begin(self) -> None:
        """An exercise begins: a fresh worker, all of its time, no answers yet."""
        self.renew()
        self._seconds_left, self._received = self._exercise_seconds, 0

    @property
    def worker(self) -> Worker:
        """The living worker, forked anew where there is none."""
        if self._worker is None or self._worker.ended is not None:
            for tried in range(1, max(TRIES.values()) + 1):
                self._worker = self._zygote.fork(self._filename, self.text, self._call_seconds, self._code)
                self._code = self._worker.code
                if tried >= TRIES.get(self._worker.lost, 0):
                    break
        return self._worker

    @property
    def worker_failure(self) -> Failure | None:
        """Why the file cannot be loaded, or None."""
        return self.worker.ended

    def run(self, request: Request, callbacks: list) -> Result | Failure:
        """The worker's answer. Its loading counts towards the time of the exercise."""
        if self._seconds_left <= 0:
            return Failure("timeout", message="the exercise has used up its time")
        if self._received > MAX_ANSWERS:
            return _TOO_MUCH
        start = time.monotonic()
        worker = self.worker
        before = worker.received
        outcome = worker.run(request, callbacks, self._deadline())
        self.lost = worker.lost or self.lost
        self._seconds_left -= time.monotonic() - start
        self._received += worker.received - before
        return _TOO_MUCH if self._received > MAX_ANSWERS else outcome

    def undisturbed(self, work: Callable[[], T]) -> T:
        """Do `work`, again where a process was lost meanwhile: what the submission does itself, it does again."""
        tried = 0
        while True:
            self.lost = ""
            result, tried = work(), tried + 1
            if tried >= TRIES.get(self.lost, 0):
                return result

    def play(self, scripts: bytes, count: int, seconds: float) -> list[Buffer]:
        """The replies to the requests of `count` tests, as far as they came in `seconds`.

        Where some did not, a fresh worker with all of its time is there to be asked again, one by one.
        """
        start = time.monotonic()
        worker = self.worker
        before = worker.received
        played = worker.play(scripts, count, start + min(seconds, self._seconds_left))
        self._seconds_left -= time.monotonic() - start
        self._received += worker.received - before
        if len(played) < count:
            self.begin()
        return played

    def renew(self) -> None:
        """Have the next request run in a fresh worker."""
        if self._worker is not None and not self._worker.fresh:
            self.close()

    def close(self) -> None:
        """End the worker; the next request starts another."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _deadline(self) -> float:
        return time.monotonic() + min(self._call_seconds, self._seconds_left)
