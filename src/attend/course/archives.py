"""Zip archives that have the same bytes whenever and wherever they are written from the same members."""

import calendar
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import IO

EPOCH = (2026, 1, 1, 0, 0, 0)
SOURCE_DATE_EPOCH = str(calendar.timegm(EPOCH))  # the same moment, for tools that read this variable


def write_zip(
    target: Path | IO[bytes],
    members: Iterable[tuple[str, bytes]],
    compress: bool = True,
    executable: Collection[str] = (),
) -> None:
    """Write `members`, pairs of a name and its bytes, in their order.

    Args:
        compress: deflate the members. zlib's output differs between its versions, so an archive whose bytes must be
            the same on every machine is stored.
        executable: the names of the members that may be run.
    """
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method, compresslevel=9) as archive:
        for name, data in members:
            entry = zipfile.ZipInfo(name, EPOCH)
            # the system that makes the archive is named in it: always Unix
            entry.create_system = 3
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, data, method)
