"""Read commits and files of a clone that a student wrote, with nothing of it but its objects.

git runs in a repository of our own, to which the clone's folder of objects is added. So it reads no configuration, hook,
attribute, filter, index, submodule or link of the clone, and starts no other program.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from attend.course.errors import AttendError
from attend.submissions.names import is_company
from attend.submissions.trees import DEPTH, MAX_FILES, DiskTree, Member, RefusedError

SECONDS = 60  # for one call of git
MAX_COMMITS = 20_000
MAX_FOLDERS = 500
MAX_LISTING = 4 << 20  # bytes of one folder's list
MAX_OBJECTS = 200_000  # files below .git/objects
MEMORY = 2 << 30
_ID = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"ref: (refs/heads/[^\s~^:?*\[\\]{1,200})")
# git does not read what could make it do more than read objects, and does not believe what is derived from them
_SETTINGS = ("core.commitGraph=false", "core.multiPackIndex=false", "gc.auto=0", "protocol.allow=never")


class CloneError(AttendError):
    """A clone cannot be read; the message follows its name."""


@dataclass(frozen=True)
class Commit:
    """A commit and its time, in seconds since 1970: that of the committer, which is whatever their machine said."""

    name: str
    seconds: int


class Clone:
    """The objects of the clone in a folder on the disk, for as long as it is open.

    Raises:
        CloneError: it is no clone of the usual form, or git is not installed.
    """

    def __init__(self, path: Path):
        self.path = path
        self._stack = ExitStack()
        self._git_folder = DiskTree(path, (".git",))
        self._objects = _plain_objects(path)
        own = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="attend-git-")))
        self._own = own / "own.git"
        _make_repository(self._own, self._shallow())

    def __enter__(self) -> "Clone":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the repository of our own."""
        self._stack.close()

    def _text(self, *names: str) -> str:
        """A small file in .git as text; empty where it is not there or no plain file."""
        folder = self._git_folder
        for name in names[:-1]:
            folder = folder.folder(name)
        try:
            return folder.file(names[-1]).read(4 << 20).decode("utf-8", "replace")
        except RefusedError:
            return ""

    def _shallow(self) -> list[str]:
        return [line for line in self._text("shallow").split() if _ID.fullmatch(line)]

    def head(self) -> str:
        """The commit that is checked out.

        Raises:
            CloneError: there is none.
        """
        text = self._text("HEAD").strip()
        if _ID.fullmatch(text):
            return text
        match = _REF.fullmatch(text)
        if match and not any(part in ("", ".", "..") for part in match[1].split("/")):
            name = match[1]
            loose = self._text(*name.split("/")).strip()
            if _ID.fullmatch(loose):
                return loose
            for line in self._text("packed-refs").splitlines():
                commit, _, ref = line.partition(" ")
                if ref == name and _ID.fullmatch(commit):
                    return commit
        raise CloneError("has no commit")

    def commits(self) -> list[Commit]:
        """The commits that lead to the one that is checked out, the newest first, up to MAX_COMMITS.

        Raises:
            CloneError: git cannot read them.
        """
        options = ("--topo-order", "--timestamp", f"--max-count={MAX_COMMITS}")
        lines = (
            self._run("rev-list", *options, self.head(), "--", limit=64 * MAX_COMMITS).decode().splitlines()
        )
        return [Commit(name, int(seconds)) for seconds, name in (line.split() for line in lines)]

    def files(self, commit: str) -> list[Member]:
        """The files of a commit, the nearest first, up to MAX_FILES and some levels of folders.

        Raises:
            CloneError: git cannot read them.
        """
        found: list[Member] = []
        level: list[tuple[tuple[str, ...], str]] = [((), f"{commit}^{{tree}}")]
        folders = 0
        for _ in range(DEPTH):
            following = []
            for parts, tree in level:
                folders += 1
                if folders > MAX_FOLDERS or len(found) >= MAX_FILES:
                    return found
                for mode, name, blob in self._list(tree):
                    if is_company(name):
                        continue
                    if mode == "040000":
                        following.append(((*parts, name), blob))
                    # a submodule has mode 160000, and nothing of it is here
                    elif mode != "160000" and len(found) < MAX_FILES:
                        problem = "is a link; hand in the file itself" if mode == "120000" else ""
                        found.append(Member((*parts, name), _Blob(self.path, blob), problem))
            level = following
        return found

    def _list(self, tree: str) -> Iterator[tuple[str, str, str]]:
        """Mode, name and object of each entry of a folder."""
        for line in self._run("ls-tree", "-z", tree, limit=MAX_LISTING).split(b"\0"):
            head, tab, name = line.partition(b"\t")
            fields = head.decode("ascii", "replace").split()
            shown = name.decode("utf-8", "replace")
            if tab and len(fields) == 3 and shown not in ("", ".", "..") and "/" not in shown:
                yield fields[0], shown, fields[2]

    def read(self, blob: str, limit: int) -> bytes:
        """The bytes of a file.

        Raises:
            CloneError: git cannot read it, or it has more than `limit` bytes.
        """
        return self._run("cat-file", "blob", blob, limit=limit)

    def _run(self, *words: str, limit: int) -> bytes:
        """What git prints, up to `limit` bytes."""
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        command = ["git", "--no-replace-objects", *settings, f"--git-dir={self._own}", *words]
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._own.parent),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(self._objects),
            **({"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}),
        }
        with tempfile.TemporaryFile() as out:
            try:
                done = subprocess.run(
                    command,
                    cwd=self._own.parent,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.DEVNULL,
                    timeout=SECONDS,
                    preexec_fn=_limited(limit) if os.name == "posix" else None,
                )
            except FileNotFoundError as error:
                raise CloneError("needs git, which is not installed") from error
            except subprocess.TimeoutExpired as error:
                raise CloneError(f"takes git longer than {SECONDS} s to read") from error
            size = out.seek(0, os.SEEK_END)
            if size > limit:
                raise CloneError(f"holds something of more than {limit:,} bytes")
            if done.returncode:
                raise CloneError("is damaged: git cannot read all of it")
            out.seek(0)
            return out.read()


@dataclass(frozen=True)
class _Blob:
    """A file in a clone."""

    path: Path
    blob: str

    def read(self, name: str, limit: int) -> bytes:
        try:
            with Clone(self.path) as clone:
                return clone.read(self.blob, limit)
        except CloneError as error:
            raise RefusedError(f"{name} cannot be taken: the clone {error}.") from error


def _limited(size: int) -> Callable[[], None]:
    """A function that limits the memory, and what is written, of the process that it is called in."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1, size + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return limit


def _quoted(path: Path) -> str:
    """A path as one entry of git's list of folders, whatever characters it holds."""
    plain = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _plain_objects(path: Path) -> Path:
    """The folder of objects, once it is seen to hold plain files and folders and to name no other repository.

    Otherwise it could give out objects of other repositories of this machine, such as the course's own.
    """
    git = path / ".git"
    if git.is_symlink() or not git.is_dir():
        raise CloneError("has a .git that is no folder; clone it anew")
    objects = git / "objects"
    if objects.is_symlink() or not objects.is_dir():
        raise CloneError("has no objects of git; clone it anew")
    seen, left = 0, [objects.resolve()]
    while left:
        with os.scandir(left.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > MAX_OBJECTS:
                    raise CloneError(f"has more than {MAX_OBJECTS:,} files of git; run git gc in it")
                if entry.is_dir(follow_symlinks=False):
                    left.append(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False) or entry.name in (
                    "alternates",
                    "http-alternates",
                ):
                    raise CloneError("takes objects from elsewhere; clone it anew")
    return objects.resolve()


def _make_repository(folder: Path, shallow: list[str]) -> None:
    """An empty bare repository."""
    (folder / "objects").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    (folder / "config").write_text("[core]\n\tbare = true\n")
    if shallow:
        (folder / "shallow").write_text("".join(f"{commit}\n" for commit in shallow))
