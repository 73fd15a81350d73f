"""Rosters of the platforms: who has not handed in, who left, sections, ids; and their own files with points filled in."""

import csv
import re
from dataclasses import replace

import pytest

from attend.course.sheet import read_sheet
from attend.course.syllabus import Policy
from attend.course.tables import TableError
from attend.gradebook.exports import ExportError, export, people_not_found
from attend.gradebook.fill import FillError, fill
from attend.gradebook.policy import totals
from attend.gradebook.reports.class_report import summarise, write_report
from attend.submissions import Person
from attend.submissions.roster import read_roster
from attend.submissions.roster_match import put_together

from ..common import read_rows
from .conftest import grade_of

FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}
HALF = {"scale": ("partial", 20.5, 40.0), "shifted": ("wrong", 0.0, 60.0)}
GATE = {"open": ("full", 50.0, 50.0), "gated": ("wrong", 0.0, 50.0)}
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,t01 Scale (4711),Essay (4712),Final Score\r\n"
    ",,,,,Manual Posting,,(read only)\r\n"
    "    Points Possible,,,,,100.00,10.00,(read only)\r\n"
    '"Eliot, Ada",10001,0042,ada@u.example,"Mon and ""Extra""",,9.5,\r\n'
    '"Oe, Bela",10002,0043,boe,Tue,12,,\r\n'
    '"Chen, Dina",10003,0044,dina@u.example,Tue,,,\r\n'
    '"Student, Test",19999,,x,Mon,,,\r\n'
)
SEMICOLONS = re.sub(r",(?! )", ";", CANVAS)
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 201","Ada Eliot",ada@u.example,"Submitted for grading",,100.00,Yes,"Friday, 2 October 2026",-,\n'
    '"Participant 202","Bela Oe",bela@u.example,"Submitted for grading",3.00,100.00,Yes,-,-,"<p>a, ""b""\nc</p>"\n'
    '"Participant 203","Dina Chen",dina@u.example,"No submission",,100.00,Yes,-,-,\n'
)
GERMAN = (
    '\ufeffID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden"\n'
    '"Teilnehmer/in201","Ada Eliot",ada@u.example,"Zur Bewertung abgegeben",,"20,00",Ja\n'
    '"Teilnehmer/in202","Bela Oe",bela@u.example,"Zur Bewertung abgegeben","7,50","20,00",Ja\n'
)
PARTICIPANTS = 'Vorname,Nachname,E-Mail-Adresse,Gruppen\nAda,Eliot,ada@u.example,"A, Tutorium"\nBela,Oe,bela@u.example,B\n'
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Role,Section\nAda,Eliot,42,ADA@u.example,Student,A\n"
    "Bela,Oe,43,bela@u.example,Student,B\nTom,Tutor,9,tom@u.example,TA,A\n"
)
GITHUB = (
    '"identifier","github_username","github_id","name"\n"ada@u.example","ada-codes","901","Ada Eliot"\n'
    '"bela@u.example","","",""\n'
)
PLAIN = "student;name;email;section\nada;Ada Eliot;ada@u.example;A\nbela;Bela Oe;bela@u.example;B\n"


@pytest.fixture
def people(write):
    """What a roster of this text says: platform, and (name, email, sid, canvas_id, moodle_id, section) of each."""

    def read(text: str, encoding: str = "utf-8"):
        roster = read_roster(write("roster.csv", text.encode(encoding)))
        rows = [
            (p.name, p.email, p.sid, p.canvas_id, p.moodle_id, entry.section)
            for entry in roster.entries
            for p in [entry.person]
        ]
        return roster.platform, rows

    return read


