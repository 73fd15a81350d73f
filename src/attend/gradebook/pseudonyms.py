"""A copy of a gradebook without names, for research or a colleague; the key stays in a file of its own."""

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path

from attend.course.atomic_file import whole_file
from attend.course.errors import AttendError
from attend.course.tables import read_table, without_quote, write_csv
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.gradebook.store import Gradebook
from attend.submissions import Entry

COLUMNS = ("student", "pseudonym")
UNREADABLE = "nothing of this file could be graded"


class PseudonymError(AttendError):
    """The copy cannot be written there."""


def pseudonymise(gradebook: Gradebook, out: Path, key: Path) -> int:
    """Write a copy of the gradebook to the file `out`, with pseudonyms for students; how many there are.

    The CSV `key` says who is who. Students that it holds already have the pseudonym that it says; new ones are added.
    Left out are names, addresses and numbers of people, the platforms' numbers of hand-ins, and every text in which a
    student's own words or file names may be: notes, and messages of tests. Points, outcomes, mistakes and times stay.

    Raises:
        PseudonymError: `out` or `key` is the gradebook itself, or `key` says something else twice.
    """
    if len({path.resolve() for path in (gradebook.path, out, key)}) < 3:
        raise PseudonymError("the gradebook, its copy and the key are three files; name others.")
    names = _pseudonyms(key, list(gradebook.people()))
    # digests of texts would say whose they are to whoever has the texts
    salt = secrets.token_hex(16)
    entries = [
        Entry(student=names[student], topic=topic, path=out, submitted=time.submitted, late=time.late)
        for (student, topic), time in gradebook.hand_ins().items()
    ]
    with whole_file(out) as part:
        for ending in ("", "-wal", "-shm"):
            part.with_name(f"{part.name}{ending}").unlink(missing_ok=True)
        with Gradebook(part) as copy:
            # in an order that says nothing about names
            for student in sorted(names, key=lambda student: names[student]):
                for attempt in gradebook.attempts(student):
                    grade = _without_words(attempt.grade, names[student], salt)
                    copy.add(grade, attempt.grader, attempt.graded)
                    time = attempt.time
                    about = Entry(grade.student, grade.topic, out, submitted=time.submitted, late=time.late)
                    copy.note_attempt(about, grade.digest)
            copy.note(sorted(entries, key=lambda entry: (entry.student, entry.topic)))
    return len(names)


def _pseudonyms(key: Path, students: list[str]) -> dict[str, str]:
    """The pseudonym of every student, after those that are new have been added to the key."""
    names: dict[str, str] = {}
    if key.exists():
        for where, row in read_table(key, COLUMNS):
            student = without_quote(row["student"])
            if student in names or row["pseudonym"] in names.values():
                raise PseudonymError(f"{where}: {student!r} or its pseudonym comes twice; correct the key.")
            names[student] = row["pseudonym"]
    fresh = [student for student in students if student not in names]
    for student in fresh:
        name = _new_name()
        while name in names.values():
            name = _new_name()
        names[student] = name
    if fresh:
        write_csv(key, COLUMNS, sorted(names.items()))
        key.chmod(0o600)
    return {student: names[student] for student in students}


def _new_name() -> str:
    return f"student-{secrets.token_hex(4)}"


def _without_words(grade: Grade, name: str, salt: str) -> Grade:
    digest = hashlib.sha256(f"{salt}{grade.digest}".encode()).hexdigest()
    rows = [_row_without_words(row) for row in grade.exercises]
    problem = UNREADABLE if grade.problem else ""
    return replace(grade, student=name, digest=digest, exercises=rows, problem=problem, notes=[], filename="")


def _row_without_words(row: ExerciseGrade) -> ExerciseGrade:
    tests = [replace(test, message="") for test in row.tests]
    unnamed = replace(row.unnamed, code="") if row.unnamed else None
    return replace(row, notes=[], tests=tests, unnamed=unnamed)
