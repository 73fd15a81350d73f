"""Find what a class handed in: a folder a student, or the bulk download of Gradescope, Canvas or Moodle.

Each is known by its naming. A download may also be given as the zip that it came in.
"""

import hashlib
import itertools
import os
import re
import shutil
import stat
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from attend.answer import is_untouched
from attend.errors import AttendError
from attend.submission import MAX_ARCHIVE, clean
from attend.syllabus import Course, Topic

SUFFIXES = (".py", ".ipynb", ".zip")  # the earlier is preferred where one student handed in several
RESULTS = "gradebook.sqlite"
METADATA = "submission_metadata.yml"
# eliotada_LATE_12345_67890_t03_attention_decoding.py; an anonymous download has anon_ab12c in place of the number
CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<file>.+)"
)
# a folder `Ada Eliot_12345_assignsubmission_file_`, or a file with that beginning
MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
AGAIN = re.compile(r"(?:-\d+| ?\(\d+\))$")  # what a platform or a browser adds to a file handed in again
DEPTH, MAX_FILES = 4, 500
MAX_CLASS = 16 << 30
SHOWN = 5


class BatchError(AttendError):
    """A class cannot be graded as asked."""


@dataclass(frozen=True)
class Person:
    """Who a student is on the platforms: what an export needs to find them again."""

    name: str = ""
    email: str = ""
    sid: str = ""
    canvas_id: str = ""
    moodle_id: str = ""


@dataclass(frozen=True)
class Entry:
    """One file (or folder) that somebody handed in, for one topic."""

    student: str
    topic: str
    path: Path
    person: Person = Person()
    submitted: datetime | None = None
    late: bool = False  # the platform calls it late, and does not say by how much
    reference: str = ""  # the platform's name of the hand-in


@dataclass
class Intake:
    """What was found, in which shapes, and what was left aside and why."""

    entries: list[Entry] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def students(self) -> int:
        return len({entry.student for entry in self.entries})


@dataclass(frozen=True)
class _Found:
    """A file with its name as the student gave it."""

    student: str
    path: Path
    name: str
    person: Person = Person()
    submitted: datetime | None = None
    late: bool = False
    reference: str = ""
    order: int = 0  # a later upload has a higher one


def find_entries(course: Course, paths: list[Path], topics: list[str] | None = None) -> list[Entry]:
    """What is to be graded under `paths`, one entry a student and topic. See `take_in`."""
    return take_in(course, paths, topics).entries


def take_in(
    course: Course, paths: list[Path], topics: list[str] | None = None, unpack_to: Path | None = None
) -> Intake:
    """What is to be graded: in folders, downloads, or zips of them (unpacked below `unpack_to`).

    A file belongs to the topic that it is called after. Where `topics` names a single one, files of other
    names are taken as that topic's, so that nobody is lost for a file name.

    Raises:
        BatchError: a path does not exist, or nothing under it can be taken.
    """
    wanted = [course.topic(name) for name in topics] if topics else list(course.topics)
    only = wanted[0] if len(wanted) == 1 else None
    intake = Intake()
    found: dict[tuple[str, str], list[_Found]] = defaultdict(list)
    for path in paths:
        if not path.exists():
            raise BatchError(f"{path} does not exist; name a folder with a folder per student, or a file.")
        shape, files = _files_of(course, path, unpack_to)
        matched = 0
        strangers: dict[str, list[_Found]] = defaultdict(list)
        students: dict[str, set[str]] = defaultdict(set)
        for file in files:
            file = replace(file, student=printable(file.student))
            topic = topic_of(file.name, course)
            if topic is None:
                strangers[file.student].append(file)
            else:
                students[file.student].add(topic.slug)
                if topic in wanted:
                    found[file.student, topic.slug].append(file)
                    matched += 1
        for student, others in strangers.items():
            if only is not None and not students[student]:
                found[student, only.slug] += _likeliest(others)
                matched += 1
        if not matched:
            names = ", ".join(topic.slug for topic in wanted)
            raise BatchError(
                f"{path} holds no submission: no file is called after a topic ({names})"
                + ("." if only else "; where files are called otherwise, name the topic with --topic.")
            )
        intake.shapes.append(f"{path}: {shape}")
        if not only:
            _tell_strangers(intake, strangers, students)
    for (student, slug), files in found.items():
        intake.entries.append(_choose(intake, student, course.by_slug[slug], files))
    intake.entries.sort(key=lambda entry: (entry.topic, entry.student))
    return intake


