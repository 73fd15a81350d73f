"""Feedback passes on what the grader sees and a student does not: tabs, odd characters, sys.exit, where the file lay."""

import pytest

from attend.course.line_hints import hint
from attend.gradebook.reports.feedback import write_feedback

from .common import row, submission

ODD = {
    "a tab": ("def f(x):\n    y = x\n\treturn y\n", "indented with a tab"),
    "a space that does not break": ("x = 1\ny\u00a0= 2\n", "at column 2 (U+00A0) there is NO-BREAK SPACE"),
    "a space without width": ("x =\u200b 1\n", "ZERO WIDTH SPACE"),
    "a quotation mark": ("x = \u201chello\u201d\n", "a quotation mark of a text, \u201c"),
    "a minus": ("x = 3 \u2212 1\n", "does not take for -"),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_page_says_what_cannot_be_seen(tiny_lane, tiny, kind):
    text, words = ODD[kind]
    grade = tiny_lane.grade_submission(submission(tiny.topic("t01"), text))
    assert grade.points == 0 and words in grade.problem, grade.problem
    assert "Python cannot read the file: a syntax error" in grade.problem


def test_nothing_is_said_of_an_ordinary_line():
    assert (
        hint("def f(x):\n    return (\n", 2)
        == hint("x = 'é' +\n", 1)
        == hint("x", None)
        == hint("x", 5)
        == ""
    )


def test_sys_exit_is_named_while_loading_and_in_a_call(tiny_lane, tiny):
    topic = tiny.topic("t01")
    right = tiny.solution(topic).read_text(encoding="utf-8")
    loading = tiny_lane.grade_submission(submission(topic, right + "\nimport sys\nsys.exit(0)\n"))
    assert loading.points == 0 and "the file calls sys.exit() when it is loaded" in loading.problem
    called = right.replace("    return x * factor", "    raise SystemExit")
    grade = tiny_lane.grade_submission(submission(topic, called))
    assert any(
        "it called sys.exit(): an answer goes back by `return`" in test.message
        for test in row(grade, "scale").tests
    )


def test_a_page_says_where_the_file_lay(tiny_lane, tiny, write):
    import zipfile

    from attend.submissions import Entry

    topic = tiny.topic("t01")
    with zipfile.ZipFile(write("ada/x", "").parent / "homework.zip", "w") as archive:
        archive.writestr("week 3/T01 (2).py", tiny.solution(topic).read_text(encoding="utf-8"))
    grade = tiny_lane.grade(Entry("ada", topic.slug, write("ada/x", "").parent / "homework.zip"))
    assert grade.points == 100 and grade.filename == "homework.zip: week 3/T01 (2).py"
    page = write_feedback(grade, topic, write("out/x", "").parent)
    assert "file: homework.zip: week 3/T01 (2).py" in page.read_text(encoding="utf-8")
