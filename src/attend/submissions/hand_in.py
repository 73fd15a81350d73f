"""Pack a student's module into the zip that is handed in: the same bytes from the same file, on every system."""

import hashlib
import io
import json
from pathlib import Path

from attend.course.archives import write_zip
from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.submissions.answer_file import answer, examples_name

SLIP = "attend.json"  # beside the module: which course, which topic, and the module's digest


def hand_in(course: Course, topic: Topic, name: str, data: bytes, examples: bytes | None = None) -> bytes:
    """The zip to hand in: a module or notebook called `name` with these bytes, a slip, and examples if there are any."""
    slip = {
        "course": course.name,
        "version": course.version,
        "topic": topic.slug,
        "file": name,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    members = [(name, data), (SLIP, (json.dumps(slip, indent=1) + "\n").encode())]
    if examples is not None:
        members.append((examples_name(topic), examples))
    packed = io.BytesIO()
    write_zip(packed, members, compress=False)
    return packed.getvalue()


def pack(course: Course, topic: Topic, out: Path) -> Path:
    """Write `out/SLUG.zip` with the student's module or notebook, a slip, and examples if there are any; its path."""
    source = answer(course.root / "assignments", topic)
    if not source.is_file():
        raise AttendError(f"{source} does not exist; there is nothing to hand in for {topic.slug}.")
    path = out / f"{topic.slug}.zip"
    written = course.examples(topic)
    examples = written.read_bytes() if written.is_file() else None
    data = hand_in(course, topic, source.name, source.read_bytes(), examples)
    with whole_file(path) as part:
        part.write_bytes(data)
    return path
