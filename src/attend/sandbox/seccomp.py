"""The filter of system calls: an allow list. `program` builds it with libseccomp, `loader` makes what hands it in.

They are apart because the library is only at hand where the grader runs: inside bubblewrap's view
there is none. The finished bytes travel.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from collections.abc import Callable
from functools import cache

from attend.sandbox import kernel

# What a NumPy or PyTorch worker on the CPU needs, threads included. Anything else fails with EPERM.
ALLOWED = """
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2
    lseek close close_range dup dup2 dup3
    fstat getdents64 getcwd
    recvfrom recvmsg recvmmsg sendmsg sendmmsg shutdown getsockname getpeername getsockopt
    poll ppoll select pselect6
    brk mmap munmap mremap mprotect madvise membarrier
    futex futex_waitv set_robust_list set_tid_address rseq arch_prctl sched_yield
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack
    setitimer getitimer alarm pause restart_syscall
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage getrlimit
    getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid
    uname sysinfo getrandom exit exit_group
""".split()

# Opening files is left to Landlock. Without Landlock these go, and nothing can be opened any more.
OPENING = ["open", "openat"]

# Calls that tell about a file by its path. The filter cannot read a path, and Landlock does not look at these calls: they
# tell about every file that there is.
# Without these nothing can be imported any more: Python looks before it opens, and libraries are loaded by newfstatat.
LOOKING = ["stat", "lstat", "newfstatat"]
# What a link names. Python asks where a path of a module leads over one.
LINKS = ["readlink", "readlinkat"]
# Nothing that is needed asks these. They are allowed where there are no files but those that a worker may read.
ASKING = ["access", "faccessat", "faccessat2", "statx"]
# What a worker does in its own folder; Landlock, or a root directory of its own, keeps it there. No links, and not
# truncate, which old versions of Landlock do not know: the same is done with an open file.
WRITING = """
    mkdir mkdirat unlink unlinkat rmdir rename renameat renameat2 ftruncate fsync fdatasync msync
""".split()

# Told "not implemented", the C library falls back to an older call; told "forbidden", it gives up.
NOT_IMPLEMENTED = ["clone3", "openat2", "fchmodat2", "mseal"]

# The flags of pthread_create in glibc and in musl, exactly: a thread and nothing else.
_CLONE = (0x3D0F00, 0x7D0F00)
# F_DUPFD to F_SETFL, F_DUPFD_CLOEXEC. Not F_SETOWN: with F_SETSIG it kills any process of the same user.
_FCNTL = (0, 1, 2, 3, 4, 1030)
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Not FIOSETOWN, for the same reason, nor TIOCSTI.
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# PR_SET_NAME, PR_GET_NAME, PR_SET_VMA. Not PR_SET_DUMPABLE, nor PR_SET_PDEATHSIG.
_PRCTL = (15, 16, 0x53564D41)
_ARCHITECTURES = ("x86_64", "aarch64")


@cache
def program(*, opening: bool, view: bool = False, links: bool = False) -> bytes:
    """The filter as BPF bytes for this machine.

    Args:
        opening: files may be opened and looked at, as far as something else permits.
        view: there are no files but those that a worker may read.
        links: it may be asked where a link leads.

    Raises:
        OSError: there is none for this machine.
    """
    allowed = list(ALLOWED)
    if opening:
        allowed += OPENING + WRITING + LOOKING + (LINKS if links or view else []) + (ASKING if view else [])
    try:
        return _build(allowed)
    except (ImportError, RuntimeError) as error:  # RuntimeError: pyseccomp found no libseccomp
        raise OSError(f"{error} (it takes the package pyseccomp and Debian's libseccomp2)") from error


def _build(allowed: list[str]) -> bytes:
    if platform.machine() not in _ARCHITECTURES:  # elsewhere clone takes its arguments in another order
        raise OSError(errno.ENOSYS, f"the filter was never tried on {platform.machine()}")
    import pyseccomp as lib  # here, not above: its import fails where libseccomp is missing

    draft = lib.SyscallFilter(lib.ERRNO(errno.EPERM))
    draft.set_attr(lib.Attr.ACT_BADARCH, lib.KILL_PROCESS)  # 32-bit calls would pass under other numbers
    draft.set_attr(lib.Attr.CTL_OPTIMIZE, 2)  # a tree, no list: the kernel tries each call on it beforehand

    def rule(action: int, name: str, *conditions: object) -> None:
        number = lib.resolve_syscall(lib.Arch.NATIVE, name)
        if number >= 0:  # negative: no such call on this architecture, or unknown to this libseccomp
            draft.add_rule(action, number, *conditions)

    for name in allowed:
        rule(lib.ALLOW, name)
    for name in NOT_IMPLEMENTED + [name for name in ("statx",) if name not in allowed]:
        rule(lib.ERRNO(errno.ENOSYS), name)
    for flags in _CLONE:
        rule(lib.ALLOW, "clone", lib.Arg(0, lib.EQ, flags))
    for command in _FCNTL:
        rule(lib.ALLOW, "fcntl", lib.Arg(1, lib.EQ, command))
    for request in _IOCTL:
        rule(lib.ALLOW, "ioctl", lib.Arg(1, lib.EQ, request))
    for option in _PRCTL:
        rule(lib.ALLOW, "prctl", lib.Arg(0, lib.EQ, option))
    rule(lib.ALLOW, "sendto", lib.Arg(4, lib.EQ, 0))  # to the connected peer, to no other address
    rule(lib.ALLOW, "prlimit64", lib.Arg(0, lib.EQ, 0), lib.Arg(2, lib.EQ, 0))  # read one's own limits
    return _export(draft)


def _export(draft) -> bytes:
    with open(os.memfd_create("seccomp"), "w+b") as file:
        draft.export_bpf(file)
        file.seek(0)
        return file.read()


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def loader(program: bytes) -> Callable[[], object]:
    """What binds the thread that calls it to the filter. Needs no_new_privs; threads inherit it."""
    packed = _Program(len(program) // 8, program)
    return lambda: kernel.prctl("seccomp", kernel.PR_SET_SECCOMP, 2, ctypes.addressof(packed))
