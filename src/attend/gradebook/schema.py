"""The tables of a gradebook, and how a gradebook of an earlier version gets those of this one."""

import sqlite3

# Raised with each change of the tables; SQLite keeps it in the file as `user_version`.
VERSION = 2
# all of them have a column `student`
TABLES = ("submissions", "exercises", "people", "hand_ins", "pages", "history", "attempts")

_FIRST = (
    """CREATE TABLE IF NOT EXISTS submissions (
        student TEXT NOT NULL, topic TEXT NOT NULL, digest TEXT NOT NULL, grader TEXT NOT NULL, grade TEXT NOT NULL,
        PRIMARY KEY (student, topic)
    )""",
    """CREATE TABLE IF NOT EXISTS exercises (
        student TEXT NOT NULL, topic TEXT NOT NULL, exercise TEXT NOT NULL, number INTEGER NOT NULL,
        points REAL NOT NULL, max_points REAL NOT NULL, outcome TEXT NOT NULL, diagnosis TEXT NOT NULL,
        PRIMARY KEY (student, topic, exercise)
    )""",
    """CREATE TABLE IF NOT EXISTS people (
        student TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, sid TEXT NOT NULL,
        canvas_id TEXT NOT NULL, moodle_id TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS hand_ins (
        student TEXT NOT NULL, topic TEXT NOT NULL, submitted TEXT NOT NULL, late INTEGER NOT NULL,
        reference TEXT NOT NULL, PRIMARY KEY (student, topic)
    )""",
    """CREATE TABLE IF NOT EXISTS pages (
        student TEXT NOT NULL, topic TEXT NOT NULL, shown TEXT NOT NULL, PRIMARY KEY (student, topic)
    )""",
    "CREATE TABLE IF NOT EXISTS inputs (row INTEGER PRIMARY KEY CHECK (row = 1), secret TEXT NOT NULL)",
)
# When each grade was given, the grades that another one took the place of, oldest first, how a platform's download
# names a hand-in, and who is in the class.
_HISTORY = (
    "ALTER TABLE hand_ins ADD COLUMN entry TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE submissions ADD COLUMN graded TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE history (
        number INTEGER PRIMARY KEY, student TEXT NOT NULL, topic TEXT NOT NULL, digest TEXT NOT NULL,
        grader TEXT NOT NULL, grade TEXT NOT NULL, graded TEXT NOT NULL
    )""",
    "CREATE INDEX history_by_student ON history (student, topic)",
    """CREATE TABLE roster (
        number INTEGER PRIMARY KEY, student TEXT NOT NULL, section TEXT NOT NULL, name TEXT NOT NULL,
        email TEXT NOT NULL, sid TEXT NOT NULL, canvas_id TEXT NOT NULL, moodle_id TEXT NOT NULL
    )""",
)
# when each text was handed in
_ATTEMPTS = (
    """CREATE TABLE attempts (
        student TEXT NOT NULL, topic TEXT NOT NULL, digest TEXT NOT NULL, submitted TEXT NOT NULL, late INTEGER NOT NULL,
        reference TEXT NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (student, topic, digest)
    )""",
)
# what leads from each version to the next
_STEPS = (_FIRST + _HISTORY, _ATTEMPTS)


class NewerVersionError(sqlite3.Error):
    """The file was written by a later version of this program."""


def prepare(db: sqlite3.Connection) -> None:
    """Give the database the tables of this version; rows that are there stay.

    Raises:
        sqlite3.Error: the file is no database, cannot be written, or is of a later version.
    """
    if _version(db) == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    with db:
        # another process may have been faster
        version = _version(db)
        if version > VERSION:
            raise NewerVersionError(
                f"it is of version {version}, and this Attend reads {VERSION}; update Attend"
            )
        for step in _STEPS[version:]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)
