"""The two banks of whole answers: misconceptions (known wrong ones) and alternates (right ones of another shape)."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from attend.course.source import definition_text, rename, splice
from attend.course.syllabus import Course, Topic

Definition = TypeVar("Definition", bound=Callable[..., Any])


@dataclass(frozen=True)
class BankAnswer:
    """A whole function, class or method that a student could hand in.

    exercise: the name of the exercise that it answers.
    sentence: what is wrong with it; of a right answer, what is better about it where, or nothing.
    replaces: the definition whose place it takes, where that is not the exercise's whole target.
    """

    name: str
    exercise: str
    sentence: str
    replaces: str | None
    source: str

    def target(self, topic: Topic) -> str:
        """The function, class or method that this answer takes the place of.

        Raises:
            SyllabusError: the topic has no such exercise.
        """
        return self.replaces or topic.exercise(self.exercise).target

    def renamed(self, topic: Topic) -> str:
        """Its code, called as the exercise is."""
        return rename(self.source, self.target(topic).rsplit(".", 1)[-1])

    def spliced(self, module_text: str, topic: Topic) -> str:
        """`module_text` with this answer in its place.

        Raises:
            SpliceError: the module does not define what the answer replaces.
        """
        return splice(module_text, self.target(topic), self.source)


def misconception(
    exercise: str, sentence: str, replaces: str | None = None
) -> Callable[[Definition], Definition]:
    """Mark a wrong answer to `exercise`; a student whose answer behaves like it reads `sentence`.

    `replaces` names the definition whose place the answer takes where that is not the exercise's whole target,
    as `AdditiveAttention.forward`.
    """

    def mark(definition: Definition) -> Definition:
        marked: Any = definition
        marked.attend_answer = (exercise, sentence, replaces)
        return definition

    return mark


def alternate(
    exercise: str, replaces: str | None = None, why: str = ""
) -> Callable[[Definition], Definition]:
    """Mark a correct answer to `exercise` of another shape than the reference.

    `why` says in a sentence what is better about it, and where. With it, students who have solved the exercise see it.
    """
    return misconception(exercise, why, replaces)


def load_bank(path: Path) -> list[BankAnswer]:
    """The answers in one bank file, in the file's order.

    Raises:
        ImportError: the file is not Python source by its name.
    """
    spec = importlib.util.spec_from_file_location(f"attend_bank_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = path.read_text(encoding="utf-8")
    answers = []
    for name, value in vars(module).items():
        if "attend_answer" in getattr(value, "__dict__", {}):
            exercise, sentence, replaces = value.attend_answer
            answers.append(BankAnswer(name, exercise, sentence, replaces, definition_text(text, name)))
    return answers


def misconceptions(course: Course, topic: Topic) -> list[BankAnswer]:
    """The topic's known wrong answers."""
    return load_bank(course.misconceptions(topic))


def alternates(course: Course, topic: Topic) -> list[BankAnswer]:
    """The topic's right answers of other shapes."""
    return load_bank(course.alternates(topic))


# how many other ways to write an exercise are shown
MOST_WAYS = 3


def ways(course: Course, topic: Topic) -> dict[str, list[BankAnswer]]:
    """The right answers of other shapes that say what is better about them where, a few of each exercise."""
    found: dict[str, list[BankAnswer]] = {}
    for answer in alternates(course, topic) if course.alternates(topic).exists() else ():
        if answer.sentence and len(found.setdefault(answer.exercise, [])) < MOST_WAYS:
            found[answer.exercise].append(answer)
    return found
