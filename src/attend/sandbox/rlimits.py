"""Limits on what one worker may use, by setrlimit."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from attend.sandbox.folder import MAX_FILE

# The limit on processes counts every thread of the user. Where the worker shares the user with others,
# it is only set this far above their number, against a flood.
_ROOM_FOR_OTHERS = 1024


@dataclass(frozen=True)
class Limits:
    """What one worker may use."""

    cpu_seconds: int = 30
    memory_bytes: int = 1 << 30  # address space on top of what the worker has when it is confined
    file_bytes: int = MAX_FILE  # of each file that it writes
    open_files: int = 64
    processes: int = 64  # threads, its first one included; forking is forbidden anyway


def apply(limits: Limits, others: int | None, *, strict: bool, size: int | None = None) -> None:
    """Limit this process, and what it forks, for good; all but its processor time.

    Args:
        others: threads of the same user, from outside; 0 where zygote and worker have a user of their own; None
            where nobody counted them: then threads are not limited.
        strict: raise where the system does not know a limit, instead of going on.
        size: the address space that this process has; it is looked up when left out.
    """
    wanted = {
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    if others is not None:
        room = max(limits.processes, _ROOM_FOR_OTHERS)
        # one more than asked: the zygote has the worker's user
        wanted["RLIMIT_NPROC"] = others + room if others else limits.processes + 1
    if size := address_space(strict) if size is None else size:
        # The absolute form would not do: NumPy and PyTorch alone map several hundred MiB.
        wanted["RLIMIT_AS"] = size + limits.memory_bytes
    for name, value in wanted.items():
        _limiter(name, value, strict)()


def processor_limiter(limits: Limits, *, strict: bool) -> Callable[[], object]:
    """What limits the processor time of the process that calls it, for good. A fork begins with none used."""
    return _limiter("RLIMIT_CPU", limits.cpu_seconds, strict)


def _limiter(name: str, value: int, strict: bool) -> Callable[[], object]:
    """What lowers a limit of the process that calls it; all that can be looked up before is."""
    import resource  # here, not above: Windows has no such module

    try:
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
    except (AttributeError, ValueError, OSError):
        if strict:
            raise
        return lambda: None
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)

    def lower() -> None:
        try:
            # Both, soft and hard: at the hard limit of processor time the kernel kills, and no handler runs.
            resource.setrlimit(number, (most, most))
        except (ValueError, OSError):
            if strict:
                raise

    return lower


def address_space(strict: bool) -> int:
    """The address space of this process, 0 where it cannot be known and `strict` is False."""
    try:
        fd = os.open("/proc/self/statm", os.O_RDONLY)  # open() would ask four things about it first
        try:
            return int(os.read(fd, 100).split()[0]) * os.sysconf("SC_PAGE_SIZE")
        finally:
            os.close(fd)
    except OSError:
        if strict:
            raise
        return 0


def threads_of_this_user() -> int:
    """How many threads of this user /proc shows, this process's included."""
    count, mine = 0, os.getuid()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            tasks = os.stat(f"/proc/{name}/task")
        except OSError:  # it ended meanwhile
            continue
        if tasks.st_uid == mine:
            count += tasks.st_nlink - 2
    return count
