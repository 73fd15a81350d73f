"""An end to endless loops, on every system and without another process."""

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from attend.student.errors import StudentTimeout

INSISTS = 4  # times, a second apart: code may catch every exception and go on
HAS_THREADS = (
    sys.platform != "emscripten"
)  # a browser's Python has none: there the page ends what runs too long


@contextmanager
def deadline(seconds: float, on_stuck: Callable[[], None] | None = None) -> Iterator[None]:
    """Raise StudentTimeout in this thread after `seconds`.

    A loop in Python ends by that. What waits inside a library, or catches every exception, does not; after some
    more seconds `on_stuck` is called, in another thread.
    """
    if not HAS_THREADS:
        yield
        return
    thread = ctypes.c_ulong(threading.get_ident())
    lock, over = threading.Lock(), threading.Event()

    def watch() -> None:
        pause = seconds
        for _ in range(INSISTS):
            if over.wait(pause):
                return
            with lock:
                if not over.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(StudentTimeout))
            pause = 1.0
        if not over.wait(pause) and on_stuck is not None:
            on_stuck()

    threading.Thread(target=watch, daemon=True, name="deadline").start()
    try:
        yield
    finally:
        while not over.is_set():
            # one that is on its way comes out here, and not at whoever is next; to call it back (by NULL)
            # would leave CPython 3.11 checking for it for ever
            with suppress(StudentTimeout), lock:
                over.set()
