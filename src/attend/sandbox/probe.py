"""What this machine gives: each step of the jail is tried in a process of its own, never guessed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from attend.sandbox import bubblewrap, kernel, landlock, privileges, rlimits, seccomp, visible_files

# "bubblewrap,landlock" in this variable: act as if the machine had neither. For tests of the ladder.
DENY = "ATTEND_ISOLATION_DENY"
_SECONDS = 5

LOST = {
    "bubblewrap": "Submissions share the machine's process table, and can see whether a file exists.",
    "user": "A worker runs as you: what protects your files is Landlock and the filter alone.",
    "landlock": "No file can be opened at all, so a function that imports a module late may fail.",
    "seccomp": "A submission can start processes, use the network and send signals.",
    "limits": "A submission can take all memory and processor time until its time is out.",
}


@dataclass(frozen=True)
class Step:
    """One step of the jail on this machine."""

    name: str
    available: bool
    why: str  # the reason where it is not available
    lost: str  # what is lost without it


def probe() -> list[Step]:
    """Every step of the jail, tried on this machine once."""
    return list(_probe(os.environ.get(DENY, "")))


@cache
def _probe(deny: str) -> tuple[Step, ...]:
    reasons = {name: "it needs Linux" for name in LOST}
    if sys.platform == "linux":
        reasons = {"bubblewrap": _bubblewrap(), **_in_child()}
    for name in filter(None, map(str.strip, deny.split(","))):
        reasons[name] = f"{DENY} names it"
    return tuple(Step(name, not reasons[name], reasons[name], lost) for name, lost in LOST.items())


def _bubblewrap() -> str:
    try:
        bubblewrap.variant()
    except OSError as error:
        return str(error)
    return ""


def _in_child() -> dict[str, str]:
    """Step → why not, from a new interpreter: this one may have threads, which do not survive a fork."""
    command = [sys.executable, "-m", "attend.sandbox.probe"]
    names = [name for name in LOST if name != "bubblewrap"]
    try:
        done = subprocess.run(
            command,
            env=visible_files.environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return dict.fromkeys(names, f"the trial failed: {error}")


def _try_user() -> None:
    if os.geteuid() != 0:
        raise OSError("only root can give a worker another user")
    if not privileges.change(read_all=False):
        raise OSError("this container has no second user, or forbids root to change to it")


def _try_limits() -> None:
    rlimits.apply(rlimits.Limits(), 0, strict=True)
    rlimits.processor_limiter(rlimits.Limits(), strict=True)()


def _try_landlock() -> None:
    kernel.prctl("no_new_privs", kernel.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict(landlock.ruleset(visible_files.readable()))
    with open(os.__file__) as file:
        file.read(1)
    _must_fail("Landlock let a folder be read", lambda: os.listdir("/"))


def _try_seccomp() -> None:
    program = seccomp.program(opening=True)
    kernel.prctl("no_new_privs", kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.loader(program)()
    _must_fail("the filter let a process fork", lambda: os.fork() or os._exit(0))


def _must_fail(complaint: str, action: Callable[[], object]) -> None:
    try:
        action()
    except PermissionError:
        return
    raise OSError(complaint)


def _reason(trial: Callable[[], None]) -> str:
    """Run `trial` in a fork; why it failed, or nothing."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            trial()
        except BaseException as error:
            os.write(theirs, (str(error) or repr(error)).encode())
        os._exit(0)
    os.close(theirs)
    with open(ours, errors="replace") as pipe:
        reason = pipe.read()
    _, status = os.waitpid(child, 0)
    return reason or (f"the trial ended with status {status}" if status else "")


def _main() -> None:
    trials = {"user": _try_user, "landlock": _try_landlock, "seccomp": _try_seccomp, "limits": _try_limits}
    print(json.dumps({name: _reason(trial) for name, trial in trials.items()}))


if __name__ == "__main__":
    _main()
