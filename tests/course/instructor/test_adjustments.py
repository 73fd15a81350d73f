"""Points that an instructor sets, adds or excuses count everywhere, and the grade itself stays as it is."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from attend.course.syllabus import Policy
from attend.course.tables import TableError
from attend.gradebook.exports import export
from attend.gradebook.policy import policy_notes, totals
from attend.gradebook.publish import write_pages
from attend.gradebook.reports.class_report import summarise
from attend.submissions import Person

from .conftest import grade_of

DUE = datetime(2026, 10, 2, 21, 59, tzinfo=UTC)
HALF = {"scale": ("partial", 20.0, 40.0), "shifted": ("carried", 60.0, 60.0)}
GATE = {"open": ("wrong", 10.0, 50.0), "gated": ("wrong", 0.0, 50.0)}
HEAD = "student,topic,exercise,points,excused,bonus,reason\n"


@pytest.fixture
def adjusted(own_tiny):
    """The course with these rows of adjustments and these rules."""

    def write(rows: str, head: str = HEAD, **rules):
        (own_tiny.root / "adjustments.csv").write_text(head + rows, encoding="utf-8")
        return replace(own_tiny, policy=Policy(adjustments="adjustments.csv", **rules))

    return write


def first(course, gradebook):
    return next(totals(course, gradebook))


@pytest.mark.parametrize(
    ("row", "points", "note"),
    [
        ("ada,t01,scale,35,,,regraded by hand", 95.0, "scale: 35 points set (regraded by hand)"),
        ("ada,t01,t01.1,0,,,copied", 60.0, "scale: 0 points set (copied)"),
        ("ada,t01,*,50.5,,,oral exam", 50.5, "50.5 points set (oral exam)"),
        ("ada,t01_tiny,,50.5,,,oral exam", 50.5, "50.5 points set (oral exam)"),
        ("ada,t01,*,,,5,forum", 85.0, "+5 points (forum)"),
        ("ada,t01,scale,,,30,found a bug", 110.0, "scale: +30 points (found a bug)"),
        ("ada,t01,*,,,-7.5,no names", 72.5, "−7.5 points (no names)"),
        ("ada,t01,*,,,-500,no names", 0.0, "−500 points (no names)"),
        # the rest of the topic weighs more: 20 of 40 points are 50 of 100
        ("ada,t01,shifted,,yes,,ill", 50.0, "shifted: excused (ill)"),
        ("ada,t01,scale,,x,,ill", 100.0, "scale: excused (ill)"),
    ],
)
def test_a_row_changes_what_counts_and_never_the_grade(adjusted, gradebook, row, points, note):
    gradebook.put(grade_of("ada", HALF))
    before = list(gradebook.rows())
    total = first(adjusted(row + "\n"), gradebook)
    assert (total.points, total.max_points, total.notes) == (points, 100, [f"t01: {note}"])
    assert total.topics[0].raw == 80.0 and list(gradebook.rows()) == before


@pytest.mark.parametrize(
    "rows", ["ada,t01,*,,yes,,ill\n", "ada,t01,scale,,1,,ill\nada,t01,shifted,,1,,ill\n"]
)
def test_an_excused_topic_counts_neither_points_nor_points_possible(adjusted, gradebook, rows):
    gradebook.put(grade_of("ada", HALF))
    gradebook.put(grade_of("ada", GATE, "t02_gate"))
    total = first(adjusted(rows), gradebook)
    assert (total.points, total.max_points) == (10.0, 100)
    # and is not the one that is dropped: the only other topic stays
    assert first(adjusted(rows, drop_lowest=1), gradebook).points == 10.0


def test_everything_may_be_excused(adjusted, gradebook, tmp_path):
    gradebook.put(grade_of("ada", HALF))
    gradebook.put(grade_of("bela", GATE, "t02_gate"))
    course = adjusted("ada,*,*,,yes,,left the course\n", drop_lowest=2)
    assert (first(course, gradebook).points, first(course, gradebook).max_points) == (0.0, 0)
    [path] = export(course, gradebook, "csv", tmp_path / "out.csv")
    _, ada, _ = csv.reader(path.open(encoding="utf-8-sig"))
    assert ada[5:10] == ["excused", "excused", "0", "0", "0"]


def test_late_days_are_taken_off_exercises_and_not_off_a_topic_that_is_set(adjusted, gradebook):
    gradebook.put(grade_of("ada", HALF), submitted=DUE + timedelta(hours=1))
    rules = {"late_percent_per_day": 10, "due": {"t01_tiny": DUE}}
    assert first(adjusted("ada,t01,scale,40,,,regraded\n", **rules), gradebook).points == 90.0
    assert first(adjusted("ada,t01,*,90,,,regraded\n", **rules), gradebook).points == 90.0
    # what is added is added after late days
    assert first(adjusted("ada,t01,*,,,5,forum\n", **rules), gradebook).points == 77.0


def test_rows_come_after_the_rules_on_credit(adjusted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    rows = "ada,t01,scale,30,,,regraded\n"
    assert first(adjusted(rows, credit="all_or_nothing"), gradebook).points == 90.0
    assert first(adjusted(rows, carried_forward=False), gradebook).points == 60.0


def test_several_rows_add_up(adjusted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    rows = "ada,t01,scale,40,,,regraded\nada,t01,*,,,3,forum\nADA ,t01,*,,,2,quiz\nada,t01,scale,40,,,again\n"
    assert first(adjusted(rows), gradebook).points == 105.0


def test_points_for_what_was_not_handed_in(adjusted, gradebook, tmp_path):
    gradebook.put(grade_of("ada", HALF), Person("Ada", "ada@u.example", canvas_id="1", moodle_id="2"))
    gradebook.put(grade_of("bela", GATE, "t02_gate"), Person("Bela", canvas_id="3", moodle_id="4"))
    course = adjusted("ada@u.example,t02,open,45,,,on paper\n3,t01,*,,yes,,ill\n", late_percent_per_day=10)
    ada, bela = totals(course, gradebook)
    assert (ada.topics[1].counted, ada.topics[1].missing, ada.topics[1].blank) == (45.0, True, False)
    assert ada.topics[1].notes == ("not handed in", "open: 45 points set (on paper)")
    assert bela.max_points == 100
    [path] = export(course, gradebook, "canvas", tmp_path / "canvas.csv")
    _, _, *rows = csv.reader(path.open())
    assert [row[5:] for row in rows] == [["80", "45"], ["EX", "10"]]
    paths = export(course, gradebook, "moodle", tmp_path / "moodle.csv")
    first_topic, second = (list(csv.DictReader(path.open(encoding="utf-8-sig"))) for path in paths)
    assert [row["Identifier"] for row in first_topic] == ["Participant 2"]
    assert [(row["Identifier"], row["Grade"]) for row in second] == [
        ("Participant 2", "45"),
        ("Participant 4", "10"),
    ]
    [path] = export(course, gradebook, "gradescope", tmp_path / "gradescope.csv")
    _, ada_row, bela_row = csv.reader(path.open())
    assert (ada_row[8], bela_row[4]) == ("45", "")


def test_the_student_reads_the_reason_and_the_report_shows_what_counts(adjusted, gradebook, tmp_path):
    gradebook.put(grade_of("ada", HALF))
    gradebook.put(grade_of("ada", GATE, "t02_gate"))
    course = adjusted("ada,t01,scale,,yes,,<b>ill</b>\nada,t02,*,,yes,,no GPU\n")
    assert write_pages(course, gradebook, tmp_path / "pages") == 2
    page = (tmp_path / "pages" / "ada" / "t01_tiny.html").read_text()
    assert "80 of 100 points" in page
    assert "100 of 100 points count: scale: excused (&lt;b&gt;ill&lt;/b&gt;)." in page
    assert "<b>ill" not in page
    other = (tmp_path / "pages" / "ada" / "t02_gate.md").read_text()
    assert "This topic does not count for you: excused \\(no GPU\\)." in other
    row = summarise(course, gradebook).students["ada"]
    assert (row.points, row.max_points, row.counted, row.max_counted) == (90.0, 200.0, 100.0, 100)
    assert row.notes == ["t01: scale: excused (<b>ill</b>)", "t02: excused (no GPU)"]


def test_a_page_is_written_again_when_a_row_changes(adjusted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    out = gradebook.path.parent / "feedback"
    write_pages(adjusted("ada,t01,*,,,1,a\n"), gradebook, out, only_new=True)
    assert write_pages(adjusted("ada,t01,*,,,1,a\n"), gradebook, out, only_new=True) == 0
    assert write_pages(adjusted("ada,t01,*,,,1,b\n"), gradebook, out, only_new=True) == 1


def test_every_row_that_is_not_used_is_named(adjusted, gradebook):
    gradebook.put(grade_of("ada", HALF), Person(email="ada@u.example"))
    course = adjusted(
        "adda@u.example,t01,*,,,1,a\nADA@U.EXAMPLE,t01,*,,,1,b\nada,t02,*,,,1,c\nnobody,,,,yes,,d\n"
    )
    assert policy_notes(course, gradebook) == [
        "adjustments.csv, line 2: no student here is called 'adda@u.example' (is it ada?); the adjustment is not used.",
        "adjustments.csv, line 5: no student here is called 'nobody'; the adjustment is not used.",
        "adjustments.csv, line 4: nobody has handed in t02_gate yet; the row is not used.",
    ]
    assert first(course, gradebook).points == 81.0


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("ada,t01,scale,,,,r", "line 3: an adjustment names a student, and one of"),
        ("ada,t01,scale,3,yes,,r", "line 3: an adjustment names a student, and one of"),
        (",t01,scale,3,,,r", "line 3: an adjustment names a student, and one of"),
        ("ada,t01,scale,3,,,", "line 3: an adjustment has a reason"),
        ("ada,t09,scale,3,,,r", "line 3: there is no topic 't09'"),
        ("ada,t01,scalar,3,,,r", "line 3: t01_tiny has no exercise 'scalar'"),
        ("ada,*,scale,3,,,r", "line 3: the exercise 'scale' needs its topic"),
        ("ada,*,*,3,,,r", "line 3: the column points needs the name of one topic"),
        ("ada,,,,,3,r", "line 3: the column bonus needs the name of one topic"),
        ("ada,t01,scale,many,,,r", "line 3: points is 'many', which is not a number"),
        ("ada,t01,scale,nan,,,r", "line 3: points is nan"),
        ("ada,t01,scale,40.5,,,r", "line 3: points is 40.5; it is from 0 to 40"),
        ("ada,t01,*,-1,,,r", "line 3: points is -1"),
        ("ada,t01,*,,,inf,r", "line 3: bonus is inf"),
        ("ada,t01,*,,,0,r", "line 3: bonus is 0"),
        ("ada,t01,*,,maybe,,r", "line 3: excused is 'maybe'"),
        ("ada,t01,scale,4,,,r", "line 3: line 2 already sets or excuses scale in t01 for 'ada'"),
        ("ada@u.example,t01,scale,,yes,,r", "line 3: line 2 already sets or excuses scale"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(adjusted, gradebook, row, problem):
    gradebook.put(grade_of("ada", HALF), Person(email="ada@u.example"))
    with pytest.raises(TableError, match=problem):
        list(totals(adjusted(f"ada,t01,scale,3,,,fine\n{row}\n"), gradebook))


def test_the_table_and_its_columns_are_needed(adjusted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    with pytest.raises(TableError, match="lacks the column 'reason'"):
        list(totals(adjusted("ada,t01,*,1\n", "student,topic,exercise,points\n"), gradebook))
    course = adjusted("")
    (course.root / "adjustments.csv").unlink()
    with pytest.raises(TableError, match="cannot be read"):
        list(totals(course, gradebook))


def test_the_command_names_rows_that_fit_nobody(attend, own_tiny, gradebook):
    gradebook.put(grade_of("ada", HALF))
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text().replace("[grading]", "[policy]\nadjustments = 'a.csv'\n[grading]"))
    (own_tiny.root / "a.csv").write_text(f"{HEAD}bela,t01,*,,,1,r\n")
    ran = attend(own_tiny, "gradebook", "export", gradebook.path.parent)
    assert ran.code == 0 and "a.csv, line 2: no student here is called 'bela'" in ran.out
