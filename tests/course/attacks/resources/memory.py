"""How much memory this process, which is the lane, took at most while it graded an attack."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attend.sandbox.codec import MAX_ANSWER

# what a lane may take above what it has anyway
MULTIPLE = 32
_STATUS = Path("/proc/self/status")


def _status(name: str) -> int:
    return int(re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text())[1]) << 10


@contextmanager
def bounded_memory() -> Iterator[Callable[[], int]]:
    """See that what is done inside takes no more than `MULTIPLE` times the limit on an answer."""
    if not _STATUS.exists():
        pytest.skip("this system has no /proc/self/status to measure memory with")
    # the peak begins anew
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    yield lambda: _status("VmHWM") - before
    taken = _status("VmHWM") - before
    assert taken <= MULTIPLE * MAX_ANSWER, f"{taken >> 20} MiB"
