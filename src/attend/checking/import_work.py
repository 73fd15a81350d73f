"""Take a module or a hand-in, as a page of the site or another machine has written it, into assignments/."""

from dataclasses import dataclass
from pathlib import Path

from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.kept import keep
from attend.course.syllabus import Course, Topic
from attend.submissions.answer_file import defines_any
from attend.submissions.candidates import names_inside
from attend.submissions.names import kind_of, topic_of
from attend.submissions.submission import Submission, read_submission
from attend.submissions.trees import file_at


@dataclass(frozen=True)
class Imported:
    """What became of the answer to one topic.

    kept: the copy of the text that was there before; None where there was none, or the same.
    is_new: whether the module has changed.
    """

    topic: Topic
    path: Path
    kept: Path | None
    is_new: bool
    notes: tuple[str, ...] = ()


def import_file(course: Course, path: Path) -> list[Imported]:
    """Put the answers in a .py, an .ipynb or a zip in the place of the modules in assignments/; old texts are kept.

    Nothing is written unless all of them can be read.

    Raises:
        AttendError: the file is called after no topic, cannot be read, or holds no answer to the topic of its name.
    """
    topics = _topics(course, path)
    if not topics:
        raise AttendError(
            f"neither {path.name} nor a file in it is called after a topic: "
            f"give it a name such as {course.topics[0].slug}.py or .zip."
        )
    submissions = [_read(path, topic) for topic in topics]
    return [_put(course, topic, found) for topic, found in zip(topics, submissions, strict=True)]


def _topics(course: Course, path: Path) -> list[Topic]:
    """The topic that a file is called after; of another zip, the topics that the files in it are called after."""
    is_other_zip = kind_of(path.name) == "zip" and topic_of(path.name, course) is None
    names = names_inside(file_at(path)) if is_other_zip else [path.name]
    found = {topic.slug for name in names if (topic := topic_of(name, course))}
    return [topic for topic in course.topics if topic.slug in found]


def _read(path: Path, topic: Topic) -> Submission:
    submission = read_submission(path, topic, "you")
    if not defines_any(submission.text, topic):
        raise AttendError(f"{submission.filename} defines nothing that {topic.number} asks for.")
    return submission


def _put(course: Course, topic: Topic, submission: Submission) -> Imported:
    path, data = course.assignment(topic), submission.text.encode()
    if path.exists() and path.read_bytes() == data:
        return Imported(topic, path, None, False, submission.notes)
    kept = keep(course.root, path) if path.exists() else None
    with whole_file(path) as part:
        part.write_bytes(data)
    return Imported(topic, path, kept, True, submission.notes)
