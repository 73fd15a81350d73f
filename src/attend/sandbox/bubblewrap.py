"""bubblewrap around the zygote: namespaces of its own, and a file system that holds nothing but the visible_files.

bubblewrap is Debian's package `bubblewrap`, the sandbox under Flatpak. See bwrap(1).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache

from attend.sandbox import visible_files
from attend.sandbox.folder import MAX_BYTES

_TRY_SECONDS = 5


def wrap(command: list[str], variables: dict[str, str]) -> list[str]:
    """The command line that runs `command` inside. OSError where no variant of it works on this machine."""
    return [*_arguments(variant(), variables), "--", *command]


@cache
def variant() -> tuple[str, ...]:
    """The strongest set of options that this machine permits, found by trying."""
    if not shutil.which("bwrap"):
        raise OSError("bwrap is not installed (Debian, Ubuntu: apt install bubblewrap)")
    users: list[tuple[str, ...]] = [("--unshare-user",)]
    if os.geteuid() == 0:
        # Without a user namespace root can still become another user inside, which is worth more.
        capabilities = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_DAC_READ_SEARCH")
        keep = [word for name in capabilities for word in ("--cap-add", name)]
        users.insert(0, ("--cap-drop", "ALL", *keep))
    # A container with a masked /proc forbids a new one. Then the old one is shown, and Landlock closes it.
    processes = [("--proc", "/proc"), ("--ro-bind", "/proc", "/proc")]
    reason = ""
    for variant in [(*user, *proc) for user in users for proc in processes]:
        reason = _refusal(variant)
        if not reason:
            return variant
    raise OSError(reason)


def _refusal(variant: tuple[str, ...]) -> str:
    """Why an interpreter does not start in such a sandbox; empty when it does."""
    interpreter = [sys.executable, "-I", "-S", "-c", "print('inside')"]
    command = [*_arguments(variant, visible_files.environment()), "--", *interpreter]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TRY_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.stdout == "inside\n":
        return ""
    return (done.stderr.strip() or f"bwrap ended with {done.returncode}").splitlines()[-1]


def _arguments(variant: tuple[str, ...], variables: dict[str, str]) -> list[str]:
    arguments = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-cgroup-try",
    ]
    arguments += ["--unshare-uts", "--hostname", "attend", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in variables.items():
        arguments += ["--setenv", name, value]
    # The view goes before /proc and /dev: its folders must not end up behind a mount. /tmp goes before the view,
    # which may lie below it.
    size = ["--size", str(MAX_BYTES)] if limits_size() else []
    arguments += ["--perms", "1777", *size, "--tmpfs", "/tmp", *mounts(visible_files.readable())]
    return [*arguments, *variant, "--dev", "/dev", "--remount-ro", "/", "--chdir", "/"]


@cache
def limits_size() -> bool:
    """Whether this bubblewrap can limit how much fits into the temporary folder that it makes."""
    try:
        done = subprocess.run(
            ["bwrap", "--help"], capture_output=True, text=True, timeout=_TRY_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "--size" in done.stdout


def mounts(paths: Iterable[str]) -> list[str]:
    """Options that show each path, read-only and as it is spelled.

    Links on the way are made again as links: an interpreter finds its libraries from where its file really
    lies. Folders on the way are made with mode 0755: bubblewrap makes them 0700 when root runs it, and
    nothing could be imported after the worker has become another user.
    """
    arguments: list[str] = []
    made: set[str] = set()
    bound: list[str] = []
    for path in sorted(paths, key=lambda path: len(os.path.realpath(path))):  # /usr/lib before what is in it
        for here, target, last in _way(path):
            if any(here == tree or here.startswith(tree + "/") for tree in bound):
                continue
            if last:
                bound.append(here)
                arguments += ["--ro-bind", here, here]
            elif here not in made:
                made.add(here)
                arguments += ["--symlink", target, here] if target else ["--perms", "0755", "--dir", here]
    return arguments


def _way(path: str) -> Iterator[tuple[str, str | None, bool]]:
    """Each folder and link from / to where `path` really lies: (it, a link's target, whether it is last)."""
    here, rest = "/", path.strip("/").split("/")
    while rest:
        here = os.path.normpath(os.path.join(here, rest.pop(0)))
        if os.path.islink(here):
            target = os.readlink(here)
            yield here, target, False
            rest = os.path.join(os.path.dirname(here), target).strip("/").split("/") + rest
            here = "/"
        else:
            yield here, None, not rest
