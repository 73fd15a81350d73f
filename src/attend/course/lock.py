"""A lock that one process holds at a time. The system gives it back when the process ends, however it ends."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attend.course.atomic_file import WriteError

# between two tries to get a lock that another process holds
SECONDS = 0.2


def try_lock(path: Path) -> sqlite3.Connection | None:
    """Take the lock that the file `path` stands for; None where another process has it. `close()` gives it back.

    SQLite locks files on every system that Python runs on, so the file is an empty database.

    Raises:
        WriteError: the file cannot be made.
    """
    try:
        db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _cannot(path, error) from error
    try:
        # no journal, which would be a file of its own
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        db.close()
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return None
        raise _cannot(path, error) from error
    except sqlite3.Error as error:
        db.close()
        raise _cannot(path, error) from error
    return db


def _cannot(path: Path, error: sqlite3.Error) -> WriteError:
    return WriteError(f"{path} cannot be opened for writing ({error}); name another --out.")


@contextmanager
def locked(path: Path, tell: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of the file `path`, and wait for it as long as another process has it.

    Args:
        tell: called once before waiting.

    Raises:
        WriteError: the file or its folder cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path.parent} cannot be made ({error.strerror}); name another --out.") from error
    lock = try_lock(path)
    if lock is None:
        tell()
    while lock is None:
        time.sleep(SECONDS)
        lock = try_lock(path)
    try:
        yield
    finally:
        lock.close()
