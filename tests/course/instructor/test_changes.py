"""A gradebook keeps every grade of a submission, and lists what a regrade changed."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from attend.gradebook.changes import changes
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade
from attend.gradebook.schema import VERSION
from attend.gradebook.store import Gradebook, GradebookError

from ..common import read_rows

# the tables of a gradebook of version 0, as they were before grades were kept
OLD = """
CREATE TABLE submissions (student TEXT NOT NULL, topic TEXT NOT NULL, digest TEXT NOT NULL, grader TEXT NOT NULL,
    grade TEXT NOT NULL, PRIMARY KEY (student, topic));
CREATE TABLE exercises (student TEXT NOT NULL, topic TEXT NOT NULL, exercise TEXT NOT NULL, number INTEGER NOT NULL,
    points REAL NOT NULL, max_points REAL NOT NULL, outcome TEXT NOT NULL, diagnosis TEXT NOT NULL,
    PRIMARY KEY (student, topic, exercise));
CREATE TABLE people (student TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, sid TEXT NOT NULL,
    canvas_id TEXT NOT NULL, moodle_id TEXT NOT NULL);
CREATE TABLE hand_ins (student TEXT NOT NULL, topic TEXT NOT NULL, submitted TEXT NOT NULL, late INTEGER NOT NULL,
    reference TEXT NOT NULL, PRIMARY KEY (student, topic));
