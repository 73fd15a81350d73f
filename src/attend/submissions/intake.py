"""Find what a class handed in: a folder a student, or the bulk download of Gradescope, Canvas or Moodle.

Each is known by its naming. A download may also be given as the zip that it came in.
"""

import itertools
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from attend.course.syllabus import Course, Topic
from attend.submissions.answer_file import is_untouched
from attend.submissions.entry import GRADEBOOK, BatchError, Entry, Found, Intake
from attend.submissions.platform_downloads import DEPTH, download, walk
from attend.submissions.submission import clean
from attend.submissions.unzip import unpack, unpacked

SUFFIXES = (".py", ".ipynb", ".zip")  # the earlier is preferred where one student handed in several
AGAIN = re.compile(r"(?:-\d+| ?\(\d+\))$")  # what a platform or a browser adds to a file handed in again


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
    found: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for path in paths:
        if not path.exists():
            raise BatchError(f"{path} does not exist; name a folder with a folder per student, or a file.")
        shape, files = _files_of(course, path, unpack_to)
        matched = 0
        strangers: dict[str, list[Found]] = defaultdict(list)
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
    files = [Found("", file, file.name) for file in walk(folder, DEPTH)]
    named = [file for file in files if topic_of(file.name, course) == topic]
    chosen = named or _likeliest(files)
    return _choose(Intake(), "", topic, chosen).path if chosen else folder


def _likeliest(files: list[Found]) -> list[Found]:
    """Of a student's files that are called after no topic, the ones that can be code; else any, to be refused by name."""
    code = [file for file in files if PurePosixPath(file.name).suffix.lower() in SUFFIXES]
    return code or files[:1]


def _choose(intake: Intake, student: str, topic: Topic, files: list[Found]) -> Entry:
    """The file that counts: the last upload; of equal ones one that was written in, then `.py` before `.ipynb` before
    `.zip`, then the shortest path."""

    def rank(file: Found):
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
    about = {
        "person": best.person,
        "submitted": best.submitted,
        "late": best.late,
        "reference": best.reference,
    }
    return Entry(student, slug, best.path, **about)


def _tell_strangers(intake: Intake, strangers: dict[str, list[Found]], students: dict[str, set[str]]) -> None:
    """Students of whom nothing can be graded would vanish without a word: name them."""
    for student, files in strangers.items():
        if not students[student]:
            names = ", ".join(clean(file.name, 40) for file in files[:3])
            intake.notes.append(f"{student} handed in nothing called after a topic ({names}).")


def _files_of(course: Course, path: Path, unpack_to: Path | None) -> tuple[str, list[Found]]:
    """The shape of `path`, in words, and every file in it with whose it is."""
    if path.is_file():
        if path.suffix.lower() == ".zip" and topic_of(path.name, course) is None and not path.is_symlink():
            return _files_of(course, unpack(path, unpack_to), None)
        return "a file", [Found(path.resolve().parent.name, path, path.name)]
    whole = download(path)
    if whole:
        return f"a download of {whole[0]}", whole[1]
    children = _folders(path)
    parts = list(itertools.takewhile(bool, map(download, children)))
    if parts and len(parts) == len(children):
        shapes = " and ".join(sorted({shape for shape, _ in parts}))
        count = "a download" if len(parts) == 1 else f"{len(parts)} downloads"
        return f"{count} of {shapes}", [file for _, files in parts for file in files]
    if len(children) == 1 and unpacked(path) and not _own_files(children[0], course):
        return _files_of(course, children[0], None)  # the zip of a folder holds that folder
    return "a folder a student", list(_plain(path, course))


def _plain(path: Path, course: Course) -> Iterator[Found]:
    """`SUBMISSIONS/STUDENT/SLUG.py`; `path` may also be one student's own folder."""
    own = _own_files(path, course)
    for file in own:
        yield Found(path.resolve().name, file, file.name)
    if not own:
        for child in _folders(path):
            if (child / GRADEBOOK).exists():  # what an earlier grading wrote is nobody's
                continue
            files = list(walk(child, DEPTH))
            for file in files:
                yield Found(child.name, file, file.name)
            if not files:  # who handed in nothing is told so, and not forgotten
                yield Found(child.name, child, "an empty folder")


def _own_files(path: Path, course: Course) -> list[Path]:
    return [file for file in walk(path, 1) if topic_of(file.name, course)]


def _folders(path: Path) -> list[Path]:
    """The folders in `path` that may be somebody's."""
    with os.scandir(path) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [path / name for name in sorted(names) if not name.startswith((".", "__MACOSX"))]
