"""Ctrl-C, for processes that start others."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Processes that are started in this block ignore Ctrl-C: the process that starts them handles it and ends them.

    Outside the main thread, where Python does not let signals be changed, the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
