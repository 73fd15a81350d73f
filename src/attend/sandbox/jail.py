"""The jail: which confinement this machine offers, and how a worker is put into it.

A ladder of levels; each has every step of the ones below it. A worker gets the level that was asked for or
none at all: `confine` raises when a step fails.

    namespaces  bubblewrap around the zygote: processes, network and files of its own
    landlock    another user (where root grades), Landlock for files, a filter of system calls, limits
    seccomp     without Landlock: no file can be opened but, where root grades, those of a root directory of its own
    process     a process of its own and time-outs; limits where the system knows them
    none        nothing

The grader calls `wrap`; the zygote calls `prepare` and `settle` once, before it forks; each forked worker calls
`confine` before it compiles a byte of the student's. What forks inherit, `settle` has done for all of them.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from attend.sandbox import (
    bubblewrap,
    kernel,
    landlock,
    libraries,
    privileges,
    rlimits,
    seccomp,
    visible_files,
)
from attend.sandbox.folder import WorkFolders, enter
from attend.sandbox.probe import Step, probe
from attend.sandbox.rlimits import Limits

__all__ = ["LEVELS", "JailError", "Limits", "Prepared", "Step"]
__all__ += ["best_level", "confine", "prepare", "probe", "settle", "work_folder", "wrap"]

LEVELS = ("namespaces", "landlock", "seccomp", "process", "none")
_KILL = 9  # SIGKILL, which Windows has no name for
_FILTERED = LEVELS[:3]
_BY_LANDLOCK = LEVELS[:2]
_NEEDS = {
    "namespaces": {"bubblewrap", "landlock", "seccomp", "limits"},
    "landlock": {"landlock", "seccomp", "limits"},
    "seccomp": {"seccomp", "limits"},
}

# How the filter's bytes travel from the grader, which has libseccomp, to the zygote.
_FILTER = "ATTEND_FILTER"


class JailError(RuntimeError):
    """A step of the level that was asked for does not hold."""


Taking = tuple[str, Callable[[], object]]  # a step's name, and what takes it


@dataclass(frozen=True)
class Prepared:
    """What the zygote makes once and every worker uses."""

    level: str
    zygote: int  # its process number
    user: int  # and its user
    others: int = 0  # threads of that user
    program: bytes = b""  # the filter
    ruleset: int = -1  # Landlock's descriptor
    read_all: bool = False  # the interpreter lies in a folder that is closed to other users
    closed: bytes = b""  # at level seccomp: the filter where there is no root directory of its own
    folders: WorkFolders | None = None  # where workers get folders of their own
    settled: tuple[str, ...] = ()  # the steps that the zygote itself has taken
    own: tuple[Taking, ...] = ()  # those that each worker takes after them, ready made


def wrap(command: list[str], level: str, pass_fds: tuple[int, ...] = ()) -> list[str]:
    """The command line that starts the zygote `command` with a clean environment, in bubblewrap where asked.

    `pass_fds` are the descriptors the zygote is to have. Give them to Popen too: `env` and bubblewrap hand on
    what they inherit, and bubblewrap's own processes keep none of it, so an end of file still arrives.

    Raises:
        JailError: the machine does not permit the level.
    """
    _check_level(level)
    for fd in pass_fds:
        os.fstat(fd)  # a closed one is better noticed here than inside
    env = shutil.which("env")  # its full path: the search path of the new process may be another one
    if not env:  # Windows
        return command
    variables = visible_files.environment()
    try:
        if level in _FILTERED:
            variables[_FILTER] = base64.b64encode(_program(level)).decode()
        if level == "namespaces":
            return bubblewrap.wrap(command, variables)
    except OSError as error:
        raise JailError(f"level {level} cannot be had here: {error}") from error
    return [env, "-i", *(f"{name}={value}" for name, value in variables.items()), *command]


def prepare(level: str, folders: WorkFolders | None = None) -> Prepared:
    """Make ready what `confine` needs. Once, in the zygote, after its imports and before it forks.

    `folders` are where workers get folders of their own; without them they can write nothing.
    """
    _check_level(level)
    user = os.getuid() if hasattr(os, "getuid") else -1
    identity = Prepared(level, os.getpid(), user, folders=folders)
    if level not in _FILTERED:
        return identity
    if level == "seccomp":
        libraries.add_all()
    handed = os.environ.pop(_FILTER, "")
    try:
        return replace(
            identity,
            others=rlimits.threads_of_this_user(),
            program=base64.b64decode(handed) or _program(level),
            closed=seccomp.program(opening=False) if level == "seccomp" else b"",
            ruleset=landlock.ruleset(visible_files.readable()) if level in _BY_LANDLOCK else -1,
            read_all=level in _BY_LANDLOCK and not visible_files.open_to_all(),
        )
    except OSError as error:
        raise JailError(f"level {level} cannot be prepared: {error}") from error


def _program(level: str) -> bytes:
    """The filter of a level; at level seccomp that of a worker with a root directory of its own."""
    return seccomp.program(
        opening=True,
        view=level in ("namespaces", "seccomp"),
        links=visible_files.modules_behind_links(),
    )


def settle(prepared: Prepared, limits: Limits) -> Prepared:
    """Confine this process, the zygote, as far as it can still fork; its workers then begin where it stands.

    Raises:
        JailError: as `confine`.
    """
    settled = tuple(_take(_inherited(prepared, limits)))
    return replace(prepared, settled=settled, own=tuple(_own(prepared, limits)))


def confine(prepared: Prepared, folder: str = "") -> list[str]:
    """Confine this process, a fresh fork of the zygote that `settle` confined, for good.

    Before a byte of the student's is compiled. `folder` is the one that it may write to, where there is one.

    Returns:
        The names of the steps that took hold, the zygote's among them.

    Raises:
        JailError: a step of the level failed. The process must end then: it is confined in part.
    """
    enter(folder)
    if folder and prepared.level in _BY_LANDLOCK:
        landlock.restrict(landlock.writable(folder))
    return [*prepared.settled, *_take(prepared.own)]


def _take(steps: Iterable[Taking]) -> list[str]:
    """Take the steps in their order: a step that returns False is not to be had here."""
    held = []
    for name, take in steps:
        try:
            if take() is not False:
                held.append(name)
        except (OSError, ValueError, ImportError) as error:
            raise JailError(f"{name}: {error}") from error
    return held


def _inherited(prepared: Prepared, limits: Limits) -> Iterator[Taking]:
    """The steps that a fork inherits."""
    level, folders = prepared.level, prepared.folders
    if level not in _FILTERED and folders:
        yield "folder", folders.make
    if level == "process" and os.name == "posix":
        yield "limits", lambda: rlimits.apply(limits, None, strict=False)
    if level not in _FILTERED:
        return
    if level == "namespaces":
        yield "bubblewrap", _check_view
    yield "single-thread", _check_single_thread
    yield "oom-first", _offer_to_oom_killer
    size = rlimits.address_space(strict=True)
    if folders and level == "seccomp":
        yield "folder", folders.make_as_root
    yield "user", lambda: privileges.change(read_all=prepared.read_all)
    if folders and level in _BY_LANDLOCK:
        yield "folder", folders.make
    yield "limits", lambda: rlimits.apply(limits, _others(prepared), strict=True, size=size)
    # After the change of user, which would set it back.
    yield "undumpable", lambda: kernel.prctl("PR_SET_DUMPABLE", kernel.PR_SET_DUMPABLE, 0)
    yield "no-new-privileges", lambda: kernel.prctl("no_new_privs", kernel.PR_SET_NO_NEW_PRIVS, 1)
    if level in _BY_LANDLOCK:
        yield "landlock", lambda: _restrict(prepared)


def _restrict(prepared: Prepared) -> None:
    if prepared.folders:
        landlock.allow_writing(prepared.ruleset, prepared.folders.root)
    landlock.restrict(prepared.ruleset)


def _own(prepared: Prepared, limits: Limits) -> Iterator[Taking]:
    """The steps that each worker takes after those: no fork inherits them, or the filter would forbid to fork."""
    filtered = prepared.level in _FILTERED
    if filtered or prepared.level == "process" and os.name == "posix":
        yield "processor-time", rlimits.processor_limiter(limits, strict=filtered)
    if filtered:
        yield "parent-death", lambda: _die_with(prepared.zygote)
        shut = prepared.level == "seccomp" and not (prepared.folders and prepared.folders.root)
        yield "seccomp", seccomp.loader(prepared.closed if shut else prepared.program)


def work_folder(level: str) -> str:
    """Where a zygote at `level` makes the folder of its workers: a new name each time."""
    parent = "/tmp" if level == "namespaces" else tempfile.gettempdir()
    return os.path.join(parent, f"attend-work-{secrets.token_hex(8)}")


def best_level() -> str:
    """The strongest level that this machine permits."""
    available = {step.name for step in probe() if step.available}
    return next((level for level, needed in _NEEDS.items() if needed <= available), "process")


def _check_level(level: str) -> None:
    if level not in LEVELS:
        raise JailError(f"there is no level {level!r}; the levels are {', '.join(LEVELS)}")


def _check_view() -> None:
    if os.path.exists("/etc/passwd"):
        raise OSError("this process sees the machine's own files: the zygote must be started by wrap()")


def _check_single_thread() -> None:
    # Landlock and the filter bind the calling thread; one that already runs would stay free.
    count = len(os.listdir("/proc/self/task"))
    if count != 1:
        raise OSError(f"this process has {count} threads before it is confined, and must have one")


def _offer_to_oom_killer() -> bool:
    """If the machine runs out of memory after all, a worker goes first. A courtesy: the limits count."""
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, b"1000")
        os.close(fd)
    except OSError:
        return False
    return True


def _others(prepared: Prepared) -> int:
    return prepared.others if os.getuid() == prepared.user else 0


def _die_with(zygote: int) -> None:
    kernel.prctl("PR_SET_PDEATHSIG", kernel.PR_SET_PDEATHSIG, _KILL)
    if os.getppid() != zygote:
        raise OSError("the zygote is gone already, or this is not a fork of the process that called prepare")
