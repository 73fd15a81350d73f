"""Bring stubs back: of one exercise or of a whole topic. What was written is kept."""

from pathlib import Path

from attend.course.atomic_file import write_whole
from attend.course.errors import AttendError
from attend.course.kept import keep
from attend.course.source import SpliceError, decode, definition_text, splice
from attend.course.syllabus import Course, Exercise, Topic
from attend.submissions.answer_file import answer


def reset(course: Course, topic: Topic, exercises: tuple[Exercise, ...] = ()) -> Path | None:
    """Put the stub back in the place of `exercises`, or of the whole module where none is named.

    Returns:
        Where the text that was there is kept; None where nothing had to change.

    Raises:
        AttendError: the course has no stubs, the answer is a notebook, or the module cannot be read.
    """
    path, stub = course.assignment(topic), original(course, topic)
    if answer(path.parent, topic).suffix == ".ipynb":
        raise AttendError(
            f"your answer to {topic.number} is a notebook: copy the stub of a cell from docs/topics."
        )
    if not path.exists():
        write_whole(path, stub)
        return None
    try:
        text = decode(path.read_bytes())
    except UnicodeDecodeError as error:
        if exercises:
            raise AttendError(
                f"{path.name} is not UTF-8 text (byte {error.start}): save it as UTF-8, or bring the whole module back "
                f"with `attend reset {topic.number}`; your text is kept."
            ) from error
        text = ""
    made = text if exercises else stub
    for exercise in exercises:
        made = _with_stub(made, stub, topic, exercise)
    if made == text:
        return None
    copy = keep(course.root, path)
    write_whole(path, made)
    return copy


def original(course: Course, topic: Topic) -> str:
    """The topic's module as it was handed out.

    Raises:
        AttendError: this copy of the course does not have it.
    """
    try:
        return course.stub(topic).read_text(encoding="utf-8")
    except OSError as error:
        raise AttendError(
            f"{course.stub(topic)} is not here: only a students' release of the course has stubs to go back to. "
            "Instructors use `attend stubs`."
        ) from error


def _with_stub(text: str, stub: str, topic: Topic, exercise: Exercise) -> str:
    try:
        return splice(text, exercise.target, definition_text(stub, exercise.target))
    except SyntaxError as error:
        raise AttendError(
            f"line {error.lineno} of your module is no Python ({error.msg}), so one exercise cannot be taken out. "
            f"Correct the line, or bring the whole module back with `attend reset {topic.number}`; your text is kept."
        ) from error
    except SpliceError as error:
        raise AttendError(
            f"your module does not define {exercise.target}. `attend reset {topic.number}` brings the whole module "
            "back; your text is kept."
        ) from error