@pytest.mark.parametrize(
    ("text", "platform", "first", "count"),
    [
        (CANVAS, "canvas", ("Ada Eliot", "ada@u.example", "0042", "10001", "", 'Mon and "Extra"'), 3),
        (SEMICOLONS, "canvas", ("Ada Eliot", "ada@u.example", "0042", "10001", "", 'Mon and "Extra"'), 3),
        (MOODLE, "moodle", ("Ada Eliot", "ada@u.example", "", "", "201", ""), 3),
        (GERMAN, "moodle", ("Ada Eliot", "ada@u.example", "", "", "201", ""), 2),
        (PARTICIPANTS, "", ("Ada Eliot", "ada@u.example", "", "", "", "A, Tutorium"), 2),
        (GRADESCOPE, "gradescope", ("Ada Eliot", "ADA@u.example", "42", "", "", "A"), 2),
        (PLAIN, "", ("Ada Eliot", "ada@u.example", "", "", "", "A"), 2),
        (GITHUB, "", ("Ada Eliot", "ada@u.example", "", "", "", ""), 2),
        (GITHUB.replace("@u.example", ""), "", ("Ada Eliot", "", "", "", "", ""), 2),
        (GITHUB.replace("@u.example", "17"), "", ("Ada Eliot", "", "ada17", "", "", ""), 2),
        (GITHUB.replace("Ada Eliot", "").replace("@u.example", ""), "", ("ada", "", "", "", "", ""), 2),
        ("email\nada@u.example\n", "", ("", "ada@u.example", "", "", "", ""), 1),
        ("Mail privat,X\nada@u.example,1\nb@u.example,2\n", "", ("", "ada@u.example", "", "", "", ""), 2),
    ],
)
def test_a_roster_of_each_platform_is_read(people, text, platform, first, count):
    found, rows = people(text)
    assert (found, len(rows)) == (platform, count)
    assert rows[0] == first


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheets_are_read(people, encoding):
    text = PLAIN.replace("Bela Oe", "Béla Öe")
    assert people(text, encoding)[1][1][0] == "Béla Öe"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no table"),
        ("a,b\n1,2\n", "no column student, name, email or sid; it has: a, b"),
        ("PK\0\3", "no table"),
    ],
)
def test_what_is_no_roster_is_named(write, text, problem):
    with pytest.raises(TableError, match=problem):
        read_roster(write("roster.csv", text))
    with pytest.raises(TableError, match="cannot be read"):
        read_roster(write("roster.csv", text).with_name("none.csv"))


@pytest.fixture
def book(gradebook):
    """Ada and Bela handed in t01, known by what Canvas's and Moodle's downloads say; Zoe is on no roster."""
    gradebook.put(grade_of("eliotada_10001", FULL), Person("eliotada", canvas_id="10001"))
    gradebook.put(grade_of("Bela Oe_202", HALF), Person("Bela Oe", moodle_id="202"))
    gradebook.put(grade_of("zoe@u.example", HALF), Person("Zoe", "zoe@u.example"))
    return gradebook


@pytest.fixture
def listed(book, write):
    book.set_roster(read_roster(write("roster.csv", CANVAS)).entries)
    return book


def test_a_roster_says_who_is_missing_and_who_left(listed):
    members = listed.members()
    assert members.absent == ["dina@u.example"] and members.unlisted == ["zoe@u.example"]
    assert members.notes == [
        "1 student on the roster handed in nothing: dina@u.example.",
        "1 student who handed in are not on the roster, so they may have left: zoe@u.example.",
    ]


def test_a_roster_gives_ids_and_sections_to_those_who_handed_in(listed, tiny, tmp_path):
    ada, bela = listed.people()["eliotada_10001"], listed.people()["Bela Oe_202"]
    assert (ada.name, ada.email, ada.sid) == ("Ada Eliot", "ada@u.example", "0042")
    assert (bela.canvas_id, bela.moodle_id) == ("10002", "202")
    assert "1 of 4 students" not in people_not_found(listed, "canvas")
    [path] = export(tiny, listed, "csv", tmp_path / "all.csv")
    assert {row["student"]: (row["section"], row["points"]) for row in read_rows(path)} == {
        "eliotada_10001": ('Mon and "Extra"', "100"),
        "Bela Oe_202": ("Tue", "20.5"),
        "dina@u.example": ("Tue", "0"),
        "zoe@u.example": ("", "20.5"),
    }
    [path] = export(tiny, listed, "canvas", tmp_path / "tue.csv", ["tue"])
    _, _, *rows = csv.reader(path.open(encoding="utf-8-sig"))
    assert [row[:6] for row in rows] == [
        ["Bela Oe", "10002", "0043", "", "Tue", "20.5"],
        ["Dina Chen", "10003", "0044", "dina@u.example", "Tue", ""],
    ]
    [path] = export(tiny, listed, "csv", tmp_path / "mon.csv", ["Mon"])
    assert [row["student"] for row in read_rows(path)] == ["eliotada_10001"]
    with pytest.raises(ExportError, match="nobody is in Wed; the sections are:"):
        export(tiny, listed, "csv", tmp_path / "wed.csv", ["Wed"])


