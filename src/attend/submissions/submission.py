"""A submission as a value: read once from a folder, a `.py`, an `.ipynb` or a zip. Nothing is unpacked, nothing is run."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from attend.course.syllabus import Topic
from attend.submissions.candidates import choose
from attend.submissions.entry import Entry
from attend.submissions.names import clean
from attend.submissions.trees import DiskTree, Member, RefusedError, file_at

__all__ = ["RefusedError", "Submission", "clean", "read_entry", "read_submission"]


@dataclass(frozen=True)
class Submission:
    """One student's answer to one topic: the text of the module that they edited, or why there is none.

    filename: as it was handed in, with the zip that it lay in.
    notes: how the file was chosen, and what was left out.
    refusal: a sentence that says why nothing could be taken; "" where `text` is there.
    examples: the text of the student's own examples, if there are any.
    """

    student: str
    topic: str
    filename: str
    text: str
    notes: tuple[str, ...] = ()
    refusal: str = ""
    examples: str = ""

    @property
    def digest(self) -> str:
        """What tells whether it was graded already: a digest of the text and the examples, or of why there is none."""
        parts = [f"refused: {self.refusal}" if self.refusal else self.text]
        parts += [self.examples] if self.examples else []
        return hashlib.sha256("\0examples\0".join(parts).encode()).hexdigest()


def read_submission(path: Path, topic: Topic, student: str) -> Submission:
    """The submission at `path` (a folder, a .py, an .ipynb or a zip).

    Raises:
        RefusedError: it is unsafe, is not UTF-8, or does not hold the topic's file.
    """
    if not path.exists() and not path.is_symlink():
        raise RefusedError(f"{path} does not exist.")
    if path.is_symlink():
        raise RefusedError(f"{path.name} is a link; hand in the file itself.")
    members = DiskTree(path).files() if path.is_dir() else [file_at(path)]
    return _read(members, topic, student, path.name)


def read_entry(entry: Entry, topic: Topic) -> Submission:
    """What a student handed in for `topic`; where it cannot be taken, a submission that says why."""
    try:
        if entry.files is None:
            return read_submission(entry.path, topic, entry.student)
        read = _read(list(entry.files), topic, entry.student, entry.path.name)
        return replace(read, notes=(*entry.notes, *read.notes))
    except RefusedError as error:
        name = clean(entry.path.name)
        return Submission(entry.student, topic.slug, name, "", tuple(entry.notes), str(error))


def _read(members: list[Member], topic: Topic, student: str, where: str) -> Submission:
    choice = choose(members, topic, clean(where))
    return Submission(
        student, topic.slug, choice.candidate.shown, choice.text.code, choice.notes, examples=choice.examples
    )
