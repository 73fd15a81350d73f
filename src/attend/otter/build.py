"""Build a topic's otter autograder zip with `otter generate`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from attend.course.archives import SOURCE_DATE_EPOCH, write_zip
from attend.course.errors import AttendError
from attend.course.syllabus import COURSE_FILE, Course, Topic
from attend.otter.plugin import BUNDLE

PLUGIN = "attend.otter.plugin.AttendPlugin"


class BuildError(AttendError):
    """A zip cannot be built."""

    exit_code = 1


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
        _run([sys.executable, "-m", "otter", "generate", *command, BUNDLE, wheel.name], folder)
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


def course_files(course: Course, topic: Topic) -> list[Path]:
    """What grading one topic needs of the course."""
    layers = [course.solution(topic), course.graders(topic), course.misconceptions(topic)]
    return [*layers, course.root / COURSE_FILE, course.root / "pyproject.toml"]


def write_bundle(course: Course, topic: Topic, path: Path) -> None:
    """A zip with what grading one topic needs of the course, the same bytes each time."""
    files = sorted(course_files(course, topic))
    for file in files:
        if not file.exists():
            raise BuildError(f"{file} does not exist: {topic.slug} cannot be built without it.")
    write_zip(path, [(file.relative_to(course.root).as_posix(), file.read_bytes()) for file in files])


@cache
def build_wheel(root: Path) -> Path:
    """A wheel of this package, built once a process, from a clean copy: an old build leaves no file in it."""
    folder = Path(tempfile.mkdtemp(prefix="attend-wheel-"))
    copy = folder / "source"
    shutil.copytree(root / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (root / name).exists():
            shutil.copy(root / name, copy / name)
    _run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, copy],
        folder,
    )
    shutil.rmtree(copy)
    return next(folder.glob("*.whl"))


def _run(command: list, folder: Path) -> None:
    # the same wheel from the same files
    fixed = {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **fixed},
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).strip().splitlines()
        raise BuildError(
            f"{' '.join(map(str, command[2:4]))} failed: {lines[-1] if lines else 'it said nothing'}."
        )
