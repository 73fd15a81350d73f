"""Take everything of one student out of a folder of results."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.syllabus import Course
from attend.course.tables import join_key, read_table
from attend.gradebook.publish import write_results
from attend.gradebook.receipts import FOLDER, erase_receipts
from attend.gradebook.reports.feedback import erase_pages
from attend.gradebook.store import Gradebook
from attend.submissions import NOTES, Person
from attend.submissions.people import Directory, keys_of, mentions

# what can be made again from the gradebook
MADE = ("export-*", "changes.csv", "filled-*", "feedback-*.zip")


class EraseError(AttendError):
    """There is no such student."""


@dataclass
class Erased:
    """What was removed: the student, how many topics and pages they had, files, and where they are still named."""

    student: str
    topics: int
    pages: int
    files: list[Path] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def erase(course: Course, gradebook: Gradebook, name: str) -> Erased:
    """Erase a student from the gradebook and from all that was made of it; the class's tables are written again.

    `name` is the student's in the gradebook, an address or a number.

    Raises:
        EraseError: it fits nobody, or two students.
    """
    people = gradebook.people()
    student, problem = Directory(people.items()).find(name)
    if student is None:
        raise EraseError(f"{problem}; nothing was erased.")
    person, out = people[student], gradebook.path.parent
    if any(join_key(other.name) == join_key(person.name) for key, other in people.items() if key != student):
        # a line with this name may be about somebody else
        person = replace(person, name="")
    erased = Erased(student, sum(owner == student for owner, _ in gradebook.hand_ins()), 0)
    gradebook.erase(student)
    erased.pages = erase_pages(out / "feedback", student)
    erase_receipts(out / FOLDER, student)
    for pattern in MADE:
        for path in out.glob(pattern):
            if path.is_file():
                path.unlink()
                erased.files.append(path)
    _leave_out_lines(out / NOTES, student, person)
    write_results(course, gradebook, out)
    erased.left = _still_named(course, out, student, person)
    return erased


def _leave_out_lines(path: Path, student: str, person: Person) -> None:
    if not path.is_file():
        return
    named = mentions(student, person)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not named.search(line)), encoding="utf-8")


def _still_named(course: Course, out: Path, student: str, person: Person) -> list[str]:
    """The rows of the tables beside the course, and the files beside the gradebook, that still name the student."""
    keys = keys_of(student, person) | ({join_key(person.name)} if person.name else set())
    found = []
    for name in (course.policy.extensions, course.policy.adjustments):
        if name:
            rows = read_table(course.root / name, ("student",))
            found += [where for where, row in rows if keys & keys_of(row["student"], Person())]
    named = mentions(student, person)
    for path in sorted(out.iterdir()):
        if path.suffix in (".csv", ".txt", ".html", ".md") and path.is_file():
            if named.search(path.read_text(encoding="utf-8", errors="replace")):
                found.append(path.name)
    return found