def printable(name: str) -> str:
    """A name as it can be stored and shown on one line: control characters, and bytes that are no text, as escapes."""
    text = os.fsencode(name).decode(errors="backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def topic_of(name: str, course: Course) -> Topic | None:
    """The topic that a file is called after: `t03_attention_decoding.py`, `t03.zip`, `…-1.py`, or None."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in SUFFIXES:
        return None
    stem = AGAIN.sub("", path.stem.lower()).strip()
    return next((topic for topic in course.topics if stem in (topic.slug, topic.number)), None)


def pick_file(course: Course, topic: Topic, folder: Path) -> Path:
    """The file in `folder` that counts as the answer to `topic`; the folder itself where it holds none."""
    files = [_Found("", file, file.name) for file in _walk(folder, DEPTH)]
    named = [file for file in files if topic_of(file.name, course) == topic]
    chosen = named or _likeliest(files)
    return _choose(Intake(), "", topic, chosen).path if chosen else folder


def _likeliest(files: list[_Found]) -> list[_Found]:
    """Of a student's files that are called after no topic, the ones that can be code; else any, to be refused by name."""
    code = [file for file in files if PurePosixPath(file.name).suffix.lower() in SUFFIXES]
    return code or files[:1]


def _choose(intake: Intake, student: str, topic: Topic, files: list[_Found]) -> Entry:
    """The file that counts: the last upload; of equal ones one that was written in, then `.py` before `.ipynb` before
    `.zip`, then the shortest path."""

    def rank(file: _Found):
        suffix = PurePosixPath(file.name).suffix.lower()
        moment = file.submitted.timestamp() if file.submitted else 0.0
        kind = SUFFIXES.index(suffix) if suffix in SUFFIXES else len(SUFFIXES)
        as_given = several and not file.path.is_symlink() and is_untouched(file.path, topic)
        return (-moment, -file.order, as_given, kind, len(file.path.parts), str(file.path))

    slug, several = topic.slug, len(files) > 1
    best, *others = sorted(dict.fromkeys(files), key=rank)
    if others:
        intake.notes.append(
            f"{student} handed in {slug[:3]} {len(others) + 1} times; {clean(best.path.name)} counts."
        )
    return Entry(student, slug, best.path, best.person, best.submitted, best.late, best.reference)


def _tell_strangers(
    intake: Intake, strangers: dict[str, list[_Found]], students: dict[str, set[str]]
) -> None:
    """Students of whom nothing can be graded would vanish without a word: name them."""
    for student, files in strangers.items():
        if not students[student]:
            names = ", ".join(clean(file.name, 40) for file in files[:3])
            intake.notes.append(f"{student} handed in nothing called after a topic ({names}).")


def _files_of(course: Course, path: Path, unpack_to: Path | None) -> tuple[str, list[_Found]]:
    """The shape of `path`, in words, and every file in it with whose it is."""
    if path.is_file():
        if path.suffix.lower() == ".zip" and topic_of(path.name, course) is None and not path.is_symlink():
            return _files_of(course, unpack(path, unpack_to), None)
        return "a file", [_Found(path.resolve().parent.name, path, path.name)]
    download = _download(path)
    if download:
        return f"a download of {download[0]}", download[1]
    children = _folders(path)
    parts = list(itertools.takewhile(bool, map(_download, children)))
    if parts and len(parts) == len(children):
        shapes = " and ".join(sorted({shape for shape, _ in parts}))
        count = "a download" if len(parts) == 1 else f"{len(parts)} downloads"
        return f"{count} of {shapes}", [file for _, files in parts for file in files]
    if len(children) == 1 and unpacked(path) and not _own_files(children[0], course):
        return _files_of(course, children[0], None)  # the zip of a folder holds that folder
    return "a folder a student", list(_plain(path, course))


def _download(path: Path) -> tuple[str, list[_Found]] | None:
    """The platform whose bulk download `path` is, and its files."""
    for shape, reader in (("Gradescope", _gradescope), ("Moodle", _moodle), ("Canvas", _canvas)):
        files = list(reader(path))
        if files:
            return shape, files
    return None


def _gradescope(path: Path) -> Iterator[_Found]:
    """`submission_metadata.yml` beside a folder `submission_12345` a submission; a group's counts for each member."""
    metadata = path / METADATA
    if not metadata.is_file():
        return
    for name, record in _read_yaml(metadata).items():
        folder = path / str(name)
        if "/" in str(name) or not isinstance(record, dict):
            continue
        moment = _moment(record.get(":created_at"))
        for submitter in record.get(":submitters") or ():
            values = {key: str(submitter.get(f":{key}") or "").strip() for key in ("name", "email", "sid")}
            student = values["email"] or values["sid"] or values["name"]
            if not student:
                continue
            person = Person(**values)
            number = str(name).removeprefix("submission_")
            files = list(_walk(folder, DEPTH)) if folder.is_dir() else []
            for file in files:
                yield _Found(student, file, file.name, person, moment, reference=number)
            if not files:  # an empty hand-in still gets its row
                yield _Found(student, folder, folder.name, person, moment, reference=number)


def _read_yaml(path: Path) -> dict:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        """Ruby wrote it: its own types are read as the plain maps, lists and texts that they are."""

    def plain(loader, _suffix, node):
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        line = str(error).splitlines()[0]
        raise BatchError(f"{path} cannot be read as YAML ({line}); download it again.") from error
    if not isinstance(data, dict):
        raise BatchError(f"{path} is no list of submissions; download it again.")
    return data


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)  # YAML's reader has turned it to UTC


