"""The zip that a download came in, unpacked once."""

import hashlib
import re
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from attend.submissions.entry import BatchError
from attend.submissions.submission import MAX_ARCHIVE

MAX_CLASS = 16 << 30


def unpack(path: Path, to: Path | None) -> Path:
    """The folder that holds the class in the zip at `path`; unpacked once below `to`, and never outside it.

    Raises:
        BatchError: it is no zip, or larger than a class can be.
    """
    if to is None:
        raise BatchError(f"{path} is a zip; unpack it and name its folder.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    target = to / f"{path.stem}-{digest}"
    if target.exists():
        return target
    part = to / f".{target.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_CLASS:
                raise BatchError(f"{path} unpacks to more than {MAX_CLASS >> 30} GiB; unpack it yourself.")
            for entry in archive.infolist():
                _unpack_one(archive, entry, part)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise BatchError(f"{path} cannot be unpacked ({error}); download it again.") from error
    part.rename(target)
    return target


def unpacked(path: Path) -> bool:
    """Whether `unpack` made this folder: its name ends in a digest."""
    return bool(re.search(r"-[0-9a-f]{16}$", path.name))


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    """One file of the archive, if it is an ordinary one with a path of its own folder; others are left out."""
    inner = PurePosixPath(entry.filename.replace("\\", "/"))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.is_dir() or inner.is_absolute() or ".." in inner.parts or "\0" in entry.filename:
        return
    if kind not in (0, stat.S_IFREG) or entry.file_size > MAX_ARCHIVE or inner.parts[0] == "__MACOSX":
        return
    target = folder.joinpath(*(part[:200] for part in inner.parts))
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as file:
        copied = 0
        while chunk := source.read(1 << 20):
            copied += len(chunk)
            if copied > MAX_ARCHIVE:
                raise ValueError(f"{entry.filename} is larger than it says")
            file.write(chunk)
