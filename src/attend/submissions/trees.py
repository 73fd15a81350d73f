"""Files as they were handed in, in a folder or in a zip: found and read without following a link, nothing unpacked."""

import errno
import io
import os
import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Protocol

from attend.course.errors import AttendError
from attend.submissions.names import clean, is_company

MAX_ARCHIVE = 64 << 20  # bytes of a student's zip
MAX_ENTRIES = 20_000  # in a student's zip: with the libraries of a virtual environment it has some thousands
MAX_DIRECTORY = MAX_ENTRIES << 8  # bytes of a zip's table of contents: zipfile reads all of it at once
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
            raise RefusedError(f"{name} {_why(error)}.") from error
        with open(fd, "rb") as file:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise RefusedError(f"{name} is no ordinary file.")
            if found.st_size > limit:
                raise RefusedError(f"{name} has {found.st_size:,} bytes; at most {limit:,} are taken.")
            try:
                return _read(file, name, limit)
            except OSError as error:
                raise RefusedError(f"{name} {_why(error)}.") from error


def _read(file: IO[bytes], name: str, limit: int) -> bytes:
    """All of an open file: what a header or a directory says of its size is not relied on."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise RefusedError(f"{name} unpacks to more than {limit:,} bytes.")
    return data


def _why(error: OSError) -> str:
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
        return {name: kind == "folder" for name, kind in self._kinds() if not is_company(name)}

    def folder(self, name: str) -> "DiskTree":
        return DiskTree(self.base, (*self.inner, name))

    def file(self, name: str) -> Member:
        return self._member(name, "")

    def files(self) -> list[Member]:
        found: list[Member] = []
        level = [self]
        for _ in range(DEPTH):
            following = []
            for tree in level:
                try:
                    kinds = tree._kinds()
                except OSError as error:
                    found.append(
                        Member((*self._from(tree), "."), _DiskFile(tree.base, tree.inner), _why(error))
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


@dataclass(frozen=True)
class _ZipEntry:
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, name: str, limit: int) -> bytes:
        try:
            with self.archive.open(self.info) as file:
                return _read(file, name, limit)
        except RefusedError:
            raise
        except Exception as error:  # a damaged stream raises the decompressor's own error types
            words = clean(str(error)) or type(error).__name__
            raise RefusedError(f"{name} is damaged ({words}).") from error


class ZipTree:
    """A folder in a zip: the members whose paths begin with `depth` parts of its own."""

    def __init__(self, members: list[Member], folders: Iterable[tuple[str, ...]] = (), depth: int = 0):
        self._members, self._folders, self._depth = members, list(folders), depth

    def entries(self) -> dict[str, bool]:
        found = sorted(self._by_name.items())
        return {name: bool(below or folders) for name, (_, below, folders) in found if not is_company(name)}

    def folder(self, name: str) -> "ZipTree":
        _, members, folders = self._by_name[name]
        return ZipTree(members, folders, self._depth + 1)

    def file(self, name: str) -> Member:
        return self._from_here(self._by_name[name][0][-1])

    def files(self) -> list[Member]:
        found = [
            member
            for member in self._members
            if not any(is_company(part) for part in member.parts[self._depth :])
        ]
        return [
            self._from_here(member) for member in sorted(found, key=lambda each: len(each.parts))[:MAX_FILES]
        ]

    def _from_here(self, member: Member) -> Member:
        return replace(member, parts=member.parts[self._depth :])

    @cached_property
    def _by_name(self) -> dict[str, tuple[list[Member], list[Member], list[tuple[str, ...]]]]:
        """For each name: the files called so, the files below it, and the folders at or below it."""
        found: dict[str, tuple[list[Member], list[Member], list[tuple[str, ...]]]] = {}
        here = self._depth
        for member in self._members:
            lists = found.setdefault(member.parts[here], ([], [], []))
            lists[len(member.parts) > here + 1].append(member)
        for folder in self._folders:
            if len(folder) > here:
                found.setdefault(folder[here], ([], [], []))[2].append(folder)
        return found


@dataclass(frozen=True)
class Archive:
    """What a zip holds. Members whose paths lead out of its own folder are in `unsafe`, and not in `tree`."""

    tree: ZipTree
    unsafe: list[Member]


def open_zip(data: bytes | Path, name: str, of_a_class: bool = False) -> Archive:
    """The contents of a zip, given as its bytes or as the path of an instructor's.

    Raises:
        RefusedError: it is no zip, or has more entries than a student's zip may have.
    """
    try:
        file = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
        if not of_a_class:
            _check_directory(file, name)
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise RefusedError(f"{name} {_why(error)}.") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise RefusedError(f"{name} is no readable zip archive ({clean(str(error))}).") from error
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES and not of_a_class:
        raise RefusedError(f"{name} has {len(infos)} entries; at most {MAX_ENTRIES} are taken.")
    members, folders, unsafe = [], [], []
    for place, info in enumerate(infos):
        path = _path_in_zip(info)
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        if not parts:
            continue
        leaves = path.startswith("/") or ".." in parts or parts[0][1:2] == ":" or "\0" in path
        if not path.endswith("/"):
            source, order = _ZipEntry(archive, info), (*info.date_time, place)
            if leaves:
                unsafe.append(Member(tuple(path.split("/")), source, _LEAVES))
            else:
                members.append(Member(parts, source, _problem(info), order))
        elif not leaves:
            folders.append(parts)
    return Archive(ZipTree(members, folders), unsafe)


def _check_directory(file: IO[bytes], name: str) -> None:
    """See that the table of contents is of a size that can be read. What has none is left to zipfile to refuse."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 64))
    tail = file.read()
    plain = len(tail) - 22  # where it starts in an archive without a comment; zipfile looks here first
    at = plain if tail[plain:].startswith(b"PK\5\6") and tail.endswith(b"\0\0") else tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        return
    # one of 64 bits is for huge archives
    huge = tail[max(0, at - 20) : at].startswith(b"PK\6\7")
    if huge or int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_DIRECTORY:
        raise RefusedError(f"{name} has too many entries; at most {MAX_ENTRIES} are taken.")


def _path_in_zip(info: zipfile.ZipInfo) -> str:
    """The path of an entry with `/` between its parts.

    zipfile reads a name that is not marked as UTF-8 as code page 437. macOS writes UTF-8 without the mark.
    """
    path = info.orig_filename
    # encode fails where a character is not of that code page, decode where the bytes are no UTF-8
    if not info.flag_bits & 0x800:
        try:
            path = path.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return unicodedata.normalize("NFC", path.replace("\\", "/"))


_LEAVES = "has a path that leaves its own folder"


def _problem(info: zipfile.ZipInfo) -> str:
    """Why an entry cannot be taken; empty where it can."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is no ordinary file"
    return "is encrypted" if info.flag_bits & 1 else ""
