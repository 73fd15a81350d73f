"""Every text in a folder or a file, with those that a curious reader can unpack: archives, base 64, git's own store."""

import base64
import binascii
import contextlib
import gzip
import io
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 64 << 20
MAX_DEPTH = 4
GZIP = b"\x1f\x8b"
BASE64 = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")


def texts_in_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text below `folder` with the path that leads to it; of a git repository, also every text of its history."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and ".git" not in inner.parts:
            with path.open("rb") as file:
                yield from texts_in_file(inner.as_posix(), file.read(MAX_BYTES))
    if (folder / ".git").exists():
        command = ["git", "-C", str(folder), "cat-file", "--batch-all-objects", "--batch"]
        for name, kind, data in git_objects(subprocess.run(command, capture_output=True, check=True).stdout):
            if kind != "tree":
                yield from texts_in_file(f".git:{name[:12]}", data)


def texts_in_file(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The text of a file called `name`; of an archive, the texts of its members. Binary data has none."""
    if depth > MAX_DEPTH:
        return
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                yield from texts_in_file(f"{name}!{entry.filename}", archive.read(entry), depth + 1)
    elif data.startswith(GZIP):
        with contextlib.suppress(OSError, EOFError):
            yield from texts_in_file(f"{name}!", gzip.decompress(data), depth + 1)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive.getmembers():
                if file := archive.extractfile(member):
                    yield from texts_in_file(f"{name}!{member.name}", file.read(), depth + 1)
    # as git has it: a zero byte near the beginning makes a file binary
    elif b"\0" not in data[:8000]:
        text = data.decode("utf-8", errors="replace")
        yield name, text
        for packed in BASE64.findall(text):
            with contextlib.suppress(binascii.Error):
                yield from texts_in_file(f"{name}!base64", base64.b64decode(packed), depth + 1)


def git_objects(batch: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Name, kind and content of each object in the output of `git cat-file --batch`."""
    position = 0
    while position < len(batch):
        end = batch.index(b"\n", position)
        name, kind, size = batch[position:end].decode().split()
        yield name, kind, batch[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
