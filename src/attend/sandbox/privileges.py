"""Give up root: another user for each zygote and its workers, no capabilities."""

from __future__ import annotations

import os

from attend.sandbox import kernel

_NOBODY = 65534
_USERS = range(61184, 65520)  # what systemd hands out to services that have no account


def change(*, read_all: bool) -> bool:
    """Become a user of this zygote's own, and give up every capability. False where there is none to become.

    One user for all would do for files, but the limit on threads counts by user: a flood of threads in one
    worker would use up another's that runs beside it.

    read_all keeps the right to read any file, for an interpreter below a closed home folder: only where
    Landlock then keeps the worker to the view.
    """
    changed = os.geteuid() == 0 and _leave_root(read_all)
    kernel.keep_capabilities(1 << kernel.CAP_DAC_READ_SEARCH if changed and read_all else 0)
    return changed


def _leave_root(read_all: bool) -> bool:
    own = _USERS[int.from_bytes(os.urandom(4), "big") % len(_USERS)]
    for number in (own, _NOBODY):
        try:
            os.setresgid(number, number, number)
        except OSError:  # not among this container's users, or root may not change here
            continue
        if read_all:
            kernel.prctl("keep capabilities", kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresuid(number, number, number)
        return True
    return False
