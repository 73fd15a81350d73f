"""The contents of a zip: found and read in memory, nothing unpacked."""

import io
import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO

from attend.submissions.names import clean, is_company
from attend.submissions.trees import MAX_FILES, Member, RefusedError, read_all, why

MAX_ARCHIVE = 64 << 20  # bytes of a student's zip
MAX_ENTRIES = 20_000  # in a student's zip: with the libraries of a virtual environment it has some thousands
MAX_DIRECTORY = MAX_ENTRIES << 8  # bytes of a zip's table of contents: zipfile reads all of it at once


@dataclass(frozen=True)
class _ZipEntry:
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, name: str, limit: int) -> bytes:
        try:
            with self.archive.open(self.info) as file:
                return read_all(file, name, limit)
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
        """The names in it, in order, and whether each is a folder."""
        found = sorted(self._by_name.items())
        return {name: bool(below or folders) for name, (_, below, folders) in found if not is_company(name)}

    def folder(self, name: str) -> "ZipTree":
        """The folder called `name` in it."""
        _, members, folders = self._by_name[name]
        return ZipTree(members, folders, self._depth + 1)

    def file(self, name: str) -> Member:
        """The file called `name` in it: the last one, where the archive has several."""
        return self._from_here(self._by_name[name][0][-1])

    def files(self) -> list[Member]:
        """The files in it and below, the nearest first, up to MAX_FILES."""
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
            files, below, _ = found.setdefault(member.parts[here], ([], [], []))
            (below if len(member.parts) > here + 1 else files).append(member)
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
        raise RefusedError(f"{name} {why(error)}.") from error
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
