"""How much of a topic a text answers; which file in assignments/ is the answer: the module, unless nobody wrote in it."""

import re
from pathlib import Path

from attend.course.stub_markers import stub_message
from attend.course.syllabus import Exercise, Topic

SUFFIXES = (".py", ".ipynb")
LONGEST = 1 << 20  # characters that are looked at


def answer(folder: Path, topic: Topic) -> Path:
    """The file in `folder` that counts as the answer to `topic`; the module's path where there is none."""
    module, *others = (folder / f"{topic.slug}{suffix}" for suffix in SUFFIXES)
    written = [path for path in others if path.is_file() and not _is_untouched_file(path, topic)]
    return written[0] if written and (not module.exists() or _is_untouched_file(module, topic)) else module


def examples_name(topic: Topic) -> str:
    """The name of a student's file of examples."""
    return f"{topic.slug}.txt"


def _is_untouched_file(path: Path, topic: Topic) -> bool:
    try:
        with path.open("rb") as file:
            return is_untouched(file.read(LONGEST).decode(errors="replace"), topic)
    except OSError:
        return False


def is_untouched(text: str, topic: Topic) -> bool:
    """Whether every exercise in a file's text still says that it is not done."""
    return all(_is_stub(text, exercise) for exercise in topic.exercises)


def exercises_done(text: str, topic: Topic) -> int:
    """How many exercises of the topic the text defines and does not leave as they were handed out."""
    text = text[:LONGEST]
    return sum(_defines(text, each) and not _is_stub(text, each) for each in topic.exercises)


def defines_any(text: str, topic: Topic) -> bool:
    """Whether the text defines a name that the topic asks for, done or not."""
    return any(_defines(text[:LONGEST], exercise) for exercise in topic.exercises)


def _is_stub(text: str, exercise: Exercise) -> bool:
    return stub_message(exercise) in text


def _defines(text: str, exercise: Exercise) -> bool:
    """By the words of the text, so that a syntax error elsewhere does not matter."""
    return all(
        re.search(rf"\b(?:def|class)\s+{name}\b|^\s*{name}\s*=", text, re.MULTILINE)
        for name in exercise.target.split(".")
    )
