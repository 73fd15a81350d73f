"""Build a topic's lean Gradescope zip: a wheel of this package, the topic's graders, two short scripts."""

import json
from dataclasses import asdict
from pathlib import Path

from attend.course.archives import write_zip
from attend.course.atomic_file import whole_file
from attend.course.syllabus import Course, Topic
from attend.grading.bundle import build_wheel, pack_course, requirements
from attend.grading.gradescope.run import BUNDLE, CONFIG, Config

SCRIPTS = ("setup.sh", "run_autograder")


def build_gradescope_zip(
    course: Course, topic: Topic, out: Path, isolation: str | None = None, index: str | None = None
) -> Path:
    """Write `out/SLUG-gradescope.zip`; its path. The same bytes from the same course.

    Args:
        isolation: a level by name, where the container does not give one that grading is content with.
        index: another package index for pip in the container, as that of PyTorch's builds for processors alone.
    """
    wheel = build_wheel(course.root)
    config = Config(topic.slug, isolation)
    path = out / f"{topic.slug}-gradescope.zip"
    members = [(name, (Path(__file__).parent / name).read_bytes()) for name in SCRIPTS]
    members += [
        ("requirements.txt", requirements(course, topic, f"./{wheel.name}", index=index).encode()),
        (CONFIG, json.dumps(asdict(config), indent=2).encode()),
        (BUNDLE, pack_course(course, topic)),
        (wheel.name, wheel.data),
    ]
    with whole_file(path) as part:
        write_zip(part, members, executable=SCRIPTS)
    return path
