"""Policies change what counts, never a grade."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from attend.course.syllabus import Policy, SyllabusError, load_course
from attend.course.tables import TableError
from attend.gradebook.grade import TestGrade, share_passed
from attend.gradebook.policy import policy_notes, totals
from attend.submissions import Person
from attend.submissions.people import Directory

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
    ("name", "person"),
    [
        ("HY@Uni.Example", Person(email="hy@uni.example")),
        (" hy@uni.example ", Person(email="HY@UNI.EXAMPLE")),
        ("456", Person(sid="00456")),
        ("00456", Person(sid="456")),
        ("Zoe\u0308", Person()),  # decomposed, as macOS writes it
        ("ZO\u00cb", Person()),
        ("hy oe", Person("Hy Oe", "hy@uni.example")),
        ('"Oe, Hy Ann"', Person("Hy Ann Oe")),
        ("Hy Oe", Person("Oe, Hy")),
    ],
)
def test_an_extension_finds_its_student_however_they_are_spelled(own_tiny, gradebook, name, person):
    student = "zo\u00eb" if person == Person() else "somebody"
    gradebook.put(grade_of(student, FULL), person, submitted=DUE + timedelta(days=1, hours=2))
    path = own_tiny.root / "extensions.csv"
    path.write_text(f"student,topic,days\n{name},t01,2\n", encoding="utf-8")
    policy = Policy(late_percent_per_day=10, extensions=path.name, due={"t01_tiny": DUE})
    course = replace(own_tiny, policy=policy)
    assert next(totals(course, gradebook)).points == 100.0
    assert policy_notes(course, gradebook) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_of_any_spreadsheet_are_read(own_tiny, gradebook, separator, encoding):
    gradebook.put(grade_of("zoë", FULL), submitted=DUE + timedelta(days=1, hours=2))
    rows = ["student,topic,days,until", "zoë,t01,2,"]
    (own_tiny.root / "e.csv").write_text("\n".join(rows).replace(",", separator), encoding=encoding)
    policy = Policy(late_percent_per_day=10, extensions="e.csv", due={"t01_tiny": DUE})
    assert next(totals(replace(own_tiny, policy=policy), gradebook)).points == 100.0


def test_a_name_finds_a_student_where_nobody_else_has_it(gradebook):
    people = {"1": Person("Ada Oe"), "2": Person("Ada Oe", sid="7"), "bela": Person(), "3": Person("Bela")}
    directory = Directory(people.items())
    assert directory.find("Ada Oe") == (None, "'Ada Oe' fits 1 and 2")
    # the name in the gradebook comes first
    assert [directory.find(name)[0] for name in ("7", "Bela", "")] == ["2", "bela", None]


def test_a_row_that_fits_nobody_or_two_is_named_and_not_used(attend, own_tiny, gradebook, tmp_path):
    gradebook.put(
        grade_of("ada", FULL), Person(email="ada@u.example", sid="17"), submitted=DUE + timedelta(days=1)
    )
    gradebook.put(grade_of("bela", FULL), Person(canvas_id="17"), submitted=DUE + timedelta(days=1))
    path = own_tiny.root / "extensions.csv"
    path.write_text("student,topic,days\nada@u.exmaple,t01,2\n17,t01,2\nnobody,,1\n", encoding="utf-8")
    policy = Policy(late_percent_per_day=10, extensions=path.name, due={"t01_tiny": DUE})
    course = replace(own_tiny, policy=policy)
    assert [total.points for total in totals(course, gradebook)] == [90.0, 90.0]
    assert policy_notes(course, gradebook) == [
        "extensions.csv, line 2: no student here is called 'ada@u.exmaple' (is it ada?); the extension is not used.",
        "extensions.csv, line 3: '17' fits ada and bela; the extension is not used.",
        "extensions.csv, line 4: no student here is called 'nobody'; the extension is not used.",
    ]
    toml = own_tiny.root / "course.toml"
    toml.write_text(
        toml.read_text().replace("[grading]", "[policy]\nextensions = 'extensions.csv'\n[grading]")
    )
    ran = attend(own_tiny, "gradebook", "export", tmp_path / "results")
    assert ran.code == 0 and ran.out.count("the extension is not used") == 3


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("due", "submitted", "days"),
    [
        # clocks are set back on 25 October 2026: that day has 25 hours
        ("2026-10-24T23:59:00+02:00", "2026-10-25T23:59:00+01:00", 1),
        ("2026-10-24T23:59:00+02:00", "2026-10-25T23:59:01+01:00", 2),
        ("2026-10-24T23:59:00+02:00", "2026-10-31T23:59:00+01:00", 7),
        # and forward on 28 March 2027: that day has 23
        ("2027-03-27T23:59:00+01:00", "2027-03-28T23:59:00+02:00", 1),
        ("2027-03-27T23:59:00+01:00", "2027-03-29T00:00:00+02:00", 2),
        # the offset in which a moment is written does not matter
        ("2026-10-24T21:59:00+00:00", "2026-10-25T22:59:00+00:00", 1),
        ("2026-10-24T23:59:00+02:00", "2026-10-24T17:59:00-04:00", 0),
        # within the hour that comes twice
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00", 1),
    ],
)
def test_days_are_those_of_the_calendar_in_a_named_zone(counted, gradebook, due, submitted, days):
    gradebook.put(grade_of("ada", FULL), submitted=datetime.fromisoformat(submitted))
    rules = {"late_percent_per_day": 10, "zone": "Europe/Berlin"}
    topic = counted(due={"t01_tiny": datetime.fromisoformat(due)}, **rules)["ada"].topics[0]
    assert topic.days_late == days


def test_days_of_an_extension_are_those_of_the_calendar_too(own_tiny, gradebook):
    due = datetime(2026, 10, 24, 23, 59, tzinfo=BERLIN)
    (own_tiny.root / "extensions.csv").write_text("student,days,until\nada,2,\nbela,,2026-10-26T23:59:00\n")
    for student in ("ada", "bela"):
        gradebook.put(grade_of(student, FULL), submitted=datetime(2026, 10, 26, 22, 59, tzinfo=UTC))
    policy = Policy(
        late_percent_per_day=10, extensions="extensions.csv", zone="Europe/Berlin", due={"t01_tiny": due}
    )
    for total in totals(replace(own_tiny, policy=policy), gradebook):
        assert total.topics[0].days_late == 0, total.student
    (own_tiny.root / "extensions.csv").write_text("student,days\nada,1\n")
    assert next(totals(replace(own_tiny, policy=policy), gradebook)).topics[0].days_late == 1


@pytest.mark.parametrize("days", ["inf", "nan", "1e9", "-1"])
def test_an_extension_without_end_is_named(own_tiny, gradebook, days):
    gradebook.put(grade_of("ada", FULL), submitted=DUE)
    (own_tiny.root / "extensions.csv").write_text(f"student,days\nada,{days}\n")
    with pytest.raises(TableError, match="line 2: an extension names a student, and days above 0"):
        list(totals(replace(own_tiny, policy=Policy(extensions="extensions.csv")), gradebook))


def test_a_time_that_is_known_stays_known(gradebook):
    """Grading again without --times, or with a download that only says that it was late."""
    gradebook.put(grade_of("ada", FULL), submitted=DUE)
    gradebook.put(grade_of("ada", FULL))
    assert gradebook.hand_ins()["ada", "t01_tiny"].submitted == DUE
    gradebook.put(grade_of("ada", FULL), late=True)
    assert not gradebook.hand_ins()["ada", "t01_tiny"].late
    gradebook.put(grade_of("ada", FULL), submitted=DUE + timedelta(days=1))
    assert gradebook.hand_ins()["ada", "t01_tiny"].submitted == DUE + timedelta(days=1)
    # another upload, of which nobody knows the time
    gradebook.put(grade_of("ada", FULL), reference="7", submitted=DUE)
    gradebook.put(grade_of("ada", FULL), reference="8", late=True)
    assert (
        gradebook.hand_ins()["ada", "t01_tiny"].late
        and gradebook.hand_ins()["ada", "t01_tiny"].submitted is None
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("topic,days\nt01,2\n", "lacks the column 'student'"),
        ("student,topic,days\nada,t09,2\n", "line 2: there is no topic 't09'"),
        ("student,topic,days\nada,t01,soon\n", "line 2"),
        ("student,topic,days\nada,t01,\n", "line 2: an extension names"),
        ("student,topic,until\nada,t01,2026-10-05T00:00:00\n", "no time zone"),
        (None, "cannot be read"),
        ("PK\0\3", "is no table of text; save it as CSV"),
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
        ('zone = "Berlin"', "zone is 'Berlin', which is not a time zone here"),
        ('zone = "../../etc/passwd"', "not a time zone"),
        ("zone = 3", "not a time zone"),
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


def test_a_due_date_without_an_offset_is_of_the_policys_zone(write):
    path = write("course.toml", COURSE + 'zone = "Europe/Berlin"\ndue = { t01 = 2026-10-02T23:59:00 }')
    assert load_course(path.parent).policy.due == {"t01_one": DUE}
