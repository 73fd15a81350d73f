"""Which student of a gradebook each person on a roster is; and several tables of people as one roster."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial

from attend.course.tables import join_key
from attend.submissions.entry import Person
from attend.submissions.people import without_number
from attend.submissions.roster import Roster, RosterEntry


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


def put_together(rosters: list[Roster]) -> tuple[list[RosterEntry], list[str]]:
    """The people of several tables, each of them once, and sentences about rows that were not used.

    What a later table says is added to what earlier ones say of the same person.
    """
    everybody, notes = dict[str, RosterEntry](), [note for roster in rosters for note in roster.notes]
    for roster in rosters:
        found = Matched({}, roster.entries, [], set())
        if everybody:
            found = match(roster.entries, {label: entry.person for label, entry in everybody.items()})
        for label, other in found.by_student.items():
            entry = everybody[label]
            everybody[label] = replace(
                entry,
                person=merged(entry.person, other.person),
                section=entry.section or other.section,
                student=entry.student or other.student,
            )
        for entry in found.rest:
            everybody[unused(entry.label, everybody)] = entry
        notes += found.unclear
    return list(everybody.values()), notes


def unused(label: str, names: Container[str]) -> str:
    """The label, marked with primes where it is among the names."""
    while label in names:
        label += "\N{PRIME}"
    return label