def test_the_report_shows_sections_and_who_is_missing(listed, tiny, tmp_path):
    summary = summarise(tiny, listed)
    assert summary.absent == ["dina@u.example"] and summary.unlisted == ["zoe@u.example"]
    assert summary.sections == [('Mon and "Extra"', 1, 1.0), ("Tue", 2, pytest.approx(0.1025))]
    write_report(tiny, listed, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "1 on the roster handed in nothing" in page and "Mean share that counts" in page


def test_who_hands_in_later_is_the_person_on_the_roster(listed):
    listed.put(grade_of("chendina_10003", FULL), Person("chendina", canvas_id="10003"))
    assert listed.members().absent == [] and "dina@u.example" not in listed.people()


def test_an_adjustment_reaches_somebody_who_is_only_on_the_roster(listed, own_tiny):
    (own_tiny.root / "a.csv").write_text("student,topic,exercise,points,reason\n44,t01,*,70,oral\n")
    course = replace(own_tiny, policy=Policy(adjustments="a.csv"))
    assert {total.student: total.points for total in totals(course, listed)}["dina@u.example"] == 70


def test_two_people_of_one_name_are_told_apart_or_named(gradebook, write):
    gradebook.put(grade_of("Ada Eliot_1", FULL), Person("Ada Eliot", moodle_id="1"))
    rows = "name,email\nAda Eliot,a@u.example\nAda Eliot,b@u.example\n"
    gradebook.set_roster(read_roster(write("roster.csv", rows)).entries)
    members = gradebook.members()
    assert (members.unlisted, members.absent, list(members.people)) == ([], [], ["Ada Eliot_1"])
    assert members.notes == [
        "'Ada Eliot' is on the roster 2 times and fits Ada Eliot_1; a number or an address is needed to tell who is who."
    ]
    # an address that contradicts says that it is somebody else
    gradebook.set_roster(read_roster(write("roster.csv", "name,sid\nZoe,7\n")).entries)
    gradebook.put(grade_of("zoe", FULL), Person("Zoe", sid="8"))
    assert gradebook.members().absent == ["Zoe"]
    # and Moodle's number belongs to one assignment
    rows = '"ID","Name","E-Mail"\n"Participant 1","Bela Oe",b@u.example\n'
    gradebook.set_roster(read_roster(write("roster.csv", rows)).entries)
    assert gradebook.members().absent == ["b@u.example"]


def test_moodles_numbers_tell_people_of_one_name_apart_within_an_assignment(gradebook, write):
    for number in ("201", "202", "204"):
        gradebook.put(grade_of(f"Ada Eliot_{number}", FULL), Person("Ada Eliot", moodle_id=number))
    rows = [f"Participant {number},Ada Eliot,a{number}@u.example" for number in (201, 202, 203)]
    gradebook.set_roster(
        read_roster(write("roster.csv", "\n".join(["Identifier,Full name,Email address", *rows]))).entries
    )
    members = gradebook.members()
    assert (members.absent, members.unlisted) == (["a203@u.example"], ["Ada Eliot_204"])
    assert members.people["Ada Eliot_202"].email == "a202@u.example"


def test_clones_are_found_by_the_names_of_githubs_roster(gradebook, write):
    gradebook.put(grade_of("ada-codes", FULL), Person())
    gradebook.set_roster(read_roster(write("classroom_roster.csv", GITHUB)).entries)
    members = gradebook.members()
    assert members.people["ada-codes"] == Person("Ada Eliot", "ada@u.example")
    assert (members.absent, members.unlisted) == (["bela@u.example"], [])


def test_a_roster_that_fits_nobody_is_named(gradebook, write):
    gradebook.put(grade_of("ada-codes", FULL), Person())
    gradebook.set_roster(read_roster(write("roster.csv", PLAIN)).entries)
    assert gradebook.members().notes[-1].startswith("Nobody on the roster is one of those who handed in.")


def test_several_tables_are_one_roster(people, write):
    """Moodle's worksheet has the numbers, and its participants have the groups."""
    two = MOODLE.replace("Bela Oe", "Ada Eliot")
    groups = PARTICIPANTS.replace("Bela,Oe", "Ada,Eliot") + "Emre,Lorca,emre@u.example,B\n"
    tables = [write("worksheet.csv", two), write("participants.csv", groups)]
    for order in (tables, tables[::-1]):
        entries, notes = put_together([read_roster(path) for path in order])
        assert notes == [] and {
            entry.person.email: (entry.person.name, entry.person.moodle_id, entry.section)
            for entry in entries
        } == {
            "ada@u.example": ("Ada Eliot", "201", "A, Tutorium"),
            "bela@u.example": ("Ada Eliot", "202", "B"),
            "dina@u.example": ("Dina Chen", "203", ""),
            "emre@u.example": ("Emre Lorca", "", "B"),
        }
    names = write("names.csv", "name,section\nAda Eliot,C\n")
    entries, notes = put_together([read_roster(path) for path in (tables[0], names)])
    assert len(entries) == 3 and notes == [
        "'Ada Eliot' is on the roster once and fits ada@u.example and bela@u.example; "
        "a number or an address is needed to tell who is who."
    ]


def test_an_erased_student_is_off_the_roster_too(listed):
    listed.erase("eliotada_10001")
    assert "10001" not in {person.canvas_id for person in listed.people().values()}
    assert len(listed.members().roster) == 2


# the platform's own file


@pytest.mark.parametrize(
    ("encoding", "change"),
    [
        ("utf-8", str),
        ("utf-8-sig", str),
        ("utf-16", str),
        ("utf-8", lambda text: text.replace("\r\n", "\n")),
        ("utf-8", lambda text: text.rstrip("\r\n")),
    ],
)
def test_canvas_gets_its_own_file_back(book, tiny, write, tmp_path, encoding, change):
    source = write("canvas.csv", change(CANVAS).encode(encoding))
    filled = fill(tiny, book, source, tmp_path / "out.csv")
    assert filled.columns == {"t01_tiny": "t01 Scale (4711)"} and filled.cells == 2
    expected = CANVAS.replace('"Mon and ""Extra""",,', '"Mon and ""Extra""",100,').replace(
        "Tue,12", "Tue,20.5"
    )
    assert (tmp_path / "out.csv").read_bytes() == change(expected).encode(encoding)
    assert filled.notes == [
        "canvas.csv has rows of people who are not in the gradebook: line 6 (dina@u.example).",
        "canvas.csv has no row for a student who has a grade: zoe@u.example.",
    ]


def test_points_are_scaled_and_written_as_the_platform_does(book, tiny, write, tmp_path):
    source = write("Bewertungen.csv", GERMAN.encode())
    filled = fill(tiny, book, source, tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert filled.columns == {"t01_tiny": "Bewertung"}
    assert text == GERMAN.replace('"7,50"', '"4,1"') and filled.cells == 1
    assert "t01 gives 100 points here and 20 in Bewertungen.csv; the points were scaled." in filled.notes


def test_moodles_worksheet_keeps_everything_but_the_grades(book, tiny, write, tmp_path):
    source = write("Grades-t01.csv", MOODLE)
    filled = fill(tiny, book, source, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == MOODLE.replace(
        '"Submitted for grading",3.00', '"Submitted for grading",20.5'
    )
    text = "Grades-t01.csv has rows of people who are not in the gradebook: line 2 (ada@u.example), line 5 (dina@u.example)."
    assert text in filled.notes


def test_a_roster_helps_to_fill_another_platforms_file(listed, tiny, write, tmp_path):
    filled = fill(tiny, listed, write("Grades.csv", MOODLE), tmp_path / "out.csv")
    assert filled.cells == 2
    assert '"Submitted for grading",100,100.00' in (tmp_path / "out.csv").read_text()


def test_excused_and_what_was_not_handed_in(book, own_tiny, write, tmp_path):
    book.put(grade_of("eliotada_10001", GATE, "t02_gate"), Person(canvas_id="10001"))
    (own_tiny.root / "a.csv").write_text("student,topic,exercise,excused,reason\n10001,t01,*,yes,ill\n")
    course = replace(own_tiny, policy=Policy(adjustments="a.csv"))
    text = CANVAS.replace("Essay (4712)", "A gate (4712)")
    filled = fill(course, book, write("c.csv", text), tmp_path / "out.csv")
    rows = list(csv.reader((tmp_path / "out.csv").open(newline="")))
    assert [row[5:7] for row in rows[3:5]] == [["EX", "5"], ["20.5", ""]]
    assert "t02 gives 100 points here and 10 in c.csv; the points were scaled." in filled.notes


def test_columns_can_be_named_and_must_be_clear(book, tiny, write, tmp_path):
    text = CANVAS.replace("t01 Scale (4711)", "Homework one (4711)")
    source = write("c.csv", text)
    with pytest.raises(
        FillError, match="no column that is called after a graded topic; name it with --column"
    ):
        fill(tiny, book, source, tmp_path / "out.csv")
    assert fill(tiny, book, source, tmp_path / "out.csv", {"t01": "homework one"}).cells == 2
    with pytest.raises(FillError, match="has no column 'nothing'"):
        fill(tiny, book, source, tmp_path / "out.csv", {"t01": "nothing"})
    double = write("d.csv", CANVAS.replace("Essay (4712)", "t01 again (4712)"))
    with pytest.raises(FillError, match="several columns for t01"):
        fill(tiny, book, double, tmp_path / "out.csv")
    # a further column of Gradescope's is no column of points
    grades = "First Name,Last Name,SID,Email,t01 A,t01 A - Max Points,t01 A - Submission Time\nZoe,X,,zoe@u.example,,50.0,\n"
    fill(tiny, book, write("g.csv", grades), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == grades.replace("zoe@u.example,,", "zoe@u.example,10.25,")


def test_a_row_without_an_id_is_named(book, tiny, write, tmp_path):
    source = write("c.csv", CANVAS.replace('"Oe, Bela",10002', '"Oe, Bela",'))
    filled = fill(tiny, book, source, tmp_path / "out.csv")
    assert "c.csv, line 5 (Oe, Bela) has no ID; the row was not used." in filled.notes
    assert "c.csv has no row for 2 students who have a grade: Bela Oe_202, zoe@u.example." in filled.notes


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a", [["a"]]),
        ("a,b\r\nc", [["a", "b"], ["c"]]),
        ('"a ""q"" b",c\n', [['a "q" b', "c"]]),
        ('x"y,"1,2" ,\n\n', [['x"y', "1,2", ""], [""]]),
        ('a;"b\nc"\r"d";e\r\n', [["a", "b\nc"], ["d", "e"]]),
        ("\u00e4\t\u00df\n", [["\u00e4", "\u00df"]]),
        (' "a,b" , c\n', [["a,b", "c"]]),
    ],
)
def test_a_sheet_that_is_not_changed_keeps_its_bytes(write, tmp_path, text, rows):
    sheet = read_sheet(write("s.csv", text))
    sheet.write(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == text.encode()
    assert [sheet.texts(row) for row in range(len(sheet.rows))] == rows


def test_the_commands_take_rosters_and_files(attend, book, tiny, write):
    folder = book.path.parent
    roster = write("roster.csv", CANVAS)
    ran = attend(tiny, "gradebook", "export", folder, "--roster", roster, "--section", "Tue")
    assert ran.code == 0 and "on the roster handed in nothing: dina@u.example" in ran.out, ran.err
    assert len(read_rows(folder / "export-csv.csv")) == 2
    ran = attend(tiny, "report", folder)
    assert ran.code == 0 and "they may have left: zoe@u.example" in ran.out
    ran = attend(tiny, "gradebook", "fill", folder, roster)
    assert (
        ran.code == 0
        and "filled 2 cells, left 1 as they were (not" in ran.out
        and (folder / "filled-roster.csv").exists()
    )
    ran = attend(tiny, "gradebook", "fill", folder, roster, "--column", "t01=none")
    assert ran.code == 2 and "has no column 'none'" in ran.err


def test_grade_names_who_is_missing(attend, own_tiny, hand_in, answers, write, tmp_path):
    folder = hand_in({"ada": answers["right"]})
    ran = attend(
        own_tiny, "grade", folder, "--out", tmp_path / "out", "--roster", write("r.csv", PLAIN), "--jobs", "1"
    )
    assert ran.code == 0 and "1 student on the roster handed in nothing: bela." in ran.out, ran.err
    assert "bela is on the roster and handed in nothing." in (tmp_path / "out" / "notes.txt").read_text()


def test_grade_names_rows_of_the_roster_that_it_did_not_use(
    attend, own_tiny, hand_in, answers, write, tmp_path
):
    canvas = write("c.csv", CANVAS.replace('"Oe, Bela",10002', '"Oe, Bela",'))
    own = write("own.csv", PLAIN)
    words = ("--out", tmp_path / "out", "--jobs", "1", "--roster", canvas, "--roster", own)
    ran = attend(own_tiny, "grade", hand_in({"ada": answers["right"]}), *words)
    text = "c.csv, line 5 (Oe, Bela) has no ID; the row was not used."
    assert ran.code == 0 and text in ran.out and text in (tmp_path / "out" / "notes.txt").read_text()
    assert "2 students on the roster handed in nothing: bela, dina@u.example." in ran.out
