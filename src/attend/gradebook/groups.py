"""Wrong answers to which no known mistake fits, in groups of those that behave alike."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from attend.course.syllabus import Exercise, Topic
from attend.gradebook.grade import Grade, TestGrade, Unnamed
from attend.submissions import Person
from attend.submissions.people import name_words

# a shorter word of a name may be any word of a program
LONG_ENOUGH = 4
HIDDEN = "name_hidden"


@dataclass
class Group:
    """The students of a topic whose answers to one exercise are wrong in the same way.

    number: its number among the topic's groups, the largest is 1.
    codes: the code of each student, where it was kept.
    failing: what the failing tests ask for. nearest: the known mistakes that fit best, with how often.
    """

    exercise: Exercise
    behaviour: str
    number: int = 0
    students: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    failing: list[str] = field(default_factory=list)
    nearest: Counter[str] = field(default_factory=Counter)

    @property
    def nearest_name(self) -> str:
        """The known mistake that fits best, in words; empty where none fits."""
        return next((name.replace("_", " ") for name, _ in self.nearest.most_common(1)), "")

    def shown_code(self, people: dict[str, Person]) -> str:
        """The smallest code of the group, without the name of whose it is; empty where none was kept."""
        found = [(*self._without_name(student, people), len(code)) for student, code in self.codes.items()]
        return min(found, key=lambda each: each[1:], default=("",))[0]

    def codes_without_names(self, people: dict[str, Person]) -> list[str]:
        """The codes in which their student is not named, the smallest first."""
        found = [self._without_name(student, people) for student in self.codes]
        return sorted((code for code, named in found if not named), key=len)

    def _without_name(self, student: str, people: dict[str, Person]) -> tuple[str, bool]:
        """The student's code without the words of the student's name, and whether it held any."""
        words = name_words(student, people.get(student, Person()))
        either = "|".join(re.escape(word) for word in words if len(word) >= LONG_ENOUGH)
        if not either:
            return self.codes[student], False
        code, count = re.subn(either, HIDDEN, self.codes[student], flags=re.IGNORECASE)
        return code, count > 0


class Groups:
    """The groups of each topic, made from grades one by one."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[str, str], Group]] = defaultdict(dict)

    def add(self, topic: Topic, grade: Grade) -> None:
        """Take in a grade of `topic`."""
        exercises = {exercise.name: exercise for exercise in topic.exercises}
        for row in grade.exercises:
            if row.unnamed is not None and row.exercise in exercises:
                key = (row.exercise, row.unnamed.behaviour)
                fresh = Group(exercises[row.exercise], row.unnamed.behaviour)
                _add_row(
                    self._found[topic.slug].setdefault(key, fresh), grade.student, row.unnamed, row.tests
                )

    def of(self, topic: Topic) -> list[Group]:
        """The groups of a topic, the largest first."""
        order = [exercise.name for exercise in topic.exercises]
        groups = sorted(
            self._found[topic.slug].values(),
            key=lambda group: (-len(group.students), order.index(group.exercise.name), group.behaviour),
        )
        for number, group in enumerate(groups, start=1):
            group.number = number
        return groups


def _add_row(group: Group, student: str, unnamed: Unnamed, tests: list[TestGrade]) -> None:
    group.students.append(student)
    if unnamed.code:
        group.codes[student] = unnamed.code
    if unnamed.nearest:
        group.nearest[unnamed.nearest] += 1
    if not group.failing:
        group.failing = list(dict.fromkeys(test.sentence for test in tests if not test.passed))
