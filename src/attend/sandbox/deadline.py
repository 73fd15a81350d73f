"""How long the grader waits for a worker: so much processor time of the worker, within a wall-clock limit above it."""

import math
import time
from collections.abc import Callable

from attend.student.deadline import WALL

_SHORTEST = 0.02


class DeadlineError(Exception):
    """The time is over."""


class Deadline:
    """A moment on the wall clock."""

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds to wait before asking again.

        Raises:
            DeadlineError: the time is over.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineError
        return left


class ProcessorDeadline(Deadline):
    """The moment at which a process has used `seconds` of processor time; `WALL * seconds` from now at the latest.

    It is no later than `wall` seconds from now either. `used` tells the processor time of the process in seconds, None
    where it is not known: then the wall clock counts instead. `before` is what it had used when the waiting began.
    """

    def __init__(
        self, seconds: float, used: Callable[[], float | None], before: float, wall: float = math.inf
    ):
        super().__init__(min(WALL * seconds, wall))
        self._used, self._limit = used, before + seconds
        self._look = time.monotonic() + seconds

    def left(self) -> float:
        """As `Deadline.left`; looks at the processor time when so much time has passed that it could be used up."""
        until_end = super().left()
        now = time.monotonic()
        if now >= self._look:
            used = self._used()
            if used is None or used >= self._limit:
                raise DeadlineError
            self._look = now + max(_SHORTEST, self._limit - used)
        return min(until_end, self._look - now)
