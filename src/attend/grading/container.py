"""Grade in a container of Docker or Podman: on macOS and Windows, which cannot confine students' code themselves.

The image is built from the course's Dockerfile before each run; what has not changed is taken from the engine's cache.
The container gets the files to grade, read-only, and the folder of the results. docs/instructors/large.md explains the
options.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.scratch import scratch_folder

ENGINES = ("docker", "podman")
# In the container: a folder for each path that is graded, for each table, and for the results.
CLASS, TABLES, WORK = "/class", "/tables", "/graded"
# Where the Dockerfile puts the course.
COURSE = "/course"
_SECONDS = 60

# No network, no capability, nothing writable but the results and a temporary folder, no way to gain a privilege.
CONFINED = (
    "--rm",
    "--network=none",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--read-only",
    "--tmpfs=/tmp:rw,nosuid,nodev",
)
# bubblewrap makes namespaces and mounts of its own inside. An engine's filter of system calls, AppArmor and SELinux
# refuse that by default.
BUBBLEWRAP = (
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=label=disable",
)
# It also mounts a /proc of its own, which Linux refuses while the container's /proc is partly covered.
WHOLE_PROC = {"docker": "--security-opt=systempaths=unconfined", "podman": "--security-opt=unmask=ALL"}


class ContainerError(AttendError):
    """A container cannot be used."""

    exit_code = 1


@dataclass(frozen=True)
class Engine:
    """A program that runs containers: its path, and which of ENGINES it is."""

    path: str
    kind: str


def find_engine() -> Engine:
    """The first of Docker and Podman that is installed and running.

    Raises:
        ContainerError: there is none.
    """
    installed = [path for name in ENGINES if (path := shutil.which(name))]
    if not installed:
        raise ContainerError("--container needs Docker or Podman, and neither is installed.")
    for path in installed:
        if _output(path, "info") is not None:
            # Podman also comes with a command `docker`
            is_podman = "podman" in (_output(path, "--version") or "").lower()
            return Engine(path, "podman" if is_podman else "docker")
    names = " and ".join(Path(path).stem for path in installed)
    raise ContainerError(f"{names} is installed but does not answer `info`; start it, then grade again.")


def _output(path: str, option: str) -> str | None:
    """What the engine prints; None where it fails."""
    try:
        done = subprocess.run([path, option], capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def build_image(engine: Engine, root: Path) -> str:
    """Build the image of the course at `root`, with the engine's own output; returns the image's id.

    Raises:
        ContainerError: it cannot be built.
    """
    if not (root / "Dockerfile").is_file():
        raise ContainerError(f"{root} has no Dockerfile, from which the image is built.")
    with scratch_folder("image") as folder:
        names = folder / "id"
        # what the engine prints is no part of the grades
        done = subprocess.run([engine.path, "build", f"--iidfile={names}", str(root)], stdout=2)
        if done.returncode or not names.is_file():
            raise ContainerError(f"{engine.kind} could not build the image; its last lines say why.")
        return names.read_text(encoding="utf-8").strip()


def run_command(
    engine: Engine,
    image: str,
    paths: Sequence[Path],
    out: Path,
    options: Sequence[str] = (),
    tables: Sequence[tuple[str, Path]] = (),
) -> list[str]:
    """The command line that grades `paths` in a container of `image` and writes to the folder `out`.

    Args:
        options: options of `attend grade` that name no file.
        tables: options that name a file, and the file.
    """
    out = out.resolve()
    mounts = [mount(out, f"{WORK}/{out.name}", writable=True)]
    grade = ["attend", f"--course={COURSE}", "grade", "--out", out.name, *options]
    for number, (option, path) in enumerate(tables):
        target = f"{TABLES}/{number}/{path.name}"
        mounts.append(mount(path.resolve(), target))
        grade += [option, target]
    grade.append("--")
    for number, path in enumerate(paths):
        # what a folder or a zip is called may say whose it is
        target = f"{CLASS}/{number}/{path.resolve().name}"
        mounts.append(mount(path.resolve(), target))
        grade.append(target)
    screen = ["--interactive", "--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    confined = [*CONFINED, *BUBBLEWRAP, WHOLE_PROC[engine.kind], *_user(engine)]
    return [engine.path, "run", *screen, *confined, *mounts, f"--workdir={WORK}", image, *grade]


def mount(source: Path, target: str, writable: bool = False) -> str:
    """The option that shows the file or folder `source` as `target`; it may hold commas and quotation marks."""
    fields = ["type=bind", f"source={source}", f"target={target}", *([] if writable else ["readonly"])]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return f"--mount={line.getvalue()}"


def _user(engine: Engine) -> list[str]:
    """On Linux the files of the results belong to whoever grades; elsewhere the engine sees to that."""
    if sys.platform != "linux":
        return []
    user = f"--user={os.getuid()}:{os.getgid()}"
    return ["--userns=keep-id", user] if engine.kind == "podman" else [user]


def grade_in_container(
    root: Path,
    paths: Sequence[Path],
    out: Path,
    options: Sequence[str] = (),
    tables: Sequence[tuple[str, Path]] = (),
) -> int:
    """Grade in a container of the course at `root`; see `run_command`. Returns the exit code of `attend grade`.

    Raises:
        ContainerError: there is no engine, the image cannot be built, a path does not exist, or root grades on Linux.
    """
    # without capabilities Linux lets root make no user namespace, and bubblewrap needs one
    if sys.platform == "linux" and os.getuid() == 0:
        raise ContainerError(
            "--container is not for root: grade as another user, or without it, as Linux can."
        )
    for path in [*paths, *(path for _, path in tables)]:
        if not path.exists():
            raise ContainerError(f"{path} does not exist.")
    engine = find_engine()
    image = build_image(engine, root)
    out.mkdir(parents=True, exist_ok=True)
    return subprocess.run(run_command(engine, image, paths, out, options, tables)).returncode
