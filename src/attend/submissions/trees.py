"""Files as they were handed in: found in folders and read by descriptor, without following a link."""

import errno
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Protocol

from attend.course.errors import AttendError
from attend.submissions.names import clean, is_company

MAX_FILES, DEPTH = 2_000, 8  # of one person that are looked at, and levels of folders
_PLAIN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
# Neither a link is followed nor a pipe waited for.
_CAREFUL = _PLAIN | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd


class RefusedError(AttendError):
    """What was handed in cannot be taken; the message names the file and the reason."""


class Source(Protocol):
    """Where the bytes of a file come from."""

    def read(self, name: str, limit: int) -> bytes:
        """All bytes of the file. Raises RefusedError, which calls it `name`, where there are more than `limit`."""


@dataclass(frozen=True)
class Member:
    """A file that was handed in.

    parts: its path below what was named, as a person or a platform called it.
    within: for messages, the zips around it.
    problem: why it cannot be taken, where that is known without reading it.
    order: in a zip, when the file was written, and its place in the archive.
    """

    parts: tuple[str, ...]
    source: Source
    problem: str = ""
    order: tuple[int, ...] = ()
    within: str = ""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.parts[-1]

    @property
    def shown(self) -> str:
        """Its path for a message."""
        return clean(self.within + "/".join(self.parts), 200)

    def read(self, limit: int) -> bytes:
        """All bytes of the file.

        Raises:
            RefusedError: it is no ordinary file, is damaged, or has more than `limit` bytes.
        """
        if self.problem:
            raise RefusedError(f"{self.shown} {self.problem}.")
        return self.source.read(self.shown, limit)


class Tree(Protocol):
    """A folder, on a disk or in a zip."""

    def entries(self) -> dict[str, bool]:
        """The names in it, in order, and whether each is a folder. Systems' own files are left out."""

    def folder(self, name: str) -> "Tree":
        """The folder called `name` in it."""

    def file(self, name: str) -> Member:
        """The file called `name` in it."""

    def files(self) -> list[Member]:
        """The files in it and below, the nearest first, up to MAX_FILES."""


@dataclass(frozen=True)
class _DiskFile:
    base: Path
    inner: tuple[str, ...]

    def read(self, name: str, limit: int) -> bytes:
        try:
            fd = _open(self.base, self.inner)
        except OSError as error:
            raise RefusedError(f"{name} {why(error)}.") from error
        with open(fd, "rb") as file:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise RefusedError(f"{name} is no ordinary file.")
            if found.st_size > limit:
                raise RefusedError(f"{name} has {found.st_size:,} bytes; at most {limit:,} are taken.")
            try:
                return read_all(file, name, limit)
            except OSError as error:
                raise RefusedError(f"{name} {why(error)}.") from error


def read_all(file: IO[bytes], name: str, limit: int) -> bytes:
    """All of an open file: what a header or a directory says of its size is not relied on."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise RefusedError(f"{name} unpacks to more than {limit:,} bytes.")
    return data


def why(error: OSError) -> str:
    """Why a file cannot be opened, in words that follow its name."""
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return "is a link; hand in the file itself"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    # a socket or a device without a driver cannot be opened
    return "is no ordinary file" if error.errno == errno.ENXIO else f"cannot be read: {error.strerror}"


def _open(base: Path, inner: tuple[str, ...], folder: bool = False) -> int:
    """A descriptor of what lies at `inner` below the folder `base`, or of `base` itself; no link is followed on the way.

    Raises:
        OSError: it is not there, or there is a link on the way.
    """
    to_folder = _CAREFUL | getattr(os, "O_DIRECTORY", 0)
    if not inner:
        _refuse_link(base)
        return os.open(base, to_folder if folder else _CAREFUL)
    if not _BY_DESCRIPTOR:
        for depth in range(1, len(inner) + 1):
            _refuse_link(base.joinpath(*inner[:depth]))
        return os.open(base.joinpath(*inner), _PLAIN | getattr(os, "O_BINARY", 0))
    fd = os.open(base, _PLAIN | getattr(os, "O_DIRECTORY", 0))
    for depth, name in enumerate(inner, start=1):
        try:
            following = os.open(
                name, _CAREFUL if depth == len(inner) and not folder else to_folder, dir_fd=fd
            )
        finally:
            os.close(fd)
        fd = following
    return fd


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a link", str(path))


def file_at(path: Path) -> Member:
    """The file at a path that somebody named."""
    return Member((path.name,), _DiskFile(path, ()))


@dataclass(frozen=True)
class DiskTree:
    """A folder on a disk: `inner` below `base`, which is a folder that somebody named."""

    base: Path
    inner: tuple[str, ...] = ()

    def entries(self) -> dict[str, bool]:
        """The names in it, in order, and whether each is a folder; none where it cannot be read: `files` says why."""
        try:
            kinds = self._kinds()
        except OSError:
            # the folder that was named itself has to be readable
            if not self.inner:
                raise
            kinds = []
        return {name: kind == "folder" for name, kind in kinds if not is_company(name)}

    def folder(self, name: str) -> "DiskTree":
        """The folder called `name` in it."""
        return DiskTree(self.base, (*self.inner, name))

    def file(self, name: str) -> Member:
        """The file called `name` in it."""
        return self._member(name, "")

    def files(self) -> list[Member]:
        """The files in it and below, the nearest first, up to MAX_FILES."""
        found: list[Member] = []
        level = [self]
        for _ in range(DEPTH):
            following = []
            for tree in level:
                try:
                    kinds = tree._kinds()
                except OSError as error:
                    found.append(
                        Member((*self._from(tree), "."), _DiskFile(tree.base, tree.inner), why(error))
                    )
                    continue
                for name, kind in kinds:
                    if is_company(name):
                        continue
                    if kind == "folder":
                        following.append(tree.folder(name))
                    elif len(found) < MAX_FILES:
                        member = tree._member(name, _LINK if kind == "link" else "")
                        found.append(replace(member, parts=(*self._from(tree), name)))
            level = following
        return found

    def _from(self, tree: "DiskTree") -> tuple[str, ...]:
        return tree.inner[len(self.inner) :]

    def _member(self, name: str, problem: str) -> Member:
        return Member((name,), _DiskFile(self.base, (*self.inner, name)), problem)

    def _kinds(self) -> list[tuple[str, str]]:
        """Name and kind (folder, file, link) of everything in the folder, sorted."""
        fd = None
        if _BY_DESCRIPTOR:
            fd = _open(self.base, self.inner, folder=True) if self.inner else os.open(self.base, _PLAIN)
        try:
            with os.scandir(self.base.joinpath(*self.inner) if fd is None else fd) as entries:
                return sorted((entry.name, _kind(entry)) for entry in entries)
        finally:
            if fd is not None:
                os.close(fd)


_LINK = "is a link; hand in the file itself"


def _kind(entry: os.DirEntry) -> str:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "link" if entry.is_symlink() else "file"
