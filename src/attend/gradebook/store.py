"""The gradebook: every grade in one SQLite file. Grading the same thing twice changes nothing."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from datetime import UTC, datetime
from pathlib import Path

from attend.course.atomic_file import WriteError
from attend.course.syllabus import new_secret
from attend.gradebook.grade import Grade, same_result
from attend.gradebook.hand_in_times import TIME_COLUMNS, as_time, note_attempt, note_hand_ins
from attend.gradebook.members import Members, members_of
from attend.gradebook.records import Attempt, SubmissionTime
from attend.gradebook.schema import TABLES, prepare
from attend.submissions import GRADEBOOK, Entry, Person
from attend.submissions.roster import RosterEntry

# one exercise of one graded topic, in the order of COLUMNS
ExerciseRow = tuple[str, str, str, float, float, str, str]
COLUMNS = ("student", "topic", "exercise", "points", "max_points", "outcome", "diagnosis")

# held by the run that writes to a folder of results
LOCK = ".attend.lock"
_PERSON = tuple(column.name for column in fields(Person))


class GradebookError(WriteError):
    """The gradebook cannot be read or written."""


class Gradebook:
    """`gradebook.sqlite` in a folder of results."""

    def __init__(self, path: Path):
        self.path = path
        self._opened = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path)
            self._db.execute("PRAGMA journal_mode=WAL")
            # after a power cut the last grades may be missing; they are graded again
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA secure_delete=ON")
            prepare(self._db)
        except (sqlite3.Error, OSError) as error:
            raise GradebookError(
                f"{path} cannot be opened for writing ({error}); name another --out."
            ) from error

    def add(self, grade: Grade, grader: str, graded: str | None = None) -> None:
        """Put a grade in, in place of an earlier one of the same student and topic, which `attempts` keeps.

        `graded` is when it was given; when the gradebook was opened, if left out.
        """
        rows = [
            (
                grade.student,
                grade.topic,
                row.exercise,
                number,
                row.points,
                row.max_points,
                row.outcome,
                row.diagnosis,
            )
            for number, row in enumerate(grade.exercises, start=1)
        ]
        key = (grade.student, grade.topic)
        with self._writing():  # one transaction: a grade is in whole or not at all
            graded = self._keep_earlier(grade, self._opened if graded is None else graded)
            self._db.execute("DELETE FROM exercises WHERE (student, topic) = (?, ?)", key)
            self._db.executemany("INSERT INTO exercises VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._db.execute(
                "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?, ?, ?)",
                (*key, grade.digest, grader, grade.to_json(), graded),
            )

    def rewrite(self, grade: Grade) -> None:
        """Put other words into a grade that is there: names of mistakes, sentences, notes. Its points are the same."""
        key = (grade.student, grade.topic)
        names = [(row.diagnosis, *key, row.exercise) for row in grade.exercises]
        with self._writing():
            self._db.execute(
                "UPDATE submissions SET grade = ? WHERE (student, topic) = (?, ?)", (grade.to_json(), *key)
            )
            self._db.executemany(
                "UPDATE exercises SET diagnosis = ? WHERE (student, topic, exercise) = (?, ?, ?)", names
            )

    def same_points(self, topic: str, before: str, after: str) -> None:
        """Take the grades that one grader gave for those of another, which gives the same points to all of them."""
        with self._writing():
            self._db.execute(
                "UPDATE submissions SET grader = ? WHERE (topic, grader) = (?, ?)", (after, topic, before)
            )

    def _keep_earlier(self, grade: Grade, graded: str) -> str:
        """Move the grade that `grade` takes the place of to the history; when `grade` was first given.

        A grade that says the same as the one before is no other grade, and has its time.
        """
        key = (grade.student, grade.topic)
        query = "SELECT grade, graded FROM submissions WHERE (student, topic) = (?, ?)"
        earlier = self._db.execute(query, key).fetchone()
        if earlier is None:
            return graded
        if same_result(Grade.from_json(earlier[0]), grade):
            return str(earlier[1])
        columns = "student, topic, digest, grader, grade, graded"
        self._db.execute(
            f"INSERT INTO history ({columns}) SELECT {columns} FROM submissions WHERE (student, topic) = (?, ?)",
            key,
        )
        return graded

    def add_earlier(self, grade: Grade, grader: str) -> None:
        """Put in the grade of an earlier attempt: it takes no other grade's place."""
        key = (grade.student, grade.topic, grade.digest)
        # a run before this one took it for the last
        query = "SELECT 1 FROM submissions WHERE (student, topic, digest) = (?, ?, ?)"
        if self._db.execute(query, key).fetchone():
            return self.add(grade, grader)
        with self._writing():
            query = "SELECT number, grade FROM history WHERE (student, topic, digest) = (?, ?, ?) ORDER BY number DESC"
            known = self._db.execute(query, key).fetchone()
            if known is not None and same_result(Grade.from_json(known[1]), grade):
                self._db.execute("UPDATE history SET grader = ? WHERE number = ?", (grader, known[0]))
                return
            self._db.execute(
                "INSERT INTO history (student, topic, digest, grader, grade, graded) VALUES (?, ?, ?, ?, ?, ?)",
                (*key, grader, grade.to_json(), self._opened),
            )

    def known_earlier(self) -> set[tuple[str, str, str, str]]:
        """As `known`, of earlier attempts."""
        return set(self._db.execute("SELECT student, topic, digest, grader FROM history"))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._db:
                yield
        except sqlite3.Error as error:
            raise GradebookError(
                f"{self.path} cannot be written ({error}); what is in it is kept: make room and start again."
            ) from error

    def known(self) -> set[tuple[str, str, str, str]]:
        """(student, topic, digest of the submission, digest of the grader) of every grade that is complete.

        A grade with an exercise that could not be graded is not: it is tried again.
        """
        ungraded = "SELECT 1 FROM exercises e WHERE (e.student, e.topic, e.outcome) = (s.student, s.topic, 'ungraded')"
        query = f"SELECT student, topic, digest, grader FROM submissions s WHERE NOT EXISTS ({ungraded})"
        return set(self._db.execute(query))

    def grades(self) -> Iterator[Grade]:
        """All grades, by student and topic."""
        for (text,) in self._db.execute("SELECT grade FROM submissions ORDER BY student, topic"):
            yield Grade.from_json(text)

    def grade(self, student: str, topic: str, digest: str = "") -> Grade:
        """The grade of the last attempt, or the latest one of the text that has this digest."""
        query = """
            SELECT grade FROM (
                SELECT student, topic, digest, grade, 1e18 AS number FROM submissions
                UNION ALL SELECT student, topic, digest, grade, number FROM history WHERE ?3 <> ''
            ) WHERE student = ?1 AND topic = ?2 AND ?3 IN ('', digest) ORDER BY number DESC
        """
        return Grade.from_json(self._db.execute(query, (student, topic, digest)).fetchone()[0])

    def attempts(self, student: str | None = None, topic: str | None = None) -> Iterator[Attempt]:
        """All grades that were given, of everybody or one student and topic: by student, topic and time, the latest last."""
        names = [name for name, value in (("student", student), ("topic", topic)) if value is not None]
        where = "WHERE " + " AND ".join(f"{name} = :{name}" for name in names) if names else ""
        query = f"""
            SELECT grade, grader, graded, {TIME_COLUMNS} FROM (
                SELECT student, topic, digest, number, grade, grader, graded FROM history {where}
                UNION ALL
                SELECT student, topic, digest, 1e18, grade, grader, graded FROM submissions {where}
            ) LEFT JOIN attempts USING (student, topic, digest)
            ORDER BY student, topic, number
        """
        for text, grader, graded, *time in self._db.execute(query, {"student": student, "topic": topic}):
            yield Attempt(Grade.from_json(text), grader, graded, as_time(*time))

    def several_attempts(self) -> set[tuple[str, str]]:
        """Student and topic of which more than one text was graded."""
        query = """
            SELECT DISTINCT student, topic FROM history h JOIN submissions s USING (student, topic)
            WHERE h.digest <> s.digest
        """
        return set(self._db.execute(query))

    def attempt_times(self, student: str, topic: str) -> list[SubmissionTime]:
        """When a student handed in each text for a topic."""
        query = f"SELECT {TIME_COLUMNS} FROM attempts WHERE (student, topic) = (?, ?)"
        return [as_time(*time) for time in self._db.execute(query, (student, topic))]

    def note_attempt(self, entry: Entry, digest: str) -> None:
        """Keep when the text with this digest was handed in; of one text the first time, unless it is a correction."""
        with self._writing():
            note_attempt(self._db, entry, digest)

    def topics(self) -> list[str]:
        """The slugs of which there are grades."""
        return [slug for (slug,) in self._db.execute("SELECT DISTINCT topic FROM submissions ORDER BY topic")]

    def students(self) -> int:
        """How many students have a grade."""
        return self._count("DISTINCT student")

    def count(self) -> int:
        """How many grades there are."""
        return self._count("*")

    def _count(self, what: str) -> int:
        (count,) = self._db.execute(f"SELECT count({what}) FROM submissions").fetchone()
        return int(count)

    def note(self, entries: Collection[Entry]) -> None:
        """Keep who handed in and when; facts about a person or a time that only an earlier download had are kept."""
        people = {entry.student: (entry.student, *astuple(entry.person)) for entry in entries}
        kept = ", ".join(
            f"{column} = CASE excluded.{column} WHEN '' THEN {column} ELSE excluded.{column} END"
            for column in _PERSON
        )
        with self._writing():
            self._db.executemany(
                f"INSERT INTO people VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (student) DO UPDATE SET {kept}",
                people.values(),
            )
            note_hand_ins(self._db, entries)

    def people(self) -> dict[str, Person]:
        """Every student with what is known of them, by name in the gradebook; also who is on the roster only."""
        return self.members().people

    def members(self) -> Members:
        """Who handed in, and who is on the roster."""
        columns = ", ".join(_PERSON)
        rows = self._db.execute(f"SELECT student, {columns} FROM people")
        found = {student: Person(*rest) for student, *rest in rows}
        for (student,) in self._db.execute("SELECT DISTINCT student FROM submissions"):
            found.setdefault(student, Person())
        listed = self._db.execute(f"SELECT number, student, section, {columns} FROM roster ORDER BY number")
        entries = [
            RosterEntry(Person(*rest), section, student, number) for number, student, section, *rest in listed
        ]
        return members_of(dict(sorted(found.items())), entries)

    def set_roster(self, entries: Iterable[RosterEntry]) -> None:
        """Keep who is in the class, in place of an earlier roster."""
        rows = [(entry.student, entry.section, *astuple(entry.person)) for entry in entries]
        with self._writing():
            self._db.execute("DELETE FROM roster")
            self._db.executemany(
                f"INSERT INTO roster (student, section, {', '.join(_PERSON)}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def hand_ins(self) -> dict[tuple[str, str], SubmissionTime]:
        """When each topic was handed in, by student and topic."""
        rows = self._db.execute(f"SELECT student, topic, {TIME_COLUMNS} FROM hand_ins")
        return {(student, topic): as_time(*time) for student, topic, *time in rows}

    def rows(self) -> Iterator[ExerciseRow]:
        """The rows of grades.csv: one for every exercise of every graded topic."""
        query = f"SELECT {', '.join(COLUMNS)} FROM exercises ORDER BY student, topic, number"
        return iter(self._db.execute(query))

    def pages(self) -> dict[tuple[str, str], str]:
        """A digest of what each feedback page shows, by student and topic."""
        rows = self._db.execute("SELECT student, topic, shown FROM pages")
        return {(student, topic): shown for student, topic, shown in rows}

    def note_pages(self, pages: Iterable[tuple[str, str, str]]) -> None:
        """Keep student, topic and digest of each feedback page that was written."""
        with self._writing():
            self._db.executemany("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", pages)

    def secret(self) -> str:
        """What is added to the course's seed where `fresh_inputs` is on; made when first asked for, and kept."""
        with self._writing():
            self._db.execute("INSERT OR IGNORE INTO inputs VALUES (1, ?)", (new_secret(),))
        return str(self._db.execute("SELECT secret FROM inputs").fetchone()[0])

    def erase(self, student: str) -> None:
        """Take out everything of a student, and overwrite it in the file."""
        entry = self.members().roster.get(student)
        with self._writing():
            if entry is not None:
                self._db.execute("DELETE FROM roster WHERE number = ?", (entry.row,))
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table} WHERE student = ?", (student,))
        with self._writing():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_gradebook(results: Path) -> Gradebook:
    """The gradebook in a folder of results that `attend grade` wrote, or the file itself.

    Raises:
        GradebookError: there is none.
    """
    path = results / GRADEBOOK if results.is_dir() else results
    if not path.is_file():
        raise GradebookError(f"{path} does not exist; `attend grade … --out {results}` makes it.")
    return Gradebook(path)


def known_students(results: Path) -> set[str]:
    """The students of the gradebook in a folder of results; none where there is no gradebook."""
    path = results / GRADEBOOK
    if not path.is_file():
        return set()
    with Gradebook(path) as gradebook:
        return set(gradebook.people())
