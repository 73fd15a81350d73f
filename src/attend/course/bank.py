"""The two banks of whole answers: misconceptions (named wrong ones) and alternates (right ones of another shape)."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from attend.course.source import definition_text, splice
from attend.course.syllabus import Course, Topic


@dataclass(frozen=True)
class Answer:
    """A whole function, class or method that a student could hand in."""

    name: str
    exercise: str
    sentence: str
    replaces: str | None
    source: str

    def target(self, topic: Topic) -> str:
        """The function, class or method that this answer takes the place of."""
        return self.replaces or topic.exercise(self.exercise).target

    def spliced(self, module_text: str, topic: Topic) -> str:
        """`module_text` with this answer in its place."""
        return splice(module_text, self.target(topic), self.source)


def misconception(exercise: str, sentence: str, replaces: str | None = None) -> Callable:
    """Mark a wrong answer to `exercise`; `sentence` is what a student who gave it is told.

    `replaces` names what the answer takes the place of where that is not the exercise's whole target,
    as `AdditiveAttention.forward`.
    """

    def mark(answer):
        answer.attend_answer = (exercise, sentence, replaces)
        return answer

    return mark


def alternate(exercise: str, replaces: str | None = None) -> Callable:
    """Mark a correct answer to `exercise` of another shape than the reference."""
    return misconception(exercise, "", replaces)


def load_bank(path: Path) -> list[Answer]:
    """The answers in one bank file, in the file's order."""
    spec = importlib.util.spec_from_file_location(f"attend_bank_{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = path.read_text(encoding="utf-8")
    return [
        Answer(name, *value.attend_answer, definition_text(text, name))
        for name, value in vars(module).items()
        if "attend_answer" in getattr(value, "__dict__", {})
    ]


def misconceptions(course: Course, topic: Topic) -> list[Answer]:
    """The topic's known wrong answers."""
    return load_bank(course.misconceptions(topic))


def alternates(course: Course, topic: Topic) -> list[Answer]:
    """The topic's right answers of other shapes."""
    return load_bank(course.alternates(topic))
