"""Files that are written whole or not at all, and digests of what they hold."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attend.course.errors import AttendError


class WriteError(AttendError):
    """A file or a folder cannot be written."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to: it replaces `path` when all went well and is removed otherwise.

    Raises:
        WriteError: `path` is a folder or a device, the folder cannot be made, or the file cannot be written.
    """
    if not path.name or path.exists() and not path.is_file():
        raise WriteError(f"{path} is no ordinary file; name another --out.")
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path.parent} cannot be made ({error.strerror}); name another --out.") from error
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written ({error.strerror}); make room or name another --out."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text to the file `path`, whole or not at all. Raises as `whole_file` does."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def digest_of(paths: Iterable[Path]) -> str:
    """A digest of what the files hold; one that does not exist counts as empty."""
    digest = hashlib.sha256()
    for path in paths:
        data = path.read_bytes() if path.exists() else b""
        digest.update(f"{path.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:16]
