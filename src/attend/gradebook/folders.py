"""The folder of a student in a folder of results."""

import hashlib
import re

_DERIVED = re.compile(r"_[0-9a-f]{16}$")
# names of devices, which Windows takes for no file
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def folder_name(student: str) -> str:
    """The student's name as one folder, whatever characters it holds; no two names share one.

    A name that is not plain, or that ends as such a folder's does, is followed by a digest of the whole name.
    """
    plain_name = _safe(student) == student and not _DERIVED.search(student)
    return student if student and plain_name else derived_name(student)


def _safe(student: str) -> str:
    safe = "".join(char if char.isalnum() or char in "-_.@ " else "_" for char in student).strip(". ")[:100]
    # some file systems take 255 bytes and no more
    safe = safe.encode(errors="replace")[:180].decode(errors="ignore").strip(". ")
    return f"_{safe}" if _DEVICES.fullmatch(safe) else safe


def derived_name(student: str) -> str:
    """The name with a digest of the whole of it."""
    return f"{_safe(student)}_{owner_mark(student)[:16]}"


def owner_mark(student: str) -> str:
    """What a page says about whose it is, without the name."""
    return hashlib.sha256(student.encode(errors="surrogatepass")).hexdigest()
