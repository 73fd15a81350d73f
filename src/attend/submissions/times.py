"""When things were handed in, from a table, where a download does not say."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from attend.course.errors import AttendError
from attend.course.syllabus import Course
from attend.course.tables import TableError, parse_moment, read_table
from attend.submissions.entry import Intake
from attend.submissions.people import Directory


def set_times(course: Course, intake: Intake, path: Path) -> Intake:
    """The intake with the moments in the CSV at `path`: student, topic, submitted. Rows that fit nobody are noted.

    Raises:
        TableError: a row cannot be read.
    """
    people = Directory((entry.student, entry.person) for entry in intake.entries)
    topics = {entry.topic for entry in intake.entries}
    moments: dict[tuple[str, str], datetime] = {}
    notes = []
    for where, row in read_table(path, ("student", "topic", "submitted")):
        try:
            slug = course.topic(row["topic"]).slug
        except AttendError as error:
            raise TableError(f"{where}: {error}") from error
        moment = parse_moment(where, row["submitted"], course.policy.time_zone)
        student, problem = people.find(row["student"])
        if student is None:
            notes.append(f"{where}: {problem}; the row was not used.")
        moments[student or "", slug] = moment
    entries = []
    for entry in intake.entries:
        key = (entry.student, entry.topic)
        if key in moments:
            entry = replace(entry, submitted=moments.pop(key), late=False)
        entries.append(entry)
    notes += [
        f"{path.name}: {student} handed in nothing for {slug}; the row was not used."
        for student, slug in moments
        if student and slug in topics
    ]
    return replace(intake, entries=entries, notes=[*intake.notes, *notes])
