"""Pack a student's module into the zip that is handed in: the same bytes from the same file, on every system."""

import hashlib
import json
from pathlib import Path

from attend.course.archives import write_zip
from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.syllabus import Course, Topic
from attend.submissions.answer_file import answer

SLIP = "attend.json"  # beside the module: which course, which topic, and the module's digest


def pack(course: Course, topic: Topic, out: Path) -> Path:
    """Write `out/SLUG.zip` with the student's module or notebook, a slip, and examples if there are any; its path."""
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
    members = [(source.name, data), (SLIP, (json.dumps(slip, indent=1) + "\n").encode())]
    examples = course.examples(topic)
    if examples.is_file():
        members.append((examples.name, examples.read_bytes()))
    with whole_file(path) as part:
        write_zip(part, members, compress=False)
    return path