CREATE TABLE pages (student TEXT NOT NULL, topic TEXT NOT NULL, shown TEXT NOT NULL, PRIMARY KEY (student, topic));
INSERT INTO people VALUES ('ada', 'Ada', 'ada@u.example', '', '', '');
INSERT INTO hand_ins VALUES ('ada', 't01_tiny', '2026-10-02T12:00:00+00:00', 0, '');
INSERT INTO pages VALUES ('ada', 't01_tiny', 'abc');
INSERT INTO exercises VALUES ('ada', 't01_tiny', 'scale', 1, 20, 40, 'partial', '');
INSERT INTO exercises VALUES ('ada', 't01_tiny', 'shifted', 2, 60, 60, 'full', '');
"""


def graded(points: float, student: str = "ada", digest: str = "d", seconds: float = 0.1, **tests: str):
    rows = [TestGrade(name, "It holds.", outcome, seconds=seconds) for name, outcome in tests.items()]
    exercises = [
        ExerciseGrade("scale", points, 40.0, "partial", tests=rows),
        ExerciseGrade("shifted", 60.0, 60.0, "full"),
    ]
    return Grade(student, "t01_tiny", "1", 7, digest, "none", exercises, seconds)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "gradebook.sqlite"


@pytest.fixture
def put(path):
    """Grade in a run of its own, at a moment."""

    def add(*grades: Grade, grader: str = "g", at: datetime = datetime(2026, 10, 5, tzinfo=UTC)) -> None:
        with Gradebook(path) as book:
            book._opened = at.isoformat()
            for grade in grades:
                book.add(grade, grader)

    return add


def found(path, **options):
    with Gradebook(path) as book:
        return list(changes(book, **options))


def test_a_regrade_says_whose_points_moved_and_by_which_test(put, path):
    put(graded(20, test_a="passed", test_b="values", test_c="shape"), graded(40, "bela", test_a="passed"))
    put(
        graded(40, test_a="passed", test_b="passed", test_d="passed"),
        graded(40, "bela", test_a="passed"),
        grader="h",
        at=datetime(2026, 10, 6, tzinfo=UTC),
    )
    [change] = found(path)
    assert (change.student, change.topic, change.exercise) == ("ada", "t01_tiny", "scale")
    assert (change.before, change.after, change.points) == (20.0, 40.0, "20 → 40 of 40")
    assert change.tests == (
        "test_b: values → passed",
        "test_d: no such test → passed",
        "test_c: shape → no such test",
    )
    assert change.graded == "2026-10-06T00:00:00+00:00"


def test_every_grade_is_kept_and_a_grade_that_says_the_same_is_none(put, path):
    put(graded(20, test_a="values"))
    put(graded(20, test_a="values", seconds=9.0), grader="h", at=datetime(2026, 10, 9, tzinfo=UTC))
    with Gradebook(path) as book:
        assert len(list(book.attempts())) == 1
        assert book.known() == {("ada", "t01_tiny", "d", "h")}
    put(graded(30, digest="other"))
    put(graded(40, digest="other"))
    with Gradebook(path) as book:
        assert [attempt.grade.exercises[0].points for attempt in book.attempts()] == [20, 30, 40]
        assert [grade.exercises[0].points for grade in book.grades()] == [40]
        assert len(list(book.rows())) == 2


def test_another_text_is_no_regrade_and_each_regrade_is_a_step(put, path):
    put(graded(10))
    put(graded(25, digest="new"))
    assert found(path) == []
    put(graded(12))
    put(graded(5))
    assert [change.points for change in found(path)] == ["10 → 12 of 40", "12 → 5 of 40"]


def test_changes_are_chosen_by_topic_and_time(put, path):
    day = datetime(2026, 10, 5, tzinfo=UTC)
    for number, points in enumerate((10, 20, 30)):
        put(graded(points), at=day + timedelta(days=number))
    assert len(found(path, topics={"t01_tiny"})) == 2 and found(path, topics={"t02_gate"}) == []
    assert [change.after for change in found(path, since=day + timedelta(days=2))] == [30]


def test_other_points_of_an_exercise_and_one_that_is_gone(put, path):
    put(graded(20))
    other = graded(20)
    other.exercises[0].max_points = 50.0
    other.exercises[1] = replace(other.exercises[1], exercise="moved")
    put(other)
    assert {change.exercise: change.points for change in found(path)} == {
        "scale": "20 of 40 → 20 of 50",
        "moved": "0 of 0 → 60 of 60",
        "shifted": "60 of 60 → 0 of 0",
    }


def test_an_old_gradebook_opens_and_keeps_its_rows(path, put):
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.executescript(OLD)
    old = graded(20, test_a="values")
    with db:
        db.execute("INSERT INTO submissions VALUES ('ada', 't01_tiny', 'd', 'g', ?)", (old.to_json(),))
    db.close()
    with Gradebook(path) as book:
        assert list(book.grades()) == [old] and book.count() == 1
        assert book.people()["ada"].email == "ada@u.example"
        assert book.hand_ins()["ada", "t01_tiny"].submitted == datetime(2026, 10, 2, 12, tzinfo=UTC)
        assert book.pages() == {("ada", "t01_tiny"): "abc"}
        assert [row[3] for row in book.rows()] == [20, 60]
        assert book.known() == {("ada", "t01_tiny", "d", "g")}
    # and what it held is what a regrade is compared with
    put(graded(40, test_a="passed"))
    assert [change.points for change in found(path)] == ["20 → 40 of 40"]
    assert found(path, since=datetime(2026, 10, 5, tzinfo=UTC)) and not found(
        path, since=datetime(2026, 10, 6, tzinfo=UTC)
    )


def test_a_gradebook_of_a_later_version_is_not_touched(path):
    Gradebook(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(GradebookError, match=f"version {VERSION + 1}.*update Attend"):
        Gradebook(path)


def test_the_command_lists_them_and_writes_a_table(attend, tiny, put, path):
    put(graded(20, test_a="values"))
    put(graded(40, test_a="passed"))
    ran = attend(tiny, "gradebook", "changes", path.parent, "--topic", "t01")
    assert ran.code == 0 and "20 → 40 of 40" in ran.out and "test_a: values → passed" in ran.out
    assert "points of 1 student moved" in ran.out
    [row] = read_rows(path.parent / "changes.csv")
    assert (row["student"], row["before"], row["after"], row["tests"]) == (
        "ada",
        "20",
        "40",
        "test_a: values → passed",
    )
    ran = attend(tiny, "gradebook", "changes", path.parent, "--topic", "t02")
    assert ran.code == 0 and "no points moved" in ran.out
    ran = attend(tiny, "gradebook", "changes", path.parent, "--since", "2027-01-01")
    assert ran.code == 0 and "no points moved" in ran.out
