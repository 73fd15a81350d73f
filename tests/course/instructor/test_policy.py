"""Policies change what counts, never a grade."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from attend.course.syllabus import Policy, SyllabusError, load_course
from attend.course.tables import TableError
from attend.gradebook.grade import TestGrade, share_passed
from attend.gradebook.policy import totals
from attend.submissions import Person

from .conftest import grade_of

DUE = datetime(2026, 10, 2, 21, 59, tzinfo=UTC)
FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}
HALF = {"scale": ("partial", 20.0, 40.0), "shifted": ("carried", 60.0, 60.0)}
GATE = {"open": ("wrong", 10.0, 50.0), "gated": ("wrong", 0.0, 50.0)}


@pytest.fixture
def counted(tiny, gradebook):
    """What counts under a policy, by student."""

    def apply(**rules):
        course = replace(tiny, policy=Policy(**rules))
        return {total.student: total for total in totals(course, gradebook)}

    return apply


def test_without_a_policy_points_count_as_they_are(counted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    total = counted()["ada"]
    assert (total.points, total.max_points, total.notes) == (80.0, 100, [])


def test_the_grades_themselves_never_change(counted, gradebook):
    gradebook.put(grade_of("ada", HALF), submitted=DUE + timedelta(days=9))
    before = list(gradebook.rows())
    counted(credit="all_or_nothing", late_percent_per_day=50, due={"t01_tiny": DUE})
    assert list(gradebook.rows()) == before


@pytest.mark.parametrize(
    ("after", "days", "points"),
    [
        (timedelta(hours=-1), 0, 100.0),
        (timedelta(minutes=10), 0, 100.0),  # grace
        (timedelta(minutes=11), 1, 90.0),
        (timedelta(days=1), 1, 90.0),
        (timedelta(days=1, seconds=1), 2, 80.0),
        (timedelta(days=3), 3, 70.0),
        (timedelta(days=3, seconds=1), 4, 0.0),  # later than that counts nothing
    ],
)
def test_each_day_begun_costs_its_share(counted, gradebook, after, days, points):
    gradebook.put(grade_of("ada", FULL), submitted=DUE + after)
    rules = {"late_percent_per_day": 10, "grace_minutes": 10, "late_days_at_most": 3}
    topic = counted(due={"t01_tiny": DUE}, **rules)["ada"].topics[0]
    assert (topic.days_late, topic.counted, topic.raw) == (days, points, 100.0)


def test_late_without_a_time_is_one_day(counted, gradebook):
    gradebook.put(grade_of("ada", FULL), late=True)
    assert counted(late_percent_per_day=10)["ada"].points == 90.0


def test_points_never_fall_below_zero(counted, gradebook):
    gradebook.put(grade_of("ada", FULL), submitted=DUE + timedelta(days=30))
    assert counted(late_percent_per_day=10, due={"t01_tiny": DUE})["ada"].points == 0.0


@pytest.mark.parametrize("name", ["ada", "ada@u.example", "0042"])
@pytest.mark.parametrize(
    ("row", "points"),
    [
        ("{},t01,2,", 100.0),
        ("{},,2,", 100.0),
        ("{},*,1,", 90.0),
        ("{},t02,2,", 80.0),
        ("{},t01,,2026-10-05T00:00:00+02:00", 100.0),
    ],
)
def test_an_extension_moves_the_due_date(own_tiny, gradebook, name, row, points):
    person = Person(email="ada@u.example", sid="0042")
    gradebook.put(grade_of("ada", FULL), person, submitted=DUE + timedelta(days=1, hours=2))
    (own_tiny.root / "extensions.csv").write_text(
        f"Student,Topic,Days,Until\n{row.format(name)}\nbela,t01,9,\n"
    )
    policy = Policy(late_percent_per_day=10, extensions="extensions.csv", due={"t01_tiny": DUE})
    total = next(totals(replace(own_tiny, policy=policy), gradebook))
    assert total.points == points


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("topic,days\nt01,2\n", "lacks the column 'student'"),
        ("student,topic,days\nada,t09,2\n", "line 2: there is no topic 't09'"),
        ("student,topic,days\nada,t01,soon\n", "line 2"),
        ("student,topic,days\nada,t01,\n", "line 2: an extension names"),
        ("student,topic,until\nada,t01,2026-10-05T00:00:00\n", "no time zone"),
        (None, "cannot be read"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(own_tiny, gradebook, text, problem):
    if text is not None:
        (own_tiny.root / "extensions.csv").write_text(text)
    course = replace(own_tiny, policy=Policy(extensions="extensions.csv"))
    with pytest.raises(TableError, match=problem):
        list(totals(course, gradebook))


def test_the_lowest_topic_is_dropped_and_one_always_stays(counted, gradebook):
    gradebook.put(grade_of("ada", FULL))
    gradebook.put(grade_of("ada", GATE, "t02_gate"))
    for count in (1, 5):
        total = counted(drop_lowest=count)["ada"]
        assert (total.points, total.max_points, total.notes) == (100.0, 100, ["t02: dropped"])


def test_what_was_not_handed_in_counts_as_nothing_and_may_be_dropped(counted, gradebook):
    gradebook.put(grade_of("ada", FULL))
    gradebook.put(grade_of("bela", GATE, "t02_gate"))
    assert (counted()["bela"].points, counted()["bela"].max_points) == (10.0, 200)
    assert counted(drop_lowest=1)["bela"].max_points == 100


def test_all_or_nothing_counts_whole_exercises(counted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    assert counted(credit="all_or_nothing")["ada"].points == 60.0


def test_without_carried_credit_an_exercise_earns_what_its_own_tests_do(counted, gradebook):
    gradebook.put(grade_of("ada", HALF))
    assert counted(carried_forward=False)["ada"].points == 20.0 + 30.0
    assert counted(carried_forward=False, credit="all_or_nothing")["ada"].points == 0.0


@pytest.mark.parametrize(
    ("outcomes", "share", "own"),
    [
        ({"test_a": "passed"}, 1.0, 1.0),
        ({"test_a": "values"}, 0.0, 0.0),
        ({"test_a": "passed", "test_b": "values"}, 0.5, 0.5),
        # nine failing cases of one test weigh no more than its one case would
        ({**{f"test_a[{n}]": "values" for n in range(9)}, "test_b": "passed"}, 0.5, 0.5),
        ({**{f"test_a[{n}]": "passed" for n in range(9)}, "test_b": "timeout"}, 0.5, 0.5),
        ({"test_a[1]": "passed", "test_a[2]": "shape", "test_b[x-[y]]": "passed"}, 0.75, 0.75),
        ({"test_a": "carried", "test_b": "passed"}, 1.0, 0.5),
        ({**{f"test_a[{n}]": "carried" for n in range(9)}, "test_b": "passed"}, 1.0, 0.5),
        ({**{f"test_a[{n}]": "carried" for n in range(9)}, "test_b": "carried"}, 1.0, 0.0),
        ({"test_a[1]": "carried", "test_a[2]": "passed", "test_b": "passed"}, 1.0, 0.75),
    ],
)
def test_points_are_counted_alike_with_and_without_carried_credit(counted, gradebook, outcomes, share, own):
    tests = [TestGrade(name, "A sentence.", outcome) for name, outcome in outcomes.items()]
    assert (share_passed(tests), share_passed(tests, carried=False)) == (share, own)
    grade = grade_of("ada", {"scale": ("carried", 40.0 * share, 40.0), "shifted": ("wrong", 0.0, 60.0)})
    grade.exercises[0].tests = tests
    gradebook.put(grade)
    assert counted()["ada"].points == 40.0 * share
    assert counted(carried_forward=False)["ada"].points == 40.0 * own


COURSE = """
[course]
name = "A"
version = "1"
seed = 3
[[topics]]
slug = "t01_one"
title = "One"
library = "numpy"
exercises = []
[policy]
"""


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('credit = "some"', "credit is 'some'; it is partial or all_or_nothing"),
        ("drop_lowest = -1", "drop_lowest is -1"),
        ("drop_lowest = 1.5", "whole number"),
        ("late_percent_per_day = 101", "above 100"),
        ('late_percent_per_day = "10"', "late_percent_per_day is '10'"),
        ("carried_forward = 1", "it is true or false"),
        ("extensions = 3", "name of a CSV file"),
        ("lateness = 3", "the key 'lateness'"),
        ("due = { t02 = 2026-10-02T23:59:00+02:00 }", "'t02', which is not a topic"),
        ("due = { t01 = 2026-10-02T23:59:00 }", "time zone"),
        ('due = { t01 = "soon" }', "time zone"),
    ],
)
def test_a_policy_that_cannot_be_is_named(write, rule, problem):
    path = write("course.toml", COURSE + rule)
    with pytest.raises(SyllabusError, match=problem):
        load_course(path.parent)


def test_due_dates_are_known_by_number_or_slug(write):
    for name in ("t01", "t01_one"):
        path = write("course.toml", COURSE + f"due = {{ {name} = 2026-10-02T23:59:00+02:00 }}")
        assert load_course(path.parent).policy.due == {"t01_one": DUE}
