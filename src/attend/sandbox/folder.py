"""Private folders for workers: small, writable, empty when a worker begins and gone when it ends.

A worker's folder is its working directory, its home and its temporary folder. Folders lie below one of the zygote's. A
confined zygote may not remove its own folder: a process outside does, when the grader has ended, however it did.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Collection, Iterator

MAX_FILE = 8 << 20  # bytes of one file, which the limits of a worker enforce
MAX_BYTES = 32 << 20  # of a folder
MAX_FILES = 2_000
_DEVICES = "dev"
# Nothing until the input ends; then the folder $0 goes. Processes that are being killed may still write to it.
_REMOVE = 'while read -r _; do :; done; for _ in 1 2 3 4 5; do chmod -R u+rwx "$0"; rm -rf "$0" && break; sleep 1; done'


class WorkFolders:
    """The folders of one zygote's workers.

    root: the zygote's folder as it sees it, "" before it is made.
    """

    def __init__(self, path: str):
        self._path = path
        self.root = ""

    def make(self) -> bool:
        """Make the zygote's folder, as the user that its workers have."""
        os.mkdir(self._path, 0o700)
        self.root = self._path
        return True

    def make_as_root(self) -> bool:
        """Make the zygote's folder and have this process see nothing else. False where only root may, or nobody."""
        if os.geteuid() != 0:
            return False
        os.mkdir(self._path, 0o700)
        inner = os.path.join(self._path, "work")
        os.makedirs(os.path.join(inner, _DEVICES))
        with contextlib.suppress(OSError):
            # some containers let nobody make devices
            os.mknod(inner + os.devnull, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            os.chmod(inner + os.devnull, 0o666)
        # whatever user this process becomes; nobody else can enter the folder around it
        os.chmod(inner, 0o1777)
        try:
            os.chroot(inner)
        except OSError:
            shutil.rmtree(self._path, ignore_errors=True)
            return False
        os.chdir("/")
        self.root = "/"
        return True

    def new(self) -> str:
        """A fresh folder for a worker; "" where there are none."""
        return tempfile.mkdtemp(dir=self.root) if self.root else ""

    def clear(self, living: Collection[str]) -> None:
        """Remove everything but the folders of the living workers."""
        if not self.root:
            return
        kept = {_DEVICES, *(os.path.basename(path) for path in living)}
        for name in set(os.listdir(self.root)) - kept:
            _remove(self.root, name)

    def is_full(self, folder: str) -> bool:
        """Whether a worker's folder holds more than it may."""
        size = count = 0
        for entry in _walk(folder):
            count += 1
            with contextlib.suppress(OSError):
                size += entry.stat(follow_symlinks=False).st_blocks * 512
            if size > MAX_BYTES or count > MAX_FILES:
                return True
        return False


def remove_at_end(path: str) -> subprocess.Popen[bytes]:
    """A process that removes the folder once its input ends: when it is closed everywhere, or all who have it have ended."""
    return subprocess.Popen(
        ["sh", "-c", _REMOVE, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


def close_and_wait(remover: subprocess.Popen[bytes]) -> None:
    """Have a folder removed now. A process that was forked from this one may have the input open too: no long wait."""
    if remover.stdin is not None:
        remover.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        remover.wait(timeout=5)


def enter(folder: str) -> None:
    """Make `folder` the working directory, the home and the temporary folder of this process."""
    if not folder:
        return
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder, MPLCONFIGDIR=folder)
    # it remembers the one that it found first
    tempfile.tempdir = None


def _walk(folder: str) -> Iterator[os.DirEntry]:
    left = [folder]
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                yield entry


def _remove(parent: str, name: str) -> None:
    """Remove a file or a folder, however deep. What a folder holds moves up beside it first: no recursion."""
    left = [name]
    while left:
        path = os.path.join(parent, left.pop())
        if not os.path.isdir(path) or os.path.islink(path):
            os.unlink(path)
            continue
        os.chmod(path, 0o700)
        for inner in os.listdir(path):
            moved = f"{len(left)}-{os.urandom(8).hex()}"
            os.rename(os.path.join(path, inner), os.path.join(parent, moved))
            left.append(moved)
        os.rmdir(path)
