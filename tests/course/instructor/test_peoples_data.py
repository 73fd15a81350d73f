"""What the gradebook knows of people can be left out, and taken out."""

import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from attend.course.syllabus import Policy
from attend.gradebook.erase import EraseError, erase
from attend.gradebook.exports import export
from attend.gradebook.pseudonyms import PseudonymError, pseudonymise
from attend.gradebook.publish import write_results
from attend.gradebook.store import Gradebook
from attend.submissions import Person

from ..common import read_rows
from .conftest import grade_of

OTTILIE = Person("Ottilie Eliot", "ottilie@u.example", "7000042", "1010101", "2020202")
BELA = Person("Bela Oe", "bela@u.example", "7000043", "1010102", "2020203")
WHEN = datetime(2026, 10, 2, 12, tzinfo=UTC)
HALF = {"scale": ("partial", 20.0, 40.0), "shifted": ("wrong", 0.0, 60.0)}
FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}
SECRETS = ("Ottilie", "Eliot", "ottilie@", "7000042", "1010101", "2020202", "Eliotottilie", "sub-77")


@pytest.fixture
def book(gradebook):
    """Two students with one topic each; Ottilie's was graded twice, and holds her name wherever a text can."""
    first = grade_of(
        "Eliotottilie_1010101",
        HALF,
        problem="Ottilie_Eliot.py is damaged",
        notes=["Ottilie Eliot.zip counts"],
    )
    first.exercises[0].tests[1].message = "ValueError: Ottilie was here"
    first.exercises[0].notes = ["Ottilie's `open`"]
    second = grade_of("Eliotottilie_1010101", FULL)
    first.filename = second.filename = "Ottilie Eliot.zip/Ottilie_Eliot.py"
    for grade in (first, second):
        gradebook.put(grade, OTTILIE, submitted=WHEN, reference="sub-77")
    gradebook.put(grade_of("Oebela_1010102", HALF), BELA)
    return gradebook


