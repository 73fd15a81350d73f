"""Who is in a class: the tables of people that Canvas, Moodle and Gradescope give, or one of one's own."""

import re
from dataclasses import dataclass
from pathlib import Path

from attend.course.sheet import Sheet, read_sheet
from attend.course.tables import TableError, without_quote
from attend.submissions.entry import Person
from attend.submissions.people import first_name_first

_DIGIT = re.compile(r".*\d.*")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Moodle's worksheets are in the language of whoever downloads them: `Participant 201`, `Teilnehmer/in201`
_PARTICIPANT = re.compile(r"[^\d@]*[^\W\d][^\d@]*(\d+)")
# columns of Moodle's participants, Gradescope's roster and one's own tables, in lower case
_NAMES = {
    "student": ("student", "key", "github_username", "username"),
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
    if "github_username" in head and "identifier" in head:
        # GitHub Classroom's identifiers are what each teacher chooses: addresses, numbers or names
        at = head.index("identifier")
        columns["sid" if _most(cells[at], _DIGIT) and columns.get("email") != at else "identifier"] = at
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
    name = name or ("" if found.get("email") else found.get("identifier", ""))
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
        person = Person(
            name=first_name_first(name),
            email=login if "@" in login else "",
            sid=texts.get("sis user id", "") or ("" if "@" in login else login),
            canvas_id=texts["id"],
        )
        roster.entries.append(RosterEntry(person, texts["section"], "", row))
    return roster
