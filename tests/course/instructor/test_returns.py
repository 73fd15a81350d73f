"""Feedback goes back in the layout in which each platform gave out what was handed in."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from attend.authoring.sample_class import make_class
from attend.course.syllabus import Policy, SyllabusError, load_course
from attend.gradebook.policy import totals
from attend.gradebook.publish import write_pages
from attend.gradebook.reports.student_page import student_page, student_text
from attend.gradebook.returns import ReturnError, export_feedback
from attend.gradebook.store import Gradebook
from attend.submissions import Person, take_in
from attend.submissions.platform_downloads import CANVAS, MOODLE
from attend.submissions.roster import read_roster

from .conftest import grade_of

FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}
HALF = {"scale": ("partial", 20.0, 40.0), "shifted": ("wrong", 0.0, 60.0)}
GATE = {"open": ("full", 50.0, 50.0), "gated": ("wrong", 0.0, 50.0)}
SITE = "https://site.example/attend/"


def take(course, folder: Path, book: Gradebook, topic: str = "t01") -> list:
    """Put a grade into the gradebook for each entry of a class, without grading."""
    entries = take_in(course, [folder], [topic]).entries
    book.note(entries)
    for entry in entries:
        book.add(grade_of(entry.student, HALF if topic == "t01" else GATE, entry.topic), "g")
    return entries


def archive(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def returned(tiny, gradebook, tmp_path):
    """Make a class in a platform's layout, take it in, and give its feedback back; the class and the archive."""

    def run(shape: str, form: str | None = None):
        make_class(tiny, [tiny.topic("t01")], 9, 5, tmp_path / "class", shape)
        (tmp_path / "class" / "truth.csv").unlink()
        entries = take(tiny, tmp_path / "class", gradebook)
        assert len(entries) == 9
        out = tmp_path / "back.zip"
        result = export_feedback(tiny, gradebook, form or shape, out)
        assert (result.students, result.notes) == (9, [])
        return tmp_path / "class", archive(out), entries

    return run


def test_moodle_gets_a_folder_named_as_in_its_download(returned):
    folder, found, entries = returned("moodle")
    [download] = folder.iterdir()
    assert {name.rpartition("/")[0] for name in found} == {each.name for each in download.iterdir()}
    for name, page in found.items():
        start, _, file = name.rpartition("/")
        match = MOODLE.fullmatch(start)
        assert file == "feedback.html" and match["kind"] == "file" and match["user"]
        assert f"Student: {match['name']}".encode() in page


def test_canvas_gets_files_named_as_in_its_download(returned):
    folder, found, _ = returned("canvas")
    [download] = folder.iterdir()
    assert set(found) == {each.name for each in download.iterdir()}
    for name, data in found.items():
        assert CANVAS.fullmatch(name)
        if name.endswith(".zip"):
            inside = zipfile.ZipFile(io.BytesIO(data)).read("feedback.html").decode()
            assert "20 of 100 points" in inside
        else:
            text = data.decode()
            compile(text, name, "exec")
            assert "t01.1 scale" in text and all(line.startswith("#") for line in text.splitlines())


@pytest.mark.parametrize("form", ["gradescope", "mail"])
@pytest.mark.parametrize("shape", ["gradescope", "folders"])
def test_gradescope_and_mail_get_a_folder_a_student(returned, shape, form):
    _, found, entries = returned(shape, form)
    pages = {name for name in found if name != "mail.csv"}
    assert pages == {f"{entry.student}/feedback.html" for entry in entries}
    if form == "mail":
        rows = list(csv.DictReader(io.StringIO(found["mail.csv"].decode("utf-8-sig"))))
        assert {row["file"] for row in rows} == pages
        assert {row["email"] for row in rows} == {entry.person.email for entry in entries}


def test_what_goes_back_can_be_taken_in_again_as_the_same_people(returned, tiny, tmp_path):
    """The names of an archive are those by which the download was recognised."""
    _, found, entries = returned("canvas")
    for name in found:
        path = tmp_path / "again" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(found[name])
    again = take_in(tiny, [tmp_path / "again"], ["t01"], "canvas").entries
    assert {(e.student, e.reference) for e in again} == {(e.student, e.reference) for e in entries}


