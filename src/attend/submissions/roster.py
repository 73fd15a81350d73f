"""Who is in a class: the tables of people that Canvas, Moodle and Gradescope give, or one of one's own."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

from attend.course.sheet import Sheet, read_sheet
from attend.course.tables import TableError, join_key, without_quote
from attend.submissions.entry import Person
from attend.submissions.people import without_number

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Moodle's worksheets are in the language of whoever downloads them: `Participant 201`, `Teilnehmer/in201`
_PARTICIPANT = re.compile(r"[^\d@]*[^\W\d][^\d@]*(\d+)")
# columns of Moodle's participants, Gradescope's roster and one's own tables, in lower case
_NAMES = {
    "student": ("student", "key"),
    "name": ("name", "full name", "student name", "vollständiger name", "nom complet", "nombre completo"),
    "first": ("first name", "firstname", "given name", "vorname", "prénom", "nombre"),
    "last": ("last name", "lastname", "surname", "last name (surname)", "nachname", "nom", "apellido(s)"),
    "email": ("email", "email address", "e-mail", "mail", "e-mail-adresse", "adresse de courriel"),
    "sid": ("sid", "id number", "student id", "sis user id", "id-nummer", "matriculation number", "matrikelnummer"),
    "canvas_id": ("canvas_id",),
    "moodle_id": ("moodle_id",),
    "section": ("section", "sections", "group", "groups", "gruppe", "gruppen", "groupes", "grupos"),
    "role": ("role", "roles", "rolle"),
}  # fmt: skip
_NO_STUDENT = ("ta", "instructor", "reader", "observer", "teacher", "assistant")


@dataclass(frozen=True)
class RosterEntry:
    """A person on a roster. `student` is the name in the gradebook, where the table says it; `row` the row in it."""

    person: Person
    section: str = ""
    student: str = ""
    row: int = 0

    @property
    def label(self) -> str:
        """What to call the person."""
        person = self.person
        return (
            self.student or person.email or person.name or person.sid or person.canvas_id or person.moodle_id
        )


@dataclass(frozen=True)
class Roster:
    """What a table says: the platform (`canvas`, `moodle`, `gradescope` or ""), the people, and what was left out."""

    platform: str
    sheet: Sheet
    entries: list[RosterEntry]
    notes: list[str]


def read_roster(path: Path) -> Roster:
    """The people in a CSV file.

    Raises:
        TableError: it cannot be read, or has no column that says who somebody is.
    """
    sheet = read_sheet(path)
    head = [text.casefold() for text in sheet.texts(0)]
    if "id" in head and "section" in head and {"student", "lastname"} & set(head):
        return _canvas(sheet, head)
    columns = {
        role: head.index(name) for role, names in _NAMES.items() for name in names[::-1] if name in head
    }
    platform = "gradescope" if {"first", "last", "sid", "email"} <= columns.keys() else ""
    cells = {
        column: [sheet.cell(row, column) for row in range(1, len(sheet.rows))] for column in range(len(head))
    }
    if "email" not in columns:
        found = [column for column, texts in cells.items() if _most(texts, EMAIL)]
        columns |= {"email": found[0]} if found else {}
    if (
        cells
        and _most(cells[0], _PARTICIPANT)
        and len(set(cells[0])) == len(cells[0])
        and "student" not in columns
    ):
        platform = "moodle"
        columns["moodle_id"] = 0
        # where graders do not see names, there is no column with them
        if "name" not in columns and len(set(cells.get(1, ()))) > len(cells[0]) / 2:
            columns["name"] = 1
    if not {"student", "name", "email", "sid", "canvas_id", "moodle_id", "last"} & columns.keys():
        raise TableError(f"{path} has no column student, name, email or sid; it has: {', '.join(head)}.")
    roster = Roster(platform, sheet, [], [])
    for row in range(1, len(sheet.rows)):
        _take(roster, row, {role: without_quote(sheet.cell(row, column)) for role, column in columns.items()})
    return roster


def _most(texts: list[str], pattern: re.Pattern[str]) -> bool:
    there = [text for text in texts if text]
    return bool(there) and sum(bool(pattern.fullmatch(text)) for text in there) > 0.8 * len(there)


def _take(roster: Roster, row: int, found: dict[str, str]) -> None:
    if not any(found.values()):
        return
    if found.get("role", "").casefold().split(" ")[0] in _NO_STUDENT:
        return
    name = found.get("name") or f"{found.get('first', '')} {found.get('last', '')}".strip()
    number = _PARTICIPANT.fullmatch(found.get("moodle_id", ""))
    person = Person(
        name=name,
        email=found.get("email", ""),
        sid=found.get("sid", ""),
        canvas_id=found.get("canvas_id", ""),
        moodle_id=number[1] if number else found.get("moodle_id", ""),
    )
    entry = RosterEntry(person, found.get("section", ""), found.get("student", ""), row)
    if entry.label:
        roster.entries.append(entry)
    else:
        roster.notes.append(f"{roster.sheet.where(row)} says of nobody who it is; the row was not used.")


def _canvas(sheet: Sheet, head: list[str]) -> Roster:
    """The export of Canvas's gradebook; its headings are English in every language."""
    roster = Roster("canvas", sheet, [], [])
    at = {name: head.index(name) for name in head}
    for row in range(1, len(sheet.rows)):
        texts = {name: without_quote(sheet.cell(row, column)) for name, column in at.items()}
        name = texts.get("student") or f"{texts.get('lastname', '')}, {texts.get('firstname', '')}".strip(
            ", "
        )
        if not any(texts.values()) or name.casefold() == "points possible" or not name and not texts["id"]:
            continue
        if name == "Student, Test":
            continue
        if not texts["id"]:
            roster.notes.append(f"{sheet.where(row)} ({name}) has no ID; the row was not used.")
            continue
        login = texts.get("sis login id", "")
        last, comma, first = name.partition(", ")
        person = Person(
            name=f"{first} {last}" if comma else name,
            email=login if "@" in login else "",
            sid=texts.get("sis user id", "") or ("" if "@" in login else login),
            canvas_id=texts["id"],
        )
        roster.entries.append(RosterEntry(person, texts["section"], "", row))
    return roster


