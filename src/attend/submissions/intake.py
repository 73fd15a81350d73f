"""Find what a class handed in: a folder a student, the download of Gradescope, Canvas or Moodle, or zips of these."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.submissions.answer_file import examples_name, exercises_done
from attend.submissions.candidates import choose, names_inside
from attend.submissions.entry import BatchError, Download, Entry, Intake, PlatformRecord, Upload
from attend.submissions.git_clones import Due
from attend.submissions.layouts import read_path
from attend.submissions.names import clean, kind_of, topic_of
from attend.submissions.trees import Member, RefusedError


def take_in(
    course: Course,
    paths: list[Path],
    topics: list[str] | None = None,
    layout: str = "",
    known: Collection[str] = (),
    due: Due | None = None,
) -> Intake:
    """What is to be graded in folders, downloads, or zips of them.

    A file belongs to the topic that it is called after. Where `topics` names a single one, everybody has an entry, and
    files that are called after no topic may hold the answer too.

    Args:
        layout, known, due: as for `layouts.read_path`.

    Raises:
        BatchError: a path does not exist, or nothing under it can be taken.
    """
    wanted = [course.topic(name) for name in topics] if topics else list(course.topics)
    intake = Intake()
    students: dict[str, _Student] = {}
    for path in paths:
        download = read_path(course, path, layout, known, wanted, due)
        here: dict[str, _Student] = defaultdict(_Student)
        for upload in download.uploads:
            here[upload.student].add(course, upload)
        rows = {student for student, found in here.items() if found.has_row(wanted)}
        if not rows:
            raise BatchError(_nothing(path, wanted))
        intake.shapes.append(_summary(path, download, rows))
        intake.notes += download.notes
        intake.notes += [here[student].absence(student, wanted) for student in sorted(here.keys() - rows)]
        for student in rows:
            students.setdefault(student, _Student()).uploads += here[student].uploads
    for student, found in students.items():
        intake.entries += found.entries(student, wanted, course.policy.attempts)
    intake.entries.sort(key=lambda entry: (entry.topic, entry.student))
    return intake


def _summary(path: Path, download: Download, rows: set[str]) -> str:
    taken = len({upload.entry for upload in download.uploads if upload.student in rows})
    return f"{path}: {download.shape}, {taken} of {download.total} entries taken"


def _nothing(path: Path, wanted: list[Topic]) -> str:
    names = ", ".join(topic.slug for topic in wanted)
    advice = "." if len(wanted) == 1 else "; where files are called otherwise, name the topic with --topic."
    return f"{path} holds no submission: no file is called after a topic ({names}){advice}"


@dataclass(frozen=True)
class _Sorted:
    """An upload, its files by the slugs that they are called after, and the rest of them."""

    upload: Upload
    by_topic: dict[str, list[Member]]
    others: list[Member]


@dataclass
class _Student:
    """All uploads of one person."""

    uploads: list[_Sorted] = field(default_factory=list)

    def add(self, course: Course, upload: Upload) -> None:
        by_topic: dict[str, list[Member]] = defaultdict(list)
        others = []
        for member in upload.files:
            slugs = _slugs(course, member)
            for slug in slugs:
                by_topic[slug].append(member)
            if not slugs:
                others.append(member)
        self.uploads.append(_Sorted(upload, by_topic, others))

    def slugs(self) -> set[str]:
        return {slug for each in self.uploads for slug in each.by_topic}

    def has_row(self, wanted: list[Topic]) -> bool:
        """Whether something is to be graded: where one topic is wanted also what is called after none."""
        slugs = self.slugs()
        return any(topic.slug in slugs for topic in wanted) or len(wanted) == 1 and not slugs

    def absence(self, student: str, wanted: list[Topic]) -> str:
        """Why the student has no entry."""
        if slugs := self.slugs():
            return f"{student} handed in {', '.join(sorted(slugs))}, and not {', '.join(each.slug for each in wanted)}."
        names = [clean(member.name, 40) for each in self.uploads for member in each.others]
        listed = ", ".join(names[:3]) or "an empty folder"
        return f"{student} handed in nothing called after a topic ({listed})."

    def entries(self, student: str, wanted: list[Topic], attempts: str) -> list[Entry]:
        found = []
        for topic in wanted:
            uploads = self._of(topic, single=len(wanted) == 1)
            if uploads:
                found.append(_entry(student, topic, attempts, uploads))
        return found

    def _of(self, topic: Topic, single: bool) -> list[tuple[Upload, tuple[Member, ...]]]:
        """The uploads with files that may be the answer to the topic, and these files."""
        uploads = []
        for each in self.uploads:
            files = each.by_topic.get(topic.slug, []) + (each.others if single else [])
            if files:
                beside = [file for file in each.others if file.name == examples_name(topic) and not single]
                uploads.append((each.upload, (*files, *beside)))
        if not uploads and single and not self.slugs():
            uploads = [(each.upload, ()) for each in self.uploads[:1]]
        return uploads


def _slugs(course: Course, member: Member) -> set[str]:
    """The slugs of the topics that a file may hold the answers to; for a zip of no topic's name, by what is in it."""
    topic = topic_of(member.name, course)
    names = [member.name] if topic or kind_of(member.name) != "zip" else names_inside(member)
    return {topic.slug for name in names if (topic := topic_of(name, course))}


def _entry(
    student: str, topic: Topic, attempts: str, uploads: list[tuple[Upload, tuple[Member, ...]]]
) -> Entry:
    """The upload that counts: one in which something is written before one that is as it was handed out, then the
    latest. Files that came together stay together, and are compared when they are read."""
    groups: dict[tuple[PlatformRecord, int], list[tuple[Upload, tuple[Member, ...]]]] = defaultdict(list)
    for upload, files in uploads:
        groups[upload.record, upload.order].append((upload, files))
    ranked = (
        sorted(groups.values(), key=lambda group: _rank(group, topic))
        if len(groups) > 1
        else [*groups.values()]
    )
    *others, last = (_entry_of(student, topic, group) for group in ranked)
    if not others:
        return last
    counts = "counts" if attempts == "last" else "is the last one, and the best one counts"
    note = f"{student} handed in {topic.number} {len(groups)} times; {clean(ranked[-1][0][0].path.name)} {counts}."
    written = [
        entry for entry, group in zip(others, ranked, strict=False) if _rank(group, topic)[:2] == (True, True)
    ]
    return replace(last, notes=(note,), earlier=tuple(written))


def _entry_of(student: str, topic: Topic, group: list[tuple[Upload, tuple[Member, ...]]]) -> Entry:
    """What came together, as an entry."""
    upload = group[0][0]
    files = tuple(file for _, files in group for file in files)
    path = upload.path.joinpath(*files[0].parts) if len(files) == 1 and upload.is_folder else upload.path
    return Entry(student, topic.slug, path, files, (), upload.entry, **vars(upload.record))


def _rank(group: list[tuple[Upload, tuple[Member, ...]]], topic: Topic) -> tuple:
    """The greatest counts."""
    upload = group[0][0]
    moment = upload.record.submitted.timestamp() if upload.record.submitted else 0.0
    try:
        choice = choose([file for _, files in group for file in files], topic, upload.path.name)
        found = (True, exercises_done(choice.text.code, topic) > 0, choice.candidate.fits(topic) > 0)
    except RefusedError:
        found = (False, False, False)
    return (*found, moment, upload.order)
