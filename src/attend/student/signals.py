"""Ctrl-C, for processes that start others."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """A process that is started in here never hears Ctrl-C: this one does, and ends it in order."""
    if threading.current_thread() is not threading.main_thread():  # nobody else may change it, nor needs to
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