@pytest.mark.parametrize("shape", ["moodle", "canvas"])
def test_the_same_bytes_each_time(returned, shape, tiny, gradebook, tmp_path):
    returned(shape)
    before = (tmp_path / "back.zip").read_bytes()
    export_feedback(tiny, gradebook, shape, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == before


def test_moodles_flat_files_and_names_with_accents(tiny, gradebook, write, answers, tmp_path):
    for name in ("Zoë Björk_7_assignsubmission_file_t01.py", "Bo_Li_8_assignsubmission_file_t01.py"):
        write(f"class/{name}", answers["right"])
    take(tiny, tmp_path / "class", gradebook)
    export_feedback(tiny, gradebook, "moodle", tmp_path / "back.zip")
    assert set(archive(tmp_path / "back.zip")) == {
        "Zoë Björk_7_assignsubmission_file_/feedback.html",
        "Bo_Li_8_assignsubmission_file_/feedback.html",
    }


def test_a_notebook_goes_back_as_a_notebook_and_late_files_by_their_names(tiny, gradebook, write, tmp_path):
    write("class/liotada_LATE_11_22_t01.ipynb", json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5}))
    take(tiny, tmp_path / "class", gradebook)
    export_feedback(tiny, gradebook, "canvas", tmp_path / "back.zip")
    [(name, data)] = archive(tmp_path / "back.zip").items()
    import nbformat

    assert name == "liotada_LATE_11_22_t01.ipynb"
    notebook = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(notebook)
    assert "t01.1 scale" in notebook.cells[0].source


def test_who_has_no_name_on_the_platform_is_named(tiny, gradebook, tmp_path):
    gradebook.put(grade_of("ada", FULL), Person("Ada", moodle_id="5"))
    gradebook.put(grade_of("bela", FULL))
    result = export_feedback(tiny, gradebook, "moodle", tmp_path / "back.zip")
    assert set(archive(tmp_path / "back.zip")) == {"Ada_5_assignsubmission_file_/feedback.html"}
    assert result.notes == [
        "The gradebook knows no file of bela in a download of moodle; this page is not in the archive."
    ]
    with pytest.raises(ReturnError, match="no hand-in from a download of canvas"):
        export_feedback(tiny, gradebook, "canvas", tmp_path / "none.zip")
    assert not (tmp_path / "none.zip").exists()


class Links(HTMLParser):
    """The addresses that a page names, and its tags."""

    def __init__(self, page: str):
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.ids += [value for name, value in attrs if name == "id"]


@pytest.fixture
def page(own_tiny, gradebook):
    """Ada's page about two topics, one of them adjusted."""
    gradebook.put(grade_of("ada", HALF), Person("<b>Ada</b>"))
    gradebook.put(grade_of("ada", GATE, "t02_gate"))
    (own_tiny.root / "a.csv").write_text("student,topic,exercise,bonus,reason\nada,t02,*,5,<i>forum</i>\n")
    course = replace(own_tiny, policy=Policy(adjustments="a.csv"), site_url=SITE)
    return student_page(course, gradebook, next(totals(course, gradebook)))


def test_a_page_holds_all_topics_and_needs_nothing_else(page):
    found = Links(page)
    assert (
        "75 of 200 points" in page
        and "+5 points (&lt;i&gt;forum" in page
        and "55 of 100 points count" in page
    )
    assert "&lt;b&gt;Ada" in page and not {"script", "link", "img", "b", "i", "iframe"} & found.tags
    assert found.ids == ["t01_tiny", "t02_gate"]
    assert found.links == [
        "#t01_tiny",
        "#t02_gate",
        f"{SITE}topics/t01_tiny/#scale",
        f"{SITE}topics/t01_tiny/#shifted",
        f"{SITE}topics/t02_gate/#gated",
    ]


def test_pages_of_a_topic_lead_to_the_site_too_once_there_is_one(tiny, gradebook):
    gradebook.put(grade_of("ada", HALF))
    out = gradebook.path.parent / "feedback"
    write_pages(tiny, gradebook, out, only_new=True)
    path = out / "ada" / "t01_tiny.html"
    assert Links(path.read_text()).links == [] and "docs/topics/t01_tiny.md#scale" in path.read_text()
    assert write_pages(replace(tiny, site_url=SITE), gradebook, out, only_new=True) == 1
    assert Links(path.read_text()).links[0] == f"{SITE}topics/t01_tiny/#scale"
    assert f"Read on: <{SITE}topics/t01_tiny/#scale>" in path.with_suffix(".md").read_text()


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://a.example", "https://a.example/"),
        ("http://a.example/b/", "http://a.example/b/"),
        ("", ""),
        ("a.example", None),
        ("javascript:alert(1)//", None),
        ("https://a.example/?q=1", None),
        ('https://a.example/"><script>', None),
        ("https://", None),
    ],
)
def test_the_sites_address_is_an_address(own_tiny, address, found):
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text().replace("seed = 7", f"seed = 7\nsite_url = '{address}'"))
    if found is None:
        with pytest.raises(SyllabusError, match="site_url is"):
            load_course(own_tiny.root)
    else:
        assert load_course(own_tiny.root).site_url == found


