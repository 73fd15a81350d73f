"""What students and instructors read: a page each, in words that hold no hidden code, and their own text as data."""

from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from attend.gradebook.folders import folder_name
from attend.gradebook.grade import ExerciseGrade, Grade, TestGrade
from attend.gradebook.reports.feedback import write_feedback

from .common import TINY, read_rows, test_functions

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param('"><img src=x onerror=alert(1)>', id="attribute"),
    pytest.param("[link](javascript:alert(1)) ![image](http://x.example)", id="link"),
    pytest.param("# Full marks\n\n- [x] **100 of 100**", id="heading"),
    pytest.param("`code` *star* _line_ ~~strike~~ | table | &lt; <http://x.example>", id="marks"),
    pytest.param("{{ 7 * 7 }} {% raw %}", id="template"),
    pytest.param("\x1b[31mred\x07\x00\u202e", id="control characters"),
]


def grade_with(text: str = "harmless", student: str = "ada") -> Grade:
    tests = [
        TestGrade("test_a", "It holds.", "passed"),
        TestGrade("test_b", "So it is.", "values", text),
        TestGrade("test_c", "So it is.", "values", "again"),
    ]
    rows = [
        ExerciseGrade("scale", 12.5, 40.0, "partial", "divided", text, [text], tests),
        ExerciseGrade("shifted", 60.0, 60.0, "carried", notes=["carried forward: right, given your scale"]),
    ]
    return Grade(student, "t01_tiny", "1", 7, "d", "landlock", rows, 0.5, text)


@pytest.fixture
def pages(tiny, tmp_path):
    """The two pages of a grade: Markdown and HTML."""

    def write(grade: Grade) -> tuple[str, str]:
        path = write_feedback(grade, tiny.topic("t01"), tmp_path)
        return path.with_suffix(".md").read_text(encoding="utf-8"), path.read_text(encoding="utf-8")

    return write


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and its text."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: Counter = Counter()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags[tag, tuple(sorted(name for name, _ in attrs))] += 1

    def handle_data(self, data):
        self.text += data


# what a student wrote is data


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_students_makes_no_tag_in_html(pages, text):
    _, page = pages(grade_with(text))
    assert Tags(page).tags == Tags(pages(grade_with())[1]).tags


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_students_makes_no_tag_in_markdown(pages, text):
    page, _ = pages(grade_with(text))
    rendered, harmless = (
        MarkdownIt().enable("table").render(each) for each in (page, pages(grade_with())[0])
    )
    assert Tags(rendered).tags == Tags(harmless).tags


@pytest.mark.parametrize("text", ["<b>bold</b>", "a_b*c"])
def test_text_of_a_students_is_shown_as_it_is(pages, text):
    page, html = pages(grade_with(text))
    assert text in Tags(html).text
    assert text in Tags(MarkdownIt().render(page)).text


@pytest.mark.parametrize("kind", [0, 1], ids=["markdown", "html"])
def test_control_characters_do_not_reach_a_page(pages, kind):
    page = pages(grade_with("\x1b[31m\x07\x00\u202e"))[kind]
    assert not set(page) & set("\x1b\x07\x00\u202e")


@pytest.mark.parametrize("kind", [0, 1], ids=["markdown", "html"])
def test_long_text_is_cut(pages, kind):
    assert len(pages(grade_with("a" * 100_000))[kind]) < 50_000


def test_a_students_name_makes_no_tag(pages):
    _, page = pages(grade_with(student="<script>alert(1)</script>"))
    assert Tags(page).tags == Tags(pages(grade_with())[1]).tags


@pytest.mark.parametrize(
    "name",
    [
        "../../etc",
        "/etc",
        "a/b",
        "..",
        ".",
        "",
        "a\\b",
        "a\0b",
        "x" * 300,
        "c:d",
        "é ö",
        "é" * 200,
        "CON",
        "nul.txt",
    ],
)
def test_a_students_name_is_one_folder_below(tmp_path, name):
    folder = tmp_path / folder_name(name)
    folder.mkdir()
    assert folder.resolve().parent == tmp_path.resolve()


def test_no_two_names_share_a_folder():
    names = ["a/b", "a\\b", "a_b", "a:b", "a b", "a b.", "", ".", "x" * 200, "x" * 201]
    assert len({folder_name(name) for name in names}) == len(names)


# what a page says


@pytest.mark.parametrize("kind", [0, 1], ids=["markdown", "html"])
def test_a_page_says_points_verdict_diagnosis_and_where_to_read_on(pages, kind):
    page = pages(grade_with("You divide by the factor."))[kind]
    text = " ".join(Tags(MarkdownIt().render(page) if kind == 0 else page).text.split())
    for words in (
        "72.5 of 100 points",
        "t01.1 scale",
        "12.5 of 40",
        "partly right",
        "What happened: You divide by the factor.",
        "1 of 3 checks passed",
        "docs/topics/t01_tiny.md#scale",
        "60 of 60",
        "right, given your earlier answers",
        "carried forward: right, given your scale",
        "course 1, seed 7, isolation: landlock",
    ):
        assert words in text


@pytest.mark.parametrize("kind", [0, 1], ids=["markdown", "html"])
def test_what_several_tests_ask_for_is_said_once_with_a_count(pages, kind):
    page = pages(grade_with())[kind]
    assert page.count("So it is") == 1 and "(2 times)" in page and "again" not in page


def test_a_page_that_is_written_again_is_the_same(pages):
    assert pages(grade_with()) == pages(grade_with())


# a class


def test_every_student_has_a_page_a_topic_and_no_other(tiny_class):
    rows = read_rows(tiny_class / "results" / "grades.csv")
    expected = {(row["student"], f"{row['topic']}{suffix}") for row in rows for suffix in (".md", ".html")}
    found = {(path.parent.name, path.name) for path in (tiny_class / "results" / "feedback").rglob("*.*")}
    assert found == expected and len(found) == 14 * 2 * 2


def hidden_lines() -> set[str]:
    """Lines of the closed files that would give something away."""
    paths = [*(TINY / "autograder" / "graders").glob("*.py"), *(TINY / "solutions").glob("*.py")]
    lines = {line.strip() for path in paths for line in path.read_text(encoding="utf-8").splitlines()}
    return {line for line in lines if len(line) > 20 and any(sign in line for sign in "(=@")}


def pages_of(folder: Path) -> list[str]:
    return [
        path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".md", ".html", ".csv")
    ]


def test_no_page_holds_a_line_of_a_hidden_test_or_of_a_solution(tiny_class):
    lines = hidden_lines()
    assert len(lines) > 20
    pages = pages_of(tiny_class / "results")
    own = "return scale(x, factor) + offset"  # stands in what students wrote as well
    assert [line for line in lines - {own} for page in pages if line in page] == []


def test_no_page_holds_the_name_of_a_hidden_test(tiny_class):
    names = {name for path in (TINY / "autograder" / "graders").glob("*.py") for name in test_functions(path)}
    assert len(names) == 9
    assert [
        name for name in names for page in pages_of(tiny_class / "results" / "feedback") if name in page
    ] == []


def test_the_report_names_every_student_and_links_to_pages_that_are_there(tiny_class):
    report = tiny_class / "results" / "report.html"
    links = [
        value for value in Links(report.read_text(encoding="utf-8")).found if value.startswith("feedback/")
    ]
    assert len(links) >= 14 * 2
    assert [link for link in links if not (report.parent / unquote(link)).exists()] == []


class Links(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name == "href"]
