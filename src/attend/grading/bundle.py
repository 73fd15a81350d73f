"""What travels to wherever a topic is graded: a zip of its layers of the course, and a wheel of this package."""

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


class BuildError(AttendError):
    """A zip cannot be built."""

    exit_code = 1


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
    run_tool(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, copy],
        folder,
    )
    shutil.rmtree(copy)
    return next(folder.glob("*.whl"))


def run_tool(command: list, folder: Path) -> None:
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
