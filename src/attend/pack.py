"""Pack a student's module into the zip that is handed in: the same bytes from the same file, on every system."""

import hashlib
import json
import zipfile
from pathlib import Path

from attend.answer import answer
from attend.errors import AttendError
from attend.files import whole_file
from attend.syllabus import Course, Topic

EPOCH = (2026, 1, 1, 0, 0, 0)
SLIP = "attend.json"  # beside the module: which course, which topic, and the module's digest


def pack(course: Course, topic: Topic, out: Path) -> Path:
    """Write `out/SLUG.zip` with the student's module or notebook and a slip; its path."""
    source = answer(course.root / "assignments", topic)
    if not source.is_file():
        raise AttendError(f"{source} does not exist; there is nothing to hand in for {topic.slug}.")
    path = out / f"{topic.slug}.zip"
    data = source.read_bytes()
    slip = {
        "course": course.name,
        "version": course.version,
        "topic": topic.slug,
        "file": source.name,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    with whole_file(path) as part, zipfile.ZipFile(part, "w") as archive:
        _add(archive, source.name, data)
        _add(archive, SLIP, (json.dumps(slip, indent=1) + "\n").encode())
    return path


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    archive.writestr(entry, data)  # stored: what zlib makes of it differs between versions
