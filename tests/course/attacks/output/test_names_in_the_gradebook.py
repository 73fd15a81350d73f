"""A name that is a command to the database, or no text at all, is stored as a name."""

import sqlite3

from .conftest import NAMES


def test_names_in_the_gradebook(results):
    with sqlite3.connect(results.out / "gradebook.sqlite") as database:
        students = {name for (name,) in database.execute("SELECT student FROM submissions")}
    assert len(students) == len(NAMES)
    assert "\\xff\\xfe\\xfd" in students