def test_one_topic_of_several(tiny, gradebook, tmp_path):
    gradebook.put(grade_of("ada", HALF), Person("Ada", moodle_id="5"))
    gradebook.put(grade_of("bela", GATE, "t02_gate"), Person("Bela", moodle_id="6"))
    export_feedback(tiny, gradebook, "moodle", tmp_path / "back.zip", {"t02_gate"})
    assert list(archive(tmp_path / "back.zip")) == ["Bela_6_assignsubmission_file_/feedback.html"]


def test_whoever_has_an_adjustment_reads_its_reason(attend, own_tiny, gradebook, write):
    """Dina handed in nothing and has points, Emre is excused, and Faiz has neither."""
    gradebook.put(grade_of("ada", HALF), Person("Ada", "ada@u.example"))
    rows = "student,name,email\nada,Ada,ada@u.example\nx,Dina Chen,d@u.example\ny,Emre Oe,e@u.example\nz,Faiz,f@u.example\n"
    gradebook.set_roster(read_roster(write("roster.csv", rows)).entries)
    head = "student,topic,exercise,points,excused,reason\n"
    table = f"{head}Dina Chen,t01,*,70,,oral exam\ny,t01,*,,yes,ill\nnobody,t01,*,1,,r\n"
    (own_tiny.root / "a.csv").write_text(table)
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text().replace("[grading]", "[policy]\nadjustments = 'a.csv'\n[grading]"))
    folder = gradebook.path.parent
    ran = attend(own_tiny, "feedback", "export", folder, "--for", "mail")
    assert ran.code == 0 and "3 files for 3 students; 1 without feedback" in ran.out, ran.err
    assert "no student here is called 'nobody'; the adjustment is not used." in ran.out
    found = archive(folder / "feedback-mail.zip")
    assert (
        b"70 points set (oral exam)" in found["x/feedback.html"]
        and b"excused (ill)" in found["y/feedback.html"]
    )
    # Canvas and Moodle have no file of theirs to return
    ran = attend(own_tiny, "feedback", "export", folder, "--for", "moodle")
    assert ran.code == 2 and "knows no hand-in" in ran.err
    rows = "name,email,moodle_id\nEmre Oe,y,12\n"
    gradebook.set_roster(read_roster(write("worksheet.csv", rows)).entries)
    ran = attend(own_tiny, "feedback", "export", folder, "--for", "moodle")
    assert ran.code == 0 and set(archive(folder / "feedback-moodle.zip")) == {
        "Emre Oe_12_assignsubmission_file_/feedback.html"
    }
    totals_ = {total.student: total for total in totals(load_course(own_tiny.root), gradebook)}
    text = student_text(own_tiny, gradebook, totals_["y"])
    assert f"t01 {own_tiny.topics[0].title}: not handed in; excused (ill)\n" in text


def test_the_commands(attend, tiny, gradebook):
    gradebook.put(grade_of("ada", HALF), Person("Ada", moodle_id="5"))
    gradebook.put(grade_of("bela", HALF))
    folder = gradebook.path.parent
    ran = attend(tiny, "feedback", "export", folder, "--for", "moodle", "--topic", "t01")
    assert ran.code == 0 and "1 file for 1 student" in ran.out and "no file of bela" in ran.out, ran.err
    assert (folder / "feedback-moodle.zip").exists()
    for words, said in (
        (("feedback", folder), "wrote 2 pages to"),
        (("feedback", "--student", "ada", folder), "wrote 1 page to"),
        (("feedback", "pages", folder), "wrote 2 pages to"),
    ):
        ran = attend(tiny, *words)
        assert ran.code == 0 and said in ran.out, ran.err
    ran = attend(tiny, "feedback", "export", folder, "--for", "pigeon")
    assert ran.code == 2 and "moodle" in ran.err
