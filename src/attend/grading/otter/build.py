"""Build a topic's otter autograder zip with `otter generate`."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from attend.course.archives import write_zip
from attend.course.atomic_file import whole_file
from attend.course.scratch import scratch_folder
from attend.course.syllabus import Course, Topic
from attend.grading.bundle import build_wheel, pack_course, requirements, run_tool
from attend.grading.otter.plugin import BUNDLE

PLUGIN = "attend.grading.otter.plugin.AttendPlugin"


def build_zip(course: Course, topic: Topic, out: Path, index: str | None = None) -> Path:
    """Write `out/SLUG.zip`, which `otter run -a` and Gradescope take; its path. The same bytes from the same course.

    The zip holds the topic's hidden graders as one bundle, a wheel of this package, and one placeholder test:
    the real grading is done by the plugin. `index` names another package index for pip in the container.
    """
    target = out / f"{topic.slug}.zip"
    wheel = build_wheel(course.root)
    with scratch_folder("build") as folder:
        (folder / BUNDLE).write_bytes(pack_course(course, topic))
        (folder / wheel.name).write_bytes(wheel.data)
        (folder / "otter_config.json").write_text(json.dumps(otter_config(topic), indent=2))
        path = f"/autograder/source/files/{wheel.name}"
        (folder / "requirements.txt").write_text(requirements(course, topic, path, ["otter"], index))
        made = folder / target.name
        tests = course.root / "autograder" / "otter" / "tests"
        options = ("-t", tests, "-o", made, "-c", "otter_config.json", "-r", "requirements.txt")
        run_tool([sys.executable, "-m", "otter", "generate", *options, BUNDLE, wheel.name], folder)
        # otter notes the time at each member, and takes files in the order of the file system
        with zipfile.ZipFile(made) as archive, whole_file(target) as part:
            write_zip(part, [(member, archive.read(member)) for member in sorted(archive.namelist())])
    return target


def otter_config(topic: Topic) -> dict[str, Any]:
    """What otter is told: our plugin, and to show students their results."""
    return {
        "plugins": [{PLUGIN: {"topic": topic.slug}}],
        "points_possible": topic.points,  # otherwise the results have no score of their own
        "show_hidden": True,
        "show_all_public": True,
        "show_stdout": False,
        "print_summary": False,
    }
