"""The gradebook in the forms that platforms import."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from attend.course.syllabus import Policy
from attend.gradebook.exports import ExportError, export, people_not_found
from attend.submissions import Person

from .conftest import grade_of

DUE = datetime(2026, 10, 2, 22, tzinfo=UTC)
ADA = Person("Ada Eliot", "ada@u.example", "0042", "101", "201")
HALF = {"scale": ("partial", 20.0, 40.0), "shifted": ("wrong", 0.0, 60.0)}
FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}


@pytest.fixture
def course(tiny):
    return replace(tiny, policy=Policy(late_percent_per_day=10, due={"t01_tiny": DUE}))


@pytest.fixture
def written(course, gradebook, tmp_path):
    """Export a class of two, one of them late, and read a file of it."""
    gradebook.put(grade_of("ada", FULL), ADA, submitted=DUE + timedelta(hours=30))
    gradebook.put(grade_of("=cmd()", HALF))
    gradebook.put(grade_of("=cmd()", {"open": ("full", 50.0, 50.0)}, "t02_gate"))

    def read(form: str):
        paths = export(course, gradebook, form, tmp_path / f"{form}.csv")
        return {path.name: list(csv.reader(path.open(encoding="utf-8-sig"))) for path in paths}

    return read


def test_a_spreadsheet_gets_a_row_a_student_with_the_reasons(written):
    head, formula, ada = written("csv")["csv.csv"]
    row = dict(zip(head, ada, strict=True))
    assert (row["student"], row["email"], row["t01_tiny"], row["points"]) == (
        "ada",
        "ada@u.example",
        "80",
        "80",
    )
    assert row["notes"] == "t01: 2 days late, −20 %; t02: not handed in"
    assert formula[0] == "'=cmd()"  # a spreadsheet reads text, and runs nothing


def test_canvas_gets_its_columns_and_the_points_possible(written):
    head, possible, _, ada = written("canvas")["canvas.csv"]
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert head[5:] == ["t01 Scale, then shift", "t02 A gate"]
    assert possible[0].strip() == "Points Possible" and possible[5:] == ["100", "100"]
    assert ada == ["Ada Eliot", "101", "0042", "ada@u.example", "", "80", ""]


def test_moodle_gets_a_worksheet_a_topic(written):
    files = written("moodle")
    assert set(files) == {"moodle-t01_tiny.csv", "moodle-t02_gate.csv"}
    head, _, ada = files["moodle-t01_tiny.csv"]
    row = dict(zip(head, ada, strict=True))
    # the three columns that Moodle's import insists on
    assert row["Identifier"] == "Participant 201" and row["Grade"] == "80" and "Last modified (grade)" in row
    assert row["Feedback comments"].startswith("2 days late")
    assert len(files["moodle-t02_gate.csv"]) == 2  # who did not hand in has no row


def test_gradescope_gets_four_columns_a_topic(written):
    head, _, ada = written("gradescope")["gradescope.csv"]
    row = dict(zip(head, ada, strict=True))
    name = "t01 Scale, then shift"
    assert (row["First Name"], row["Last Name"], row["SID"]) == ("Ada", "Eliot", "0042")
    assert (row[name], row[f"{name} - Max Points"], row[f"{name} - Lateness (H:M:S)"]) == (
        "80",
        "100",
        "48:00:00",
    )


def test_an_empty_gradebook_is_named(course, gradebook, tmp_path):
    with pytest.raises(ExportError, match="holds no grade"):
        export(course, gradebook, "csv", tmp_path / "out.csv")


def test_the_command_writes_beside_the_gradebook(attend, tiny, gradebook):
    gradebook.put(grade_of("ada", FULL), ADA)
    folder = gradebook.path.parent
    ran = attend(tiny, "gradebook", "export", folder, "--format", "canvas")
    assert ran.code == 0 and (folder / "export-canvas.csv").exists()


def test_the_command_names_a_gradebook_that_is_not_there(attend, tiny, tmp_path):
    ran = attend(tiny, "gradebook", "export", tmp_path)
    assert ran.code == 2 and "does not exist" in ran.err


def test_a_table_with_accents_opens_in_excel_and_one_without_is_plain(course, gradebook, tmp_path):
    gradebook.put(grade_of("ada", HALF), Person("Ada Eliot"))
    [plain] = export(course, gradebook, "csv", tmp_path / "plain.csv")
    assert plain.read_bytes().startswith(b"student,name")
    gradebook.put(grade_of("zoe", HALF), Person("Zo\u00eb Bj\u00f6rk"))
    [marked] = export(course, gradebook, "csv", tmp_path / "marked.csv")
    data = marked.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfstudent,name") and data.count(b"\xef\xbb\xbf") == 1
    assert "Zo\u00eb Bj\u00f6rk".encode() in data
    assert {path.name for path in tmp_path.iterdir()} == {"plain.csv", "marked.csv", "results"}


@pytest.mark.parametrize(
    ("form", "person", "found"),
    [
        ("canvas", Person(canvas_id="1"), True),
        ("canvas", Person(email="a@u.example"), True),
        ("canvas", Person("Ada", moodle_id="7"), False),
        ("moodle", Person(moodle_id="7"), True),
        ("moodle", Person(canvas_id="1"), False),
        ("gradescope", Person("Ada"), False),
        ("csv", Person(), True),
    ],
)
def test_an_export_without_ids_says_so(gradebook, form, person, found):
    gradebook.put(grade_of("ada", HALF), person)
    gradebook.put(grade_of("bela", HALF), ADA)
    words = people_not_found(gradebook, form)
    assert bool(words) == (not found)
    if not found:
        assert words.endswith("will not find 1 of 2 students, of whom no number or address is known: ada.")


def test_the_command_says_whom_a_platform_will_not_find(attend, course, gradebook, tmp_path):
    gradebook.put(grade_of("ada", HALF))
    ran = attend(course, "gradebook", "export", tmp_path / "results", "--format", "canvas")
    assert ran.code == 0 and "Canvas will not find 1 of 1 students" in ran.out
