"""Gather a process's memory in huge pages before it forks: then a fork copies far fewer page tables."""

import contextlib
import mmap
import re
import sys
from pathlib import Path

from attend.sandbox import kernel

# of madvise(2), since Linux 6.1
MADV_COLLAPSE = 25
HUGE = 2 << 20
# one line of /proc/self/maps of private memory without a file: heap, arenas of Python, the like
_ANONYMOUS = re.compile(r"^(\w+)-(\w+) rw-p 00000000 00:00 0 +(?:\[heap\]|\[anon.*)?$", re.MULTILINE)


def gather() -> bool:
    """Have the kernel put this process's own memory into pages of 2 MiB; False where it cannot, which costs only time."""
    if sys.platform != "linux" or HUGE % mmap.PAGESIZE:
        return False
    done = False
    with contextlib.suppress(OSError):
        for start, end in _ANONYMOUS.findall(Path("/proc/self/maps").read_text(encoding="utf-8")):
            first, last = -(-int(start, 16) // HUGE) * HUGE, int(end, 16) // HUGE * HUGE
            if first < last:
                done = kernel.advise(first, last - first, MADV_COLLAPSE) or done
    return done
