"""When things were handed in: the tables `hand_ins` (the last of each topic) and `attempts` (by the digest of the text)."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from attend.gradebook.records import SubmissionTime
from attend.submissions import Entry
from attend.submissions.names import printable

TIME_COLUMNS = "submitted, late, reference, entry"
# A moment that is known stays known where the same hand-in comes again without one.
_STAYS = "excluded.submitted = '' AND submitted <> '' AND excluded.reference IN ('', reference)"
_TIME = ", ".join(
    f"{column} = CASE WHEN {_STAYS} THEN {column} ELSE excluded.{column} END"
    for column in ("submitted", "late", "reference")
)
_TIME += ", entry = excluded.entry"


def as_time(
    submitted: str | None, late: int | None, reference: str | None, entry: str | None
) -> SubmissionTime:
    """The time in a row; one of which nothing is known where there is no row."""
    moment = datetime.fromisoformat(submitted) if submitted else None
    return SubmissionTime(moment, bool(late), reference or "", entry or "")


def note_hand_ins(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Keep when each entry was handed in, in place of an earlier one of the same student and topic."""
    db.executemany(
        f"INSERT INTO hand_ins VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (student, topic) DO UPDATE SET {_TIME}",
        [(entry.student, entry.topic, *_row(entry)) for entry in entries],
    )


def _row(entry: Entry) -> tuple[str, bool, str, str]:
    moment = entry.submitted.isoformat() if entry.submitted else ""
    return moment, entry.late, entry.reference, printable(entry.entry)


def note_attempt(db: sqlite3.Connection, entry: Entry, digest: str) -> None:
    """Keep when a text was handed in.

    Of a text that is known, another time is a correction where the platform's name of the hand-in is the same. Otherwise it
    was handed in once more, and the first time stays. A time that is known is never replaced by one that is not.
    """
    key = (entry.student, entry.topic, digest)
    query = f"SELECT {TIME_COLUMNS} FROM attempts WHERE (student, topic, digest) = (?, ?, ?)"
    row = db.execute(query, key).fetchone()
    if row is not None:
        known = as_time(*row)
        again = known.reference != entry.reference
        if known.submitted and (not entry.submitted or again and entry.submitted >= known.submitted):
            return
        if again and not entry.submitted and not known.late:
            return
    db.execute("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)", (*key, *_row(entry)))
