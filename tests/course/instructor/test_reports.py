"""Feedback pages and the class report from a gradebook."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from attend.course.syllabus import Policy
from attend.gradebook.publish import write_pages, write_results
from attend.gradebook.reports.class_report import summarise, write_report
from attend.gradebook.reports.plots import tenths

from .conftest import grade_of

DUE = datetime(2026, 10, 2, 22, tzinfo=UTC)
FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}
WRONG = {"scale": ("wrong", 0.0, 40.0), "shifted": ("carried", 60.0, 60.0)}
LOOP = {"scale": ("timeout", 0.0, 40.0), "shifted": ("missing", 0.0, 60.0)}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def term(gradebook):
    """A class of four: one right, two with the same known mistake, one whose loop never ends."""
    gradebook.put(grade_of("ada", FULL, seconds=0.5))
    for student in ("bela", HOSTILE):
        wrong = grade_of(student, WRONG, seconds=1.5)
        wrong.exercises[0].diagnosis = "factor_added"
        gradebook.put(wrong)
    gradebook.put(grade_of("chen", LOOP, seconds=42.0))
    return gradebook


class Page(HTMLParser):
    """The text of a page, its tags and its ids."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.ids, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        self.text += f" {data}"


def test_the_report_says_what_is_hard_what_is_frequent_and_what_to_look_at(tiny, term, tmp_path):
    write_report(tiny, term, tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    words = " ".join(page.text.split())
    assert "50 % factor added" in words
    assert "You add the factor, and it multiplies." in words  # what students were told
    assert "chen t01 scale: timeout" in words
    assert re.search(r"chen t01 42\.00 scale", words)
    assert words.index("scale 25 %") < words.index("shifted 75 %")  # the hardest first
    assert "1 of 3" in words  # beside the difficulty that the syllabus gives it
    assert "script" not in page.tags and HOSTILE in words


def test_behind_every_plot_stands_a_table(tiny, term, tmp_path):
    write_report(tiny, term, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags.count("svg") == 3 == text.count("<details>")
    assert text.count('role="img" aria-label=') == 3
    assert len(page.ids) == len(set(page.ids))
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    assert used <= set(page.ids)


def test_a_full_share_belongs_to_the_last_tenth():
    assert tenths([0.0, 0.05, 0.1, 0.95, 1.0]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_the_report_of_a_huge_class_names_files_and_not_students(tiny, term, tmp_path, monkeypatch):
    monkeypatch.setattr("attend.gradebook.reports.class_report.STUDENTS_LISTED", 3)
    monkeypatch.setattr("attend.gradebook.reports.class_report.FAILING", 0)
    write_report(tiny, term, tmp_path / "report.html")
    assert "too many for a page" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_grades_of_a_topic_that_is_gone_do_not_stop_the_report(tiny, term):
    term.put(grade_of("ada", FULL, "t77_gone"))
    assert summarise(tiny, term).submissions == 4


def test_pages_are_written_when_what_they_show_has_changed(tiny, term, tmp_path):
    out = term.path.parent / "feedback"

    def write(course=tiny) -> int:
        return write_pages(course, term, out, only_new=True)

    assert write() == 4
    assert write() == 0
    (out / "ada" / "t01_tiny.html").unlink()
    assert write() == 1
    term.put(grade_of("chen", FULL))
    assert write() == 1
    term.put(grade_of("ada", FULL, seconds=0.5), submitted=DUE + timedelta(hours=1))
    late = replace(tiny, policy=Policy(late_percent_per_day=10, due={"t01_tiny": DUE}))
    assert write(late) == 1
    for suffix in ("html", "md"):
        text = (out / "ada" / f"t01_tiny.{suffix}").read_text(encoding="utf-8").replace("\\", "")
        assert "90 of 100 points count: 1 day late, −10 %." in text
    assert write() == 1  # the policy is gone, and so is the sentence


def test_results_are_a_table_pages_and_a_report(tiny, term):
    out = term.path.parent
    write_results(tiny, term, out)
    assert {path.name for path in out.iterdir()} >= {"grades.csv", "report.html", "feedback"}
    assert (out / "grades.csv").read_text().count("\n") == 1 + 2 * 4


def test_the_commands_write_again_what_was_lost(attend, tiny, term):
    out = term.path.parent
    assert attend(tiny, "report", out).code == 0 and (out / "report.html").exists()
    assert attend(tiny, "feedback", out, "--student", "ada").code == 0
    assert [path.name for path in (out / "feedback").iterdir()] == ["ada"]
    ran = attend(tiny, "feedback", out, "--student", "nobody")
    assert ran.code == 2 and "holds no grade of nobody" in ran.err
