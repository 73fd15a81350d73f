"""A folder of clones is a class: of each, the last commit before a topic's due date counts."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.course.words import how_many
from attend.submissions.answer_file import examples_name, exercises_done
from attend.submissions.candidates import choose
from attend.submissions.entry import Download, PlatformRecord, Upload
from attend.submissions.git_objects import Clone, CloneError, Commit
from attend.submissions.names import clean, printable, topic_of
from attend.submissions.trees import DiskTree, Member, RefusedError

# the due date of a student for a topic, with all extensions; None for none
Due = Callable[[str, Topic], datetime | None]


def due_of(course: Course) -> Due:
    """The due dates of the policy, the same for everybody."""
    return lambda student, topic: course.policy.due.get(topic.slug)


def is_clone(path: Path) -> bool:
    """Whether a folder has a .git that looks like one: a part of it that a student's archive holds is none."""
    git = path / ".git"
    if git.is_dir() and not git.is_symlink():
        return any(os.path.lexists(git / name) for name in ("HEAD", "objects"))
    return os.path.lexists(git)


def find_clones(tree: DiskTree) -> dict[str, list[Path]]:
    """The clones of each folder in a class: the folder itself, or those in it (a student's folder with a clone a topic)."""
    base = tree.base.joinpath(*tree.inner)
    found: dict[str, list[Path]] = {}
    for entry, is_folder in tree.entries().items():
        if not is_folder:
            continue
        if is_clone(base / entry):
            found[entry] = [base / entry]
        else:
            inside = tree.folder(entry).entries()
            found[entry] = [
                base / entry / name
                for name, folder in inside.items()
                if folder and is_clone(base / entry / name)
            ]
    return found


def is_class_of_clones(tree: DiskTree) -> bool:
    """Whether most folders are clones, or hold one."""
    clones = find_clones(tree)
    return 2 * sum(map(bool, clones.values())) > len(clones)


@dataclass(frozen=True)
class _Wanted:
    course: Course
    topics: Sequence[Topic]
    due: Due


def read_clones(course: Course, tree: DiskTree, path: Path, topics: Sequence[Topic], due: Due) -> Download:
    """The hand-ins in a class of clones, with the time of the commit that counts."""
    found = Download("clones of git")
    clones = find_clones(tree)
    prefix = _prefix(path.resolve().name, [entry for entry, paths in clones.items() if paths])
    wanted = _Wanted(course, topics, due)
    for entry, paths in clones.items():
        found.total += 1
        if not paths:
            found.notes.append(f"{clean(entry)} is no clone and holds none; it was not taken.")
            continue
        found.fitting += 1
        student = printable(entry.removeprefix(prefix) if len(entry) > len(prefix) else entry)
        for each in paths:
            try:
                with Clone(each) as clone:
                    found.uploads += _uploads(wanted, clone, student, entry, each, found.notes)
            except (CloneError, OSError) as error:
                words = error.strerror if isinstance(error, OSError) else error
                found.notes.append(
                    f"{clean(str(each.relative_to(path.resolve())))} {words}; it was not taken."
                )
                about = PlatformRecord()
                problem = Member((each.name,), _Unreadable(), f"cannot be taken: the clone {words}")
                found.uploads.append(Upload(student, entry, each, (problem,), about, is_folder=True))
    return found


class _Unreadable:
    def read(self, name: str, limit: int) -> bytes:
        raise RefusedError(f"{name} cannot be read.")


def _prefix(folder: str, entries: list[str]) -> str:
    """What GitHub Classroom puts before every name: `t03-` for the clones in `t03-submissions`."""
    prefix = folder.removesuffix("-submissions") + "-"
    return (
        prefix
        if folder.endswith("-submissions") and all(entry.startswith(prefix) for entry in entries)
        else ""
    )


def _uploads(
    wanted: _Wanted, clone: Clone, student: str, entry: str, path: Path, notes: list[str]
) -> list[Upload]:
    """The files of the commits that count, for each commit the topics for which it counts."""
    commits = clone.commits()
    single = len(wanted.topics) == 1
    files: dict[str, list[Member]] = {}
    chosen: dict[Commit, list[Member]] = {}
    for topic in wanted.topics:
        for commit in _that_count(wanted, clone, commits, topic, student, notes, files):
            every = files[commit.name]
            own = every if single else [file for file in every if _is_of(file.name, topic, wanted.course)]
            chosen.setdefault(commit, []).extend(own)
    return [
        Upload(student, entry, path, tuple(members), _record(commit), commit.seconds, is_folder=True)
        for commit, members in chosen.items()
        if members or single
    ]


def _is_of(name: str, topic: Topic, course: Course) -> bool:
    """Whether a file is called after a topic, or is a student's examples for it."""
    return topic_of(name, course) == topic or name == examples_name(topic)


def _record(commit: Commit) -> PlatformRecord:
    return PlatformRecord(submitted=_moment(commit), reference=commit.name)


def _moment(commit: Commit) -> datetime:
    return datetime.fromtimestamp(max(0, min(commit.seconds, 2**33)), UTC)


def _that_count(
    wanted: _Wanted,
    clone: Clone,
    commits: list[Commit],
    topic: Topic,
    student: str,
    notes: list[str],
    files: dict[str, list[Member]],
) -> list[Commit]:
    """The last commit in time; also the latest one where the best attempt counts.

    Where nothing is written in time, it is the latest one alone.
    """
    policy = wanted.course.policy
    due = wanted.due(student, topic)
    limit = due + timedelta(minutes=policy.grace_minutes) if due else None
    in_time = [each for each in commits if limit is None or _moment(each) <= limit.astimezone(UTC)]
    # of commits of the same second the one that comes later in the history, which is the first in the list
    last = max(in_time, key=lambda each: each.seconds, default=None)
    latest = commits[0]
    for each in (last, latest):
        if each is not None and each.name not in files:
            files[each.name] = clone.files(each.name)
    if last is None or last == latest:
        return [latest]
    if not _is_written(files[last.name], topic, single=len(wanted.topics) == 1, course=wanted.course):
        return [latest]
    later = sum(each not in in_time for each in commits)
    if policy.attempts == "best":
        return [last, latest]
    if later:
        what = f"{how_many(later, 'commit')} after the due date of {topic.number}"
        notes.append(f"{student}: {what} did not count; {last.name[:10]} counts.")
    return [last]


def _is_written(files: list[Member], topic: Topic, single: bool, course: Course) -> bool:
    own = [file for file in files if single or topic_of(file.name, course) == topic]
    try:
        return exercises_done(choose(own, topic, "the clone").text.code, topic) > 0
    except RefusedError:
        return False


def read_clone(course: Course, path: Path, topics: Sequence[Topic], due: Due) -> Download:
    """The hand-in in a single clone that was named."""
    found = Download("a clone of git", total=1)
    student = printable(path.resolve().name)
    try:
        with Clone(path) as clone:
            found.uploads = _uploads(
                _Wanted(course, topics, due), clone, student, path.name, path, found.notes
            )
    except CloneError as error:
        found.notes.append(f"{clean(path.name)} {error}; it was not taken.")
    return found
