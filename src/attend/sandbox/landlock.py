"""Landlock: after `restrict`, the calling thread may read below the given paths and touch no other file.

Written on ctypes because the packages on PyPI are alpha or slow and the interface is three system calls.
Their numbers are the same on every architecture. See landlock(7).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from attend.sandbox import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

READ_FILE, READ_DIR = 1 << 2, 1 << 3
# To write files, remove folders and files, make folders and ordinary files, move between folders, and cut off.
_WRITE_FILE = 1 << 1
_WRITE = _WRITE_FILE | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14
# How many file rights each version of the interface knows. All are handled, that is: denied by default.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The kernel's Landlock interface, 1 or more. OSError where there is none."""
    return kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, None, 0, _VERSION_FLAG)


def ruleset(readable: Iterable[str]) -> int:
    """A descriptor of the rule "read below these paths". It is made once and serves every forked worker."""
    abi = version()
    rules = _Ruleset(files=_known())
    size = 8
    if abi >= 4:  # TCP bind and connect
        rules.net, size = 0b11, 16
    if abi >= 6:  # abstract unix sockets, and signals to processes outside
        rules.scoped, size = 0b11, 24
    fd = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, ctypes.byref(rules), size, 0)
    for path in readable:
        _allow(fd, path)
    return fd


def allow_writing(fd: int, path: str) -> None:
    """Add to a rule that what lies below the folder `path` may be read, written, made, moved and removed."""
    _allow(fd, path, (READ_FILE | READ_DIR | _WRITE) & _known())
    _allow(fd, os.devnull, READ_FILE | _WRITE_FILE)


def writable(path: str) -> int:
    """A descriptor of the rule "write below this folder and nowhere else", which takes no right to read away."""
    rules = _Ruleset(files=_WRITE & _known())
    fd = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, ctypes.byref(rules), 8, 0)
    _allow(fd, path, _WRITE & _known())
    _allow(fd, os.devnull, _WRITE_FILE)
    return fd


def _known() -> int:
    """The file rights that this kernel's interface knows."""
    return (1 << _FILE_RIGHTS.get(version(), 16)) - 1


def _allow(fd: int, path: str, allowed: int | None = None) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if allowed is None:
            # No right to execute: that is for execve, and shared libraries are mapped without it.
            allowed = READ_FILE | READ_DIR if os.path.isdir(path) else READ_FILE
        rule = _PathBeneath(allowed=allowed, parent=parent)
        kernel.syscall("landlock_add_rule", _ADD_RULE, fd, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def restrict(fd: int) -> None:
    """Bind the calling thread to the rule. Needs no_new_privs; threads and children inherit it."""
    kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, fd, 0)
    os.close(fd)
