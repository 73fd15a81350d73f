"""Take in a new release of the course without touching what the student wrote."""

import filecmp
import io
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from attend.checking.merge import merged
from attend.checking.reset import original
from attend.course.atomic_file import whole_file, write_whole
from attend.course.errors import AttendError
from attend.course.kept import keep
from attend.course.repository import RELEASED_BY
from attend.course.scratch import scratch_folder
from attend.course.source import decode
from attend.course.syllabus import COURSE_FILE, Course, Topic, load_course

# the student's own: nothing of a release goes there
OWN = (".git", ".attend", ".venv", "kept", "examples")
MOST_BYTES = 200 << 20


class UpdateError(AttendError):
    """Nothing was changed."""


@dataclass
class Updated:
    """What an update did: files that are new or changed, and copies of what was written over.

    merged: the topics in whose module your code was put into a new stub. kept: the copies.
    notes: sentences about what a person has to look at.
    """

    version: str
    files: int = 0
    merged: list[str] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def update(course: Course, source: Path | None) -> Updated:
    """Take in the release in a folder or a zip, or the newest one of the clone's origin where none is named.

    Raises:
        UpdateError: it is no release of this course.
    """
    with scratch_folder("update") as scratch, _unpacked(course, source, scratch) as folder:
        new = _release(folder)
        if new.name != course.name:
            raise UpdateError(
                f"that is the course {new.name!r}, and this is {course.name!r}; nothing was changed."
            )
        result = Updated(new.version)
        # the merge reads the old stubs, and copying takes their place
        for topic in new.topics:
            _merge(course, new, topic, result)
        changed = _changed(course)
        for path in sorted(_files(folder)):
            _copy(folder, path, course, new, changed, result)
        return result


def _release(folder: Path) -> Course:
    course = load_course(folder)
    if not all(course.stub(topic).is_file() for topic in course.topics):
        raise UpdateError("that is no students' release of a course; nothing was changed.")
    return course


@contextmanager
def _unpacked(course: Course, source: Path | None, scratch: Path) -> Iterator[Path]:
    """The folder of the new release."""
    if source is None:
        yield _fetched(course, scratch)
    elif source.is_dir():
        yield source
    else:
        try:
            with zipfile.ZipFile(source) as archive:
                if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                    raise UpdateError(f"{source} is larger than any release; nothing was changed.")
                archive.extractall(scratch)
        except (OSError, zipfile.BadZipFile) as error:
            raise UpdateError(f"{source} is no folder and no zip of a release ({error}).") from error
        found = sorted(scratch.glob(f"**/{COURSE_FILE}"), key=lambda path: len(path.parts))
        if not found:
            raise UpdateError(f"{source} holds no {COURSE_FILE}; nothing was changed.")
        yield found[0].parent


def _fetched(course: Course, scratch: Path) -> Path:
    """The newest commit of the clone's origin, unpacked."""
    _git(course, "fetch", "--quiet", "origin", "HEAD")
    with tarfile.open(fileobj=io.BytesIO(_git(course, "archive", "FETCH_HEAD"))) as archive:
        archive.extractall(scratch, filter="data")
    return scratch


def _git(course: Course, *words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", course.root, *words], check=True, capture_output=True).stdout
    except FileNotFoundError as error:
        raise UpdateError("git is not installed; name the new release's folder or zip.") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        # behind the line that says what is wrong, git gives advice
        wrong = next((line for line in said if line.startswith(("fatal:", "error:"))), "it said nothing")
        raise UpdateError(
            f"git {words[0]} failed ({wrong}); name the new release's folder or zip."
        ) from error


def _files(folder: Path) -> Iterator[Path]:
    """The files of a release, relative to its folder."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if (
            path.is_file()
            and not path.is_symlink()
            and relative.parts[0] not in OWN
            and "__pycache__" not in relative.parts
        ):
            yield relative


def _merge(course: Course, new: Course, topic: Topic, result: Updated) -> None:
    """Put the student's code of a topic into the new stub."""
    path, stub = course.assignment(topic), new.stub(topic).read_text(encoding="utf-8")
    if not path.exists():
        write_whole(path, stub)
        return
    place = f"tests/public/stubs/{path.name}"
    try:
        mine = decode(path.read_bytes())
    except UnicodeDecodeError as error:
        result.notes.append(
            f"assignments/{path.name} is not UTF-8 text (byte {error.start}) and stays as it is; {place} is the new stub."
        )
        return
    old = original(course, topic) if course.stub(topic).exists() else ""
    if old == stub or mine == stub:
        return
    if mine == old:
        write_whole(path, stub)
        return
    made = merged(mine, old, stub)
    if made is None:
        result.notes.append(
            f"assignments/{path.name} cannot be read as Python and stays as it is; {place} is the new stub."
        )
        return
    if made.both:
        result.notes.append(
            f"{', '.join(made.both)}: the new stub has changed too, and your code stays; compare it with {place}."
        )
    if made.text != mine:
        result.kept.append(keep(course.root, path))
        result.merged.append(topic.slug)
        write_whole(path, made.text)


def _changed(course: Course) -> set[str]:
    """The files that the student has changed since the last release, where git knows."""
    try:
        release = (
            _git(course, "log", f"--author={RELEASED_BY}", "--format=%H", "--max-count=1").decode().strip()
        )
        names = _git(course, "diff", "--name-only", "-z", release).decode() if release else ""
    except UpdateError:
        return set()
    return set(filter(None, names.split("\0")))


def _copy(folder: Path, path: Path, course: Course, new: Course, changed: set[str], result: Updated) -> None:
    """Copy one file of the release, unless it is a module of the student's; keep a file that the student changed."""
    theirs, mine = folder / path, course.root / path
    modules = {new.assignment(topic).relative_to(new.root) for topic in new.topics}
    notebooks = {module.with_suffix(".ipynb") for module in modules}
    if path in modules or path in notebooks and mine.exists():
        return
    if mine.is_file() and filecmp.cmp(theirs, mine, shallow=False):
        return
    if path.as_posix() in changed and mine.is_file():
        result.kept.append(keep(course.root, mine))
    mine.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(mine) as part:
        shutil.copyfile(theirs, part)
    result.files += 1
