"""`course.toml` is read, checked, and searched from where one stands."""

import pytest

from attend.course.syllabus import SyllabusError, find_course, load_course

from .common import ROOT

GOOD = """
[course]
name = "A"
version = "1"
seed = 3

[[topics]]
slug = "t01_one"
title = "One"
library = "numpy"

[[topics.exercises]]
name = "first"
points = 10
minutes = 5
difficulty = 1

[[topics.exercises]]
name = "second"
target = "Box.open"
points = 20
minutes = 15
difficulty = 2
builds_on = ["first"]
hints = ["a", "b", "c"]

[[topics]]
slug = "t02_two"
title = "Two"
library = "torch"
exercises = []
"""


@pytest.fixture
def course_of(write):
    """The course that a course.toml of this text makes."""
    return lambda text: load_course(write("course.toml", text).parent)


def test_exercises_are_numbered_in_their_order(course_of):
    topic = course_of(GOOD).topic("t01")
    assert [exercise.label for exercise in topic.exercises] == ["t01.1", "t01.2"]


def test_a_target_is_the_name_where_nothing_else_is_said(course_of):
    topic = course_of(GOOD).topic("t01")
    assert [exercise.target for exercise in topic.exercises] == ["first", "Box.open"]


def test_points_and_minutes_add_up(course_of):
    topic = course_of(GOOD).topic("t01")
    assert (topic.points, topic.minutes) == (30, 20)


@pytest.mark.parametrize("name", ["t01", "t01_one", "t01_o"])
def test_a_topic_is_found_by_its_number_or_its_beginning(course_of, name):
    assert course_of(GOOD).topic(name).slug == "t01_one"


@pytest.mark.parametrize("name", ["first", "t01.1", "1"])
def test_an_exercise_is_found_by_name_label_or_number(course_of, name):
    assert course_of(GOOD).topic("t01").exercise(name).name == "first"


def test_an_unknown_topic_is_told_with_those_there_are(course_of):
    with pytest.raises(SyllabusError, match="no topic 't09'; the topics are: t01_one, t02_two"):
        course_of(GOOD).topic("t09")


def test_a_name_that_fits_two_topics_is_refused(course_of):
    with pytest.raises(SyllabusError, match="fits several"):
        course_of(GOOD).topic("t0")


def test_an_unknown_exercise_is_told_with_those_there_are(course_of):
    with pytest.raises(SyllabusError, match="no exercise 'third'; it has: first, second"):
        course_of(GOOD).topic("t01").exercise("third")


def test_no_names_mean_all_topics(course_of):
    assert [topic.slug for topic in course_of(GOOD).select(None)] == ["t01_one", "t02_two"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("[course]", "[course", "cannot be read as TOML", id="no TOML"),
        pytest.param('title = "One"\n', "", "lacks the key 'title'", id="a key is missing"),
        pytest.param("seed = 3", "", "lacks the key 'seed'", id="no seed"),
        pytest.param(
            "[course]", "[grading]\nspeed = 3\n[course]", "grading. has the key 'speed'", id="an unknown rule"
        ),
        pytest.param(
            "[course]", "[grading]\nfresh_inputs = 1\n[course]", "true or false", id="a rule that is no truth"
        ),
        pytest.param(
            "[course]", "[grading]\ncall_seconds = 0\n[course]", "call_seconds is 0", id="no time for a call"
        ),
        pytest.param('"numpy"', '"jax"', "library is 'jax'", id="an unknown library"),
        pytest.param('["first"]', '["third"]', r"t01.2 builds on \['third'\]", id="builds on nothing known"),
        pytest.param('["first"]', '["second"]', r"t01.2 builds on \['second'\]", id="builds on itself"),
        pytest.param(
            "difficulty = 1",
            'difficulty = 1\nbuilds_on = ["second"]',
            "t01.1 builds on",
            id="builds on a later",
        ),
        pytest.param('name = "second"', 'name = "first"', "two exercises called 'first'", id="a name twice"),
        pytest.param('"t02_two"', '"t01_one"', "t01_one", id="a slug twice"),
        pytest.param('"t02_two"', '"two"', "'two'", id="a slug without a number"),
        pytest.param('"t02_two"', f'"t02_{"o" * 41}"', "at most 40", id="a slug too long"),
        pytest.param('name = "first"', 'name = "the first"', "t01.1: the name", id="a name of two words"),
        pytest.param('name = "first"', f'name = "{"f" * 41}"', "t01.1: the name", id="a name too long"),
        pytest.param("points = 10", "points = -1", "t01.1", id="points below zero"),
        pytest.param("points = 10", 'points = "10"', "t01.1", id="points that are no number"),
        pytest.param("points = 10\n", "", "lacks the key 'points'", id="no points"),
        pytest.param("topics", "chapters", "lacks the key 'topics'", id="no topics"),
        pytest.param("hints =", "hint =", "t01.2 has the key 'hint'", id="an unknown key of an exercise"),
        pytest.param('title = "One"', 'titel = "One"', "t01_one has the key 'titel'", id="one of a topic"),
        pytest.param(
            '[course]\nname = "A"\nversion = "1"\nseed = 3', "course = 3", "course.toml", id="no table"
        ),
    ],
)
def test_a_course_that_is_not_well_formed_is_named(course_of, old, new, problem):
    assert old in GOOD
    with pytest.raises(SyllabusError, match=problem):
        course_of(GOOD.replace(old, new))


def test_a_course_that_is_not_utf_8_is_named(write):
    path = write("course.toml", GOOD.encode("utf-16"))
    with pytest.raises(SyllabusError, match="cannot be read"):
        load_course(path.parent)


def test_a_folder_without_a_course_is_named(tmp_path):
    with pytest.raises(SyllabusError, match="course.toml does not exist"):
        load_course(tmp_path)


def test_the_course_is_found_from_a_folder_below(write):
    root = write("course.toml", GOOD).parent
    below = write("a/b/c.txt", "").parent
    assert find_course(below) == root.resolve()


def test_where_no_folder_above_holds_a_course_it_says_so(tmp_path):
    with pytest.raises(SyllabusError, match="no course.toml in .* or above it"):
        find_course(tmp_path)


def test_this_course_can_be_read():
    course = load_course(ROOT)
    assert course.root == ROOT and course.topics