def _moodle(path: Path) -> Iterator[_Found]:
    """`Ada Eliot_12345_assignsubmission_file_/t03….py`, or the same name in front of the file's."""
    for child in sorted(path.iterdir()):
        match = MOODLE.fullmatch(child.name)
        if not match or match["kind"] == "comments":
            continue
        student = f"{match['name']}_{match['user']}"
        person = Person(name=match["name"], moodle_id=match["user"])
        if child.is_dir():
            for file in _walk(child, DEPTH):
                yield _Found(student, file, file.name, person)
        else:
            yield _Found(student, child, match["file"] or child.name, person)


def _canvas(path: Path) -> Iterator[_Found]:
    """`eliotada_12345_67890_t03….py`: a name, the number of the person, the number of the upload, the file."""
    for child in sorted(path.iterdir()):
        match = CANVAS.fullmatch(child.name)
        if not match or child.is_dir():
            continue
        name = match["name"] or ""
        yield _Found(
            f"{name}_{match['user']}" if name else match["user"],
            child,
            match["file"],
            Person(name=name, canvas_id=match["user"]),
            late=bool(match["late"]),
            reference=match["upload"],
            order=int(match["upload"]),
        )


def _plain(path: Path, course: Course) -> Iterator[_Found]:
    """`SUBMISSIONS/STUDENT/SLUG.py`; `path` may also be one student's own folder."""
    own = _own_files(path, course)
    for file in own:
        yield _Found(path.resolve().name, file, file.name)
    if not own:
        for child in _folders(path):
            if (child / RESULTS).exists():  # what an earlier grading wrote is nobody's
                continue
            files = list(_walk(child, DEPTH))
            for file in files:
                yield _Found(child.name, file, file.name)
            if not files:  # who handed in nothing is told so, and not forgotten
                yield _Found(child.name, child, "an empty folder")


def _own_files(path: Path, course: Course) -> list[Path]:
    return [file for file in _walk(path, 1) if topic_of(file.name, course)]


def _folders(path: Path) -> list[Path]:
    """The folders in `path` that may be somebody's."""
    with os.scandir(path) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [path / name for name in sorted(names) if not name.startswith((".", "__MACOSX"))]


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """The files below `folder`, the nearest first, down to `depth` levels; links are named, never followed."""
    level, count = [folder], 0
    for _ in range(depth):
        following = []
        for parent in level:
            with os.scandir(parent) as entries:
                children = sorted(entries, key=lambda entry: entry.name)
            for child in children:
                if child.name.startswith((".", "__MACOSX", "__pycache__")):
                    continue
                if child.is_dir(follow_symlinks=False):
                    following.append(parent / child.name)
                    continue
                count += 1
                if count > MAX_FILES:
                    return
                yield parent / child.name
        level = following


def unpack(path: Path, to: Path | None) -> Path:
    """The folder that holds the class in the zip at `path`; unpacked once below `to`, and never outside it.

    Raises:
        BatchError: it is no zip, or larger than a class can be.
    """
    if to is None:
        raise BatchError(f"{path} is a zip; unpack it and name its folder.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    target = to / f"{path.stem}-{digest}"
    if target.exists():
        return target
    part = to / f".{target.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_CLASS:
                raise BatchError(f"{path} unpacks to more than {MAX_CLASS >> 30} GiB; unpack it yourself.")
            for entry in archive.infolist():
                _unpack_one(archive, entry, part)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise BatchError(f"{path} cannot be unpacked ({error}); download it again.") from error
    part.rename(target)
    return target


def unpacked(path: Path) -> bool:
    """Whether `unpack` made this folder: its name ends in a digest."""
    return bool(re.search(r"-[0-9a-f]{16}$", path.name))


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    """One file of the archive, if it is an ordinary one with a path of its own folder; others are left out."""
    inner = PurePosixPath(entry.filename.replace("\\", "/"))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.is_dir() or inner.is_absolute() or ".." in inner.parts or "\0" in entry.filename:
        return
    if kind not in (0, stat.S_IFREG) or entry.file_size > MAX_ARCHIVE or inner.parts[0] == "__MACOSX":
        return
    target = folder.joinpath(*(part[:200] for part in inner.parts))
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as file:
        copied = 0
        while chunk := source.read(1 << 20):
            copied += len(chunk)
            if copied > MAX_ARCHIVE:
                raise ValueError(f"{entry.filename} is larger than it says")
            file.write(chunk)
