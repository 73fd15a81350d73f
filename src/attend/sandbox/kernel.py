"""The few calls of the Linux kernel that Python's `os` and `resource` do not offer."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_Header = ctypes.c_uint32 * 2
_Sets = ctypes.c_uint32 * 6  # effective, permitted, inheritable for capabilities 0–31, then for 32–63


@cache
def libc() -> ctypes.CDLL:
    """The C library, with its error numbers kept."""
    # Not at the module's top: Windows has no library of that name, and this file is imported there too.
    return ctypes.CDLL(None, use_errno=True)


def fork() -> int:
    """`os.fork` without what modules ask to be done after it, for a process without threads.

    matplotlib forgets its open fonts then, and a worker at level seccomp cannot open them again.
    """
    if sys.platform != "linux":
        return os.fork()
    return check(_libc_with_the_lock().fork(), "fork")


@cache
def _libc_with_the_lock() -> ctypes.PyDLL:
    return ctypes.PyDLL(None, use_errno=True)  # a CDLL would let go of the interpreter's lock meanwhile


def check(result: int, what: str) -> int:
    """Turn C's "-1 and errno" into an OSError that names the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(what: str, number: int, *arguments: object) -> int:
    """The value of a system call by number.

    Raises:
        OSError: it failed; the message names `what`.
    """
    # A bare int would go through the variadic call as 32 bits: pointers and flags need the full word.
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return check(libc().syscall(ctypes.c_long(number), *words), what)


def prctl(what: str, option: int, first: int, second: int = 0) -> int:
    """The value of a call of prctl.

    Raises:
        OSError: it failed; the message names `what`.
    """
    return check(_prctl()(option, first, second, 0, 0), what)


@cache
def _prctl() -> Callable[..., int]:
    function = libc().prctl
    function.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]  # full words: it is variadic
    return function


def advise(address: int, length: int, advice: int) -> bool:
    """Whether the kernel took a piece of advice about a range of memory."""
    madvise = libc().madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return bool(madvise(address, length, advice) == 0)


def keep_capabilities(mask: int) -> None:
    """Give up every capability outside `mask`, for good: none can come back under no_new_privs."""
    header = _Header(_CAPABILITY_VERSION_3, 0)  # 0: this process
    data = _Sets(mask, mask, 0, 0, 0, 0)
    check(libc().capset(header, data), "capset")