def contents(path) -> bytes:
    """All bytes of a database and of the files beside it that belong to it."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


@pytest.fixture
def copied(book, tmp_path):
    out, key = tmp_path / "copy" / "copy.sqlite", tmp_path / "key.csv"
    assert pseudonymise(book, out, key) == 2
    return out, key


def test_the_copy_names_nobody_and_counts_the_same(book, copied):
    out, key = copied
    assert not [word for word in (*SECRETS, "Bela") if word.lower().encode() in contents(out).lower()]
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    names = {row["student"]: row["pseudonym"] for row in read_rows(key)}
    with Gradebook(out) as copy:
        assert set(copy.people()) == set(names.values())
        assert all(person == Person() for person in copy.people().values())
        expected = [(names[student], *rest) for student, *rest in book.rows()]
        assert sorted(copy.rows()) == sorted(expected)
        assert copy.hand_ins()[names["Eliotottilie_1010101"], "t01_tiny"].submitted == WHEN
        first, second = copy.attempts(names["Eliotottilie_1010101"])
        assert (first.grade.points, second.grade.points, second.grader) == (20.0, 100.0, "grader")
        assert first.grade.exercises[0].tests[1].outcome == "values"
        assert not {grade.digest for grade in copy.grades()} & {grade.digest for grade in book.grades()}


def test_the_original_is_not_touched(book, tmp_path):
    before = list(book.attempts())
    pseudonymise(book, tmp_path / "copy.sqlite", tmp_path / "key.csv")
    assert list(book.attempts()) == before


def test_a_pseudonym_stays_the_same_and_new_students_get_one(book, copied, tmp_path):
    out, key = copied
    before = {row["student"]: row["pseudonym"] for row in read_rows(key)}
    book.put(grade_of("=chen()", HALF))
    pseudonymise(book, out, key)
    after = {row["student"]: row["pseudonym"] for row in read_rows(key)}
    assert before.items() <= after.items() and len(after) == 3
    pseudonymise(book, tmp_path / "other.sqlite", key)
    assert {row["student"]: row["pseudonym"] for row in read_rows(key)} == after
    if os.name == "posix":
        assert key.stat().st_mode & 0o077 == 0


def test_a_key_that_says_two_things_and_files_that_are_one_are_refused(book, copied, tmp_path):
    out, key = copied
    key.write_text("student,pseudonym\na,x\nb,x\n")
    with pytest.raises(PseudonymError, match="key.csv, line 3: 'b' or its pseudonym comes twice"):
        pseudonymise(book, out, key)
    with pytest.raises(PseudonymError, match="three files"):
        pseudonymise(book, book.path, tmp_path / "new.csv")
    assert book.count() == 2


def test_the_commands_say_what_they_wrote(attend, tiny, book):
    folder = book.path.parent
    ran = attend(tiny, "gradebook", "pseudonymise", folder)
    assert ran.code == 0 and "2 students" in ran.out and "keep it apart" in ran.out
    assert (folder / "pseudonymised.sqlite").exists() and (folder / "pseudonyms.csv").exists()
    ran = attend(tiny, "gradebook", "erase", folder, "OTTILIE@u.example")
    assert ran.code == 0 and "erased Eliotottilie_1010101: 1 hand-in, 0 feedback pages" in ran.out
    assert "pseudonyms.csv still names the student" in ran.out
    ran = attend(tiny, "gradebook", "erase", folder, "ottilie@u.example")
    assert ran.code == 2 and "no student here is called" in ran.err and "nothing was erased" in ran.err


def test_an_erased_student_is_in_no_byte_of_the_results(book, own_tiny):
    out = book.path.parent
    for name in ("extensions.csv", "adjustments.csv"):
        (own_tiny.root / name).write_text(
            "student,topic,exercise,days,bonus,reason\nbela@u.example,t01,*,3,1,r\nottilie@u.example,t01,*,3,1,r\n"
        )
    course = replace(own_tiny, policy=Policy(extensions="extensions.csv", adjustments="adjustments.csv"))
    write_results(course, book, out)
    for form in ("csv", "canvas", "moodle", "gradescope"):
        export(course, book, form, out / f"export-{form}.csv")
    (out / "notes.txt").write_text(
        "two files\nEliotottilie_1010101, t01: two files\nOebela_1010102, t01: one\nEliotottilie_1010101_55_t01.py is odd\n"
    )
    erased = erase(course, book, "7000042")
    assert (erased.student, erased.topics, erased.pages) == ("Eliotottilie_1010101", 1, 1)
    assert {path.name for path in erased.files} == {
        "export-csv.csv", "export-canvas.csv", "export-moodle-t01_tiny.csv", "export-gradescope.csv"
    }  # fmt: skip
    assert erased.left == ["extensions.csv, line 3", "adjustments.csv, line 3"]
    book.close()
    for path in (path for path in out.rglob("*") if path.is_file()):
        found = [word for word in SECRETS if word.lower().encode() in path.read_bytes().lower()]
        assert not found, (path, found)
        assert "eliotada" not in str(path.relative_to(out)).lower()
    assert (out / "notes.txt").read_text() == "two files\nOebela_1010102, t01: one\n"
    assert [row["student"] for row in read_rows(out / "grades.csv")] == ["Oebela_1010102"] * 2
    assert (out / "feedback" / "Oebela_1010102" / "t01_tiny.html").exists()
    db = sqlite3.connect(book.path)
    assert db.execute("SELECT count(*) FROM history").fetchone() == (0,)


def test_what_is_about_another_student_of_the_same_name_stays(gradebook, tiny):
    for number in ("201", "202"):
        gradebook.put(grade_of(f"Ada Eliot_{number}", HALF), Person("Ada Eliot", moodle_id=number))
    notes = gradebook.path.parent / "notes.txt"
    notes.write_text("Ada Eliot_201, t01: two files\nAda Eliot_202, t01: one\n")
    write_results(tiny, gradebook, gradebook.path.parent)
    erased = erase(tiny, gradebook, "201")
    assert (erased.student, erased.left) == ("Ada Eliot_201", [])
    assert notes.read_text() == "Ada Eliot_202, t01: one\n"


def test_pages_of_somebody_else_in_a_folder_of_the_same_name_stay(book, tiny):
    out = book.path.parent / "feedback"
    write_results(tiny, book, book.path.parent)
    theirs = (out / "Oebela_1010102" / "t01_tiny.html").read_text()
    (out / "Eliotottilie_1010101" / "t02_gate.html").write_text(theirs)
    erase(tiny, book, "Eliotottilie_1010101")
    assert [path.name for path in (out / "Eliotottilie_1010101").iterdir()] == ["t02_gate.html"]


def test_a_name_that_fits_two_erases_nobody(book, tiny):
    book.put(grade_of("chen", HALF), Person(moodle_id="7000042"))
    with pytest.raises(EraseError, match="fits Eliotottilie_1010101 and chen"):
        erase(tiny, book, "7000042")
    assert book.count() == 3


def test_the_last_student_can_be_erased(gradebook, tiny):
    gradebook.put(grade_of("ada", HALF))
    erase(tiny, gradebook, "ada")
    assert gradebook.people() == {} and read_rows(gradebook.path.with_name("grades.csv")) == []
