"""When things were handed in, from a table, where a download does not say."""

from dataclasses import replace
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.syllabus import Course
from attend.course.tables import TableError, parse_moment, read_table
from attend.submissions import Intake


def set_times(course: Course, intake: Intake, path: Path) -> Intake:
    """The intake with the moments in the CSV at `path`: student, topic, submitted.

    Raises:
        TableError: a row cannot be read.
    """
    moments = {}
    for where, row in read_table(path, ("student", "topic", "submitted")):
        try:
            slug = course.topic(row["topic"]).slug
        except AttendError as error:
            raise TableError(f"{where}: {error}") from error
        moments[row["student"], slug] = parse_moment(where, row["submitted"])
    entries = []
    for entry in intake.entries:
        who = entry.person
        names = (entry.student, who.email, who.sid, who.canvas_id, who.moodle_id)
        moment = next((moments[name, entry.topic] for name in names if (name, entry.topic) in moments), None)
        entries.append(replace(entry, submitted=moment, late=False) if moment else entry)
    return replace(intake, entries=entries)
