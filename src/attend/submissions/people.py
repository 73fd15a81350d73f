"""Find a student by the name in a gradebook, an email, a student's number or a platform's number."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol, TypeVar

from attend.course.tables import join_key
from attend.submissions.entry import Person


def keys_of(student: str, person: Person) -> set[str]:
    """All that a table may call a student, in the form of `join_key`."""
    names = (student, person.email, person.sid, person.canvas_id, person.moodle_id)
    return {join_key(name) for name in names if name}


def without_number(student: str) -> str:
    """The name of a student in a gradebook without the number that a platform puts behind it."""
    return re.sub(r"_\d+$", "", student)


def first_name_first(name: str) -> str:
    """`Ada Lovelace` for `Lovelace, Ada`; any other name as it is."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else name


def name_words(student: str, person: Person) -> list[str]:
    """The words of a student's names and address, and long numbers."""
    names = re.findall(r"[^\W_]{2,}", f"{student} {person.name} {person.email.partition('@')[0]}")
    return [word for word in names if not word.isdecimal() or len(word) > 3]


class Row(Protocol):
    """A row of a table about a student; `where` is its place, for messages."""

    @property
    def student(self) -> str:
        """What the table calls the student."""

    @property
    def where(self) -> str:
        """The file and the line."""


AnyRow = TypeVar("AnyRow", bound=Row)
# the rows of each student of the gradebook, and a sentence for every row that fits nobody
Joined = tuple[dict[str, list[AnyRow]], list[str]]


class Directory:
    """The students of a class by all that a table may call them; by their own names where nothing else fits."""

    def __init__(self, people: Iterable[tuple[str, Person]]):
        self._students: dict[str, set[str]] = defaultdict(set)
        names: dict[str, set[str]] = defaultdict(set)
        for student, person in people:
            for key in keys_of(student, person):
                self._students[key].add(student)
            for name in {person.name, first_name_first(person.name)} - {""}:
                names[join_key(name)].add(student)
        self._students = names | self._students

    def find(self, name: str) -> tuple[str | None, str]:
        """The student, or None and why there is none, in words."""
        keys = [join_key(name), join_key(first_name_first(name))]
        found = next((self._students[key] for key in keys if key in self._students), set())
        if len(found) == 1:
            return next(iter(found)), ""
        if found:
            return None, f"{name!r} fits {' and '.join(sorted(found))}"
        close = difflib.get_close_matches(join_key(name), self._students, 1, 0.8)
        hint = f" (is it {', '.join(sorted(self._students[close[0]]))}?)" if close else ""
        return None, f"no student here is called {name!r}{hint}"

    def join(self, rows: Iterable[AnyRow], lost: str) -> Joined[AnyRow]:
        """The rows of each student, and a sentence for every row that fits nobody; `lost` says what comes of that."""
        found: dict[str, list[AnyRow]] = defaultdict(list)
        notes = []
        for row in rows:
            student, problem = self.find(row.student)
            if student is None:
                notes.append(f"{row.where}: {problem}; {lost}.")
            else:
                found[student].append(row)
        return found, notes


def mentions(student: str, person: Person) -> re.Pattern[str]:
    """Matches a text that names the student: by the name in the gradebook, the whole name, the address or a long number."""
    names = [student, person.name, person.email]
    names += [number for number in (person.sid, person.canvas_id, person.moodle_id) if len(number) > 4]
    either = "|".join(
        re.escape(name) for name in sorted({name for name in names if name}, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w@.-])(?:{either})(?![^\W_]|[@-])", re.IGNORECASE)
