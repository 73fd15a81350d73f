"""Build a topic's otter autograder zip with `otter generate`."""

import json
import sys
import tempfile
from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.grading.bundle import build_wheel, run_tool, write_bundle
from attend.grading.otter.plugin import BUNDLE

PLUGIN = "attend.grading.otter.plugin.AttendPlugin"


def build_zip(course: Course, topic: Topic, out: Path) -> Path:
    """Write `out/SLUG.zip`, which `otter run -a` and Gradescope take; its path.

    The zip holds the topic's hidden graders as one bundle, a wheel of this package, and one placeholder test:
    the real grading is done by the plugin.
    """
    out.mkdir(parents=True, exist_ok=True)
    target = (out / f"{topic.slug}.zip").resolve()
    otter_files = course.root / "autograder" / "otter"
    with tempfile.TemporaryDirectory(prefix="attend-build-") as name:
        folder = Path(name)
        write_bundle(course, topic, folder / BUNDLE)
        wheel = build_wheel(course.root)
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        (folder / "otter_config.json").write_text(json.dumps(otter_config(topic), indent=2))
        requirements = f"/autograder/source/files/{wheel.name}[grading]\n"
        (folder / "requirements.txt").write_text(requirements)
        command = [
            "-t",
            otter_files / "tests",
            "-o",
            target,
            "-c",
            "otter_config.json",
            "-r",
            "requirements.txt",
        ]
        run_tool([sys.executable, "-m", "otter", "generate", *command, BUNDLE, wheel.name], folder)
    return target


def otter_config(topic: Topic) -> dict:
    """What otter is told: our plugin, and to show students their results."""
    return {
        "plugins": [{PLUGIN: {"topic": topic.slug}}],
        "points_possible": topic.points,  # otherwise the results have no score of their own
        "show_hidden": True,
        "show_all_public": True,
        "show_stdout": False,
        "print_summary": False,
    }
