"""What travels to wherever a topic is graded: a zip of its layers of the course, and a wheel of this package."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from attend.course.archives import SOURCE_DATE_EPOCH, write_zip
from attend.course.errors import AttendError
from attend.course.scratch import scratch_folder
from attend.course.syllabus import COURSE_FILE, Course, Topic, load_course

# in a bundle beside COURSE_FILE: what is added to the seed (Course.secret)
SECRET = "inputs.secret"

IMPORTS_TORCH = re.compile(r"^\s*(?:import|from)\s+torch\b", re.MULTILINE)


class BuildError(AttendError):
    """A zip cannot be built."""

    exit_code = 1


def course_files(course: Course, topic: Topic) -> list[Path]:
    """What grading one topic needs of the course."""
    layers = [course.solution(topic), course.graders(topic), course.misconceptions(topic)]
    small = course.small_calls(topic)
    tables = [small] if small.exists() else []
    return [*layers, *tables, course.root / COURSE_FILE, course.root / "pyproject.toml"]


def needs_torch(course: Course, topic: Topic) -> bool:
    """Whether a topic's code or its graders use PyTorch: an image without it is much smaller."""
    texts = [path.read_text(encoding="utf-8") for path in course_files(course, topic) if path.suffix == ".py"]
    return topic.library == "torch" or any(IMPORTS_TORCH.search(text) for text in texts)


def requirements(
    course: Course, topic: Topic, wheel: str, extras: Sequence[str] = (), index: str | None = None
) -> str:
    """The lines by which pip installs what grades one topic.

    Args:
        wheel: the path of this package's wheel.
        extras: extras of the package beside those that run students' code.
        index: another package index, as that of PyTorch's builds for processors alone.
    """
    runs = "autograder-torch" if needs_torch(course, topic) else "autograder"
    lines = [f"--extra-index-url {index}"] if index else []
    return "\n".join([*lines, f"{wheel}[{','.join([runs, *extras])}]", ""])


def pack_course(course: Course, topic: Topic) -> bytes:
    """A zip with what grading one topic needs of the course, the same bytes each time; `unpack_course` reads it.

    Raises:
        BuildError: a file of the topic is missing.
    """
    files = sorted(course_files(course, topic))
    for file in files:
        if not file.exists():
            raise BuildError(f"{file} does not exist: {topic.slug} cannot be built without it.")
    return pack_files(course, files)


def pack_files(course: Course, files: Sequence[Path]) -> bytes:
    """A zip of some of the course's files, and of its secret where it has one."""
    packed = io.BytesIO()
    members = [(file.relative_to(course.root).as_posix(), file.read_bytes()) for file in files]
    if course.secret:
        members.append((SECRET, course.secret.encode()))
    write_zip(packed, members)
    return packed.getvalue()


def unpack_course(packed: bytes | Path, folder: Path) -> Course:
    """The course in a zip of `pack_course` or `pack_files`, unpacked to `folder`."""
    with zipfile.ZipFile(packed if isinstance(packed, Path) else io.BytesIO(packed)) as archive:
        archive.extractall(folder)
    return open_unpacked(folder)


def open_unpacked(folder: Path) -> Course:
    """The course that `unpack_course` unpacked to `folder`, with its secret."""
    secret = folder / SECRET
    text = secret.read_text(encoding="utf-8") if secret.exists() else ""
    return replace(load_course(folder), secret=text)


@dataclass(frozen=True)
class Wheel:
    """A wheel's file name, and its bytes."""

    name: str
    data: bytes


@cache
def build_wheel(root: Path) -> Wheel:
    """A wheel of this package, built once a process, from a clean copy: an old build leaves no file in it.

    Raises:
        BuildError: pip cannot build it.
    """
    with scratch_folder("wheel") as folder:
        copy = folder / "source"
        shutil.copytree(
            root / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            if (root / file).exists():
                shutil.copy(root / file, copy / file)
        options = ("-q", "--no-deps", "--no-build-isolation", "-w", folder)
        run_tool([sys.executable, "-m", "pip", "wheel", *options, copy], folder)
        wheel = next(folder.glob("*.whl"))
        # in the wheel are the permissions that files have on this machine; packed again, all have the same
        packed = io.BytesIO()
        with zipfile.ZipFile(wheel) as archive:
            write_zip(packed, [(name, archive.read(name)) for name in archive.namelist()])
        return Wheel(wheel.name, packed.getvalue())


def run_tool(command: Sequence[str | Path], folder: Path) -> None:
    """Run a program in `folder`.

    Raises:
        BuildError: it ends with an error; the last line that it printed says which.
    """
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
