"""The gradebook in the forms that platforms import."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from attend.course.syllabus import Policy
from attend.gradebook.exports import ExportError, export
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
        return {path.name: list(csv.reader(path.open(encoding="utf-8"))) for path in paths}

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
