"""Temporary folders. What a killed process left behind, the next process that needs such a folder removes."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attend.course.atomic_file import WriteError
from attend.course.lock import try_lock

_PREFIX, _LOCK = "attend-", ".lock"


@contextmanager
def scratch_folder(kind: str) -> Iterator[Path]:
    """A new folder in the system's temporary folder, which only this user can read; it is removed afterwards.

    A lock file beside it says that its process lives. `kind` is part of its name.

    Raises:
        WriteError: the folder cannot be made.
    """
    remove_abandoned()
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{kind}-{secrets.token_hex(8)}"
    mark = folder.with_name(f"{folder.name}{_LOCK}")
    lock = try_lock(mark)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            lock.close()
        with suppress(OSError):
            mark.unlink()


def remove_abandoned() -> None:
    """Remove the folders of this user whose processes have ended without doing so."""
    for mark in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*{_LOCK}"):
        with suppress(OSError, WriteError):
            # a link, or a file of another user, is not ours to open
            if mark.is_symlink() or hasattr(os, "geteuid") and mark.stat().st_uid != os.geteuid():
                continue
            lock = try_lock(mark)
            if lock is not None:
                shutil.rmtree(mark.with_name(mark.name.removesuffix(_LOCK)), ignore_errors=True)
                lock.close()
                mark.unlink()
