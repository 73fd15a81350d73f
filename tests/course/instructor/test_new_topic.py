"""A topic that was just begun is valid in every layer, and the audit says what is missing."""

import pytest

from attend.authoring.audit import audit_topic
from attend.authoring.new_topic import ScaffoldError, new_topic
from attend.authoring.stubs import find_drift
from attend.course.syllabus import load_course
from attend.grading.course_grader import Lane


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_every_layer_is_valid_and_every_todo_is_a_hole(own_tiny, level, library):
    made = new_topic(own_tiny, "t15_new", 'A "quoted" title', library)
    course = load_course(own_tiny.root)
    topic = course.topic("t15")
    assert (topic.title, topic.library) == ('A "quoted" title', library)
    assert all(path.exists() for path in made.paths) and find_drift(course, [topic]) == []
    with Lane(course, level) as lane:
        (audit,) = audit_topic(course, topic, lane)
    assert audit.reference_passes and audit.stub_fails
    assert (audit.killed, audit.diagnosed, audit.accepted) == (1, 1, 1)
    holes = "\n".join(audit.holes)
    assert "has 1 misconceptions, needs 3" in holes and "has 1 alternates, needs 2" in holes
    for layer in (
        "solutions/t15",
        "test_t15",
        "misconceptions/t15",
        "alternates/t15",
        "docs/topics/t15",
        "docs/quizzes/t15",
        "course.toml",
    ):
        assert layer in holes
    assert "does not exist" not in holes and "reference fails" not in holes


def test_a_topic_is_entered_in_its_order(own_tiny):
    before = (own_tiny.root / "course.toml").read_text()
    new_topic(own_tiny, "t00_before", "Before", "numpy")
    course = load_course(own_tiny.root)
    assert [topic.number for topic in course.topics] == ["t00", "t01", "t02"]
    assert before[before.index("[[topics]]") :] in (own_tiny.root / "course.toml").read_text()


@pytest.mark.parametrize(
    ("slug", "problem"),
    [("new", "not of the form"), ("t01_other", "t01 is t01_tiny"), ("t15_There", "not of the form")],
)
def test_a_name_that_cannot_be_is_refused(own_tiny, slug, problem):
    with pytest.raises(ScaffoldError, match=problem):
        new_topic(own_tiny, slug, "A title", "numpy")


def test_nothing_is_written_over(own_tiny):
    path = own_tiny.root / "solutions" / "t15_new.py"
    path.write_text("mine")
    with pytest.raises(ScaffoldError, match="is there already"):
        new_topic(own_tiny, "t15_new", "A title", "numpy")
    assert path.read_text() == "mine" and "t15" not in (own_tiny.root / "course.toml").read_text()


def test_the_command_says_what_comes_next(attend, own_tiny):
    ran = attend(own_tiny, "new-topic", "t15_new", "--title", "New")
    assert ran.code == 0 and "attend audit t15" in ran.out and "mkdocs.yml" in ran.out
