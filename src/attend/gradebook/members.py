"""Who is in the class: the students who handed in, and those on the roster."""

from dataclasses import dataclass

from attend.course.words import how_many
from attend.submissions import Person
from attend.submissions.roster import RosterEntry
from attend.submissions.roster_match import match, merged, unused

SHOWN = 5


@dataclass(frozen=True)
class Members:
    """The students of a gradebook.

    people: every student with what is known of them, in the order of their names in the gradebook.
    roster: the roster's entry of each student that it has.
    absent: the students on the roster who handed in nothing.
    unlisted: the students who handed in and are not on the roster; none where there is no roster.
    unclear: sentences about entries of the roster that were not used. The students whom they fit are not `unlisted`.
    """

    people: dict[str, Person]
    roster: dict[str, RosterEntry]
    absent: list[str]
    unlisted: list[str]
    unclear: list[str]

    def section(self, student: str) -> str:
        """The student's section; "" where none is known."""
        return self.roster[student].section if student in self.roster else ""

    @property
    def notes(self) -> list[str]:
        """Who has not handed in, who is not on the roster, and which entries were not used."""
        notes = []
        for students, what in (
            (self.absent, "on the roster handed in nothing"),
            (self.unlisted, "who handed in are not on the roster, so they may have left"),
        ):
            if students:
                shown = ", ".join(students[:SHOWN]) + (", …" if len(students) > SHOWN else "")
                notes.append(f"{how_many(len(students), 'student')} {what}: {shown}.")
        if self.absent and self.unlisted and not set(self.roster) - set(self.absent) and not self.unclear:
            notes.append(
                "Nobody on the roster is one of those who handed in. It needs a name, an address or a number by which the "
                "gradebook knows them."
            )
        return [*notes, *self.unclear]


def members_of(people: dict[str, Person], entries: list[RosterEntry]) -> Members:
    """Those who handed in and those on the roster, together."""
    matched = match(entries, people)
    everybody = {
        student: merged(person, matched.by_student[student].person)
        if student in matched.by_student
        else person
        for student, person in people.items()
    }
    roster, absent = dict(matched.by_student), []
    for entry in matched.rest:
        student = unused(entry.label, everybody)
        everybody[student], roster[student] = entry.person, entry
        absent.append(student)
    known = matched.by_student.keys() | matched.possible
    unlisted = [student for student in people if student not in known] if entries else []
    return Members(dict(sorted(everybody.items())), roster, sorted(absent), unlisted, matched.unclear)
