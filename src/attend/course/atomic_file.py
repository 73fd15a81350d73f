"""Files that are written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from attend.course.errors import AttendError


class WriteError(AttendError):
    """A file or a folder cannot be written."""


class whole_file:
    """Write to a temporary name beside `path`, and take its place only when all went well.

    Raises:
        WriteError: `path` is a folder or a device, or nothing can be written there.
    """

    def __init__(self, path: Path):
        if not path.name or path.exists() and not path.is_file():
            raise WriteError(f"{path} is no ordinary file; name another --out.")
        self._path, self._part = path, path.with_name(f".{path.name}.part")

    def __enter__(self) -> Path:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(
                f"{self._path.parent} cannot be made ({error.strerror}); name another --out."
            ) from error
        return self._part

    def __exit__(self, kind, error, _traceback) -> None:
        if kind is None:
            try:
                os.replace(self._part, self._path)
                return
            except OSError as problem:
                error = problem
        # a file system that is read-only refuses this too
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise WriteError(
                f"{self._path} cannot be written ({error.strerror}); make room or name another --out."
            ) from error