@dataclass(frozen=True)
class Matched:
    """Which student each entry of a roster is.

    by_student: the entry of each student.
    rest: the entries of nobody.
    unclear: sentences about the other entries, which were not used: they fit several students, or are there twice.
    possible: the students whom such entries fit, so that nobody can say whether they are on the roster.
    """

    by_student: dict[str, RosterEntry]
    rest: list[RosterEntry]
    unclear: list[str]
    possible: set[str]


def match(entries: list[RosterEntry], people: dict[str, Person]) -> Matched:
    """Which student of a gradebook each entry is: by number or address, else by a name that nobody else has."""
    by_fact: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_name: dict[str, set[str]] = defaultdict(set)
    for student, person in people.items():
        for fact in _facts(student, person):
            by_fact[fact].add(student)
        by_name[join_key(person.name or without_number(student))].add(student)
    names = Counter(join_key(entry.person.name) for entry in entries)
    differs = partial(_contradicts, _kinds_to_compare(entries, people))
    found, rest, unclear, possible = dict[str, RosterEntry](), list[RosterEntry](), list[str](), set[str]()
    shared: dict[str, list[RosterEntry]] = defaultdict(list)
    for entry in entries:
        facts = {student: fact for fact in _facts_of_entry(entry) for student in by_fact.get(fact, ())}
        # each assignment of Moodle has numbers of its own, so a number alone may be another person's
        students = {
            student
            for student, (kind, _) in facts.items()
            if kind != "moodle_id" or not _other_name(entry.person, people[student])
        }
        key = join_key(entry.person.name)
        if not students and key in by_name:
            if names[key] > 1 or len(by_name[key]) > 1:
                shared[key].append(entry)
                continue
            # another number or address says that it is another person of the same name
            students = {each for each in by_name[key] if not differs(entry.person, people[each])}
        if len(students) > 1:
            possible |= students
            unclear.append(f"{entry.label!r} on the roster fits {' and '.join(sorted(students))}.")
        elif students & found.keys():
            unclear.append(f"{entry.label!r} is on the roster twice; the first row counts.")
        elif students:
            found[students.pop()] = entry
        else:
            rest.append(entry)
    for key, alike in shared.items():
        free = by_name[key] - found.keys()
        fits = [
            (entry, {each for each in free if not differs(entry.person, people[each])}) for entry in alike
        ]
        rest += [entry for entry, students in fits if not students]
        students = set[str]().union(*(each for _, each in fits))
        if students:
            possible |= students
            unclear.append(_shared_name(alike[0].person.name, sum(bool(each) for _, each in fits), students))
    return Matched(found, rest, unclear, possible)


def _shared_name(name: str, count: int, students: set[str]) -> str:
    times = "once" if count == 1 else f"{count} times"
    return (
        f"{name!r} is on the roster {times} and fits {' and '.join(sorted(students))}; "
        "a number or an address is needed to tell who is who."
    )


def _facts(student: str, person: Person) -> Iterator[tuple[str, str]]:
    """What tells a student apart, each with its kind, the surest last."""
    for kind in ("moodle_id", "canvas_id", "sid", "email"):
        if value := getattr(person, kind):
            yield kind, join_key(value)
    yield "student", join_key(student)


def _facts_of_entry(entry: RosterEntry) -> Iterable[tuple[str, str]]:
    facts = [fact for fact in _facts(entry.student, entry.person) if fact[1]]
    names = (entry.student, entry.person.email, entry.person.sid)
    return [*facts, *(("student", join_key(name)) for name in names if name)]


def _contradicts(kinds: tuple[str, ...], first: Person, second: Person) -> bool:
    pairs = [(join_key(getattr(first, kind)), join_key(getattr(second, kind))) for kind in kinds]
    return any(one and other and one != other for one, other in pairs)


def _kinds_to_compare(entries: list[RosterEntry], people: dict[str, Person]) -> tuple[str, ...]:
    """The facts in which two records of one person cannot differ.

    Moodle's numbers belong to one assignment, so they are compared only where a number and a name agree somewhere.
    """
    numbered = {(join_key(each.moodle_id), join_key(each.name)) for each in people.values() if each.moodle_id}
    agree = any((join_key(each.person.moodle_id), join_key(each.person.name)) in numbered for each in entries)
    return ("email", "sid", "canvas_id", "moodle_id") if agree else ("email", "sid", "canvas_id")


def _other_name(first: Person, second: Person) -> bool:
    one, other = join_key(first.name), join_key(second.name)
    return bool(one and other and one != other)


def merged(person: Person, listed: Person) -> Person:
    """The person of a download with what only the roster knows, and the roster's name.

    A download's name may be no more than a part of a file's name: `eliotada` is Canvas's for Ada Eliot.
    """
    known = Person(*(getattr(person, each.name) or getattr(listed, each.name) for each in fields(Person)))
    return replace(known, name=listed.name or person.name)
