"""End endless loops in this process, on every system and without another process."""

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic, process_time

from attend.student.errors import StudentTimeout

# The wall-clock limit is so many times the limit on processor time. It ends what sleeps; on a machine on which four
# times as many processes run as it has cores, a process still gets all of its processor time.
WALL = 4.0
# Code may catch every exception and go on, so the exception is raised so many times, a second apart.
ATTEMPTS = 4
# A browser's Python has no threads; there the page ends what runs too long.
HAS_THREADS = sys.platform != "emscripten"
_SHORTEST_WAIT = 0.02


@contextmanager
def deadline(seconds: float, on_stuck: Callable[[], None] | None = None) -> Iterator[None]:
    """Raise StudentTimeout in this thread when the block has used `seconds` of processor time.

    The clock is that of the whole process (`time.process_time`), all its threads together. A block that uses less,
    because it sleeps, waits or gets no processor, is ended after `WALL * seconds` on the wall clock.

    The exception ends a loop in Python. It ends neither a call inside a library nor code that catches every exception:
    after a few more seconds `on_stuck` is called, in another thread.

    Raises:
        StudentTimeout: the time is used up.
    """
    if not HAS_THREADS:
        yield
        return
    thread = ctypes.c_ulong(threading.get_ident())
    lock, over = threading.Lock(), threading.Event()

    def watch() -> None:
        if _ended_in_time(over, seconds):
            return
        for _ in range(ATTEMPTS):
            with lock:
                if not over.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(StudentTimeout))
            if over.wait(1.0):
                return
        if on_stuck is not None:
            on_stuck()

    threading.Thread(target=watch, daemon=True, name="deadline").start()
    try:
        yield
    finally:
        while not over.is_set():
            # An exception that is already on its way arrives here and not in the caller's code. To withdraw it (by
            # NULL) would make CPython 3.11 check for it for ever.
            with suppress(StudentTimeout), lock:
                over.set()


def _ended_in_time(over: threading.Event, seconds: float) -> bool:
    """Wait until `over` is set, or `seconds` of processor time or `WALL * seconds` on the wall clock have passed."""
    used_up, end = process_time() + seconds, monotonic() + WALL * seconds
    while (left := min(used_up - process_time(), end - monotonic())) > 0:
        if over.wait(max(left, _SHORTEST_WAIT)):
            return True
    return over.is_set()
