"""Slip days pay for late days, the best attempt may count, and a week may have a maximum; grades stay as they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attend.course.rules import Policy, SyllabusError
from attend.course.syllabus import load_course
from attend.gradebook.late_days import late_days
from attend.gradebook.policy import policy_notes, totals
from attend.gradebook.publish import write_pages
from attend.gradebook.reports.student_page import student_page, student_text
from attend.gradebook.store import Gradebook
from attend.submissions import Entry

from ..common import read_rows
from .conftest import grade_of

# a Friday and the Friday after it
DUE = datetime(2026, 10, 2, 21, 59, tzinfo=UTC)
LATER = DUE + timedelta(days=7)
BOTH = {"t01_tiny": DUE, "t02_gate": LATER}
FULL = {"scale": ("full", 40.0, 40.0), "shifted": ("full", 60.0, 60.0)}
HALF = {"scale": ("partial", 20.0, 40.0), "shifted": ("partial", 30.0, 60.0)}
NOTHING = {"scale": ("wrong", 0.0, 40.0), "shifted": ("wrong", 0.0, 60.0)}
OPEN = {"open": ("full", 50.0, 50.0), "gated": ("full", 50.0, 50.0)}


def days(count: float) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
def total(tiny, gradebook):
    """What Ada's topics count under a policy."""

    def apply(**rules):
        return next(totals(replace(tiny, policy=Policy(**{"due": BOTH, **rules})), gradebook))

    return apply


@pytest.fixture
def hand_in_again(gradebook):
    """Put in an attempt, as a run of `attend grade` does."""

    def put(text: str, outcomes: dict, submitted: datetime | None = None, grader: str = "g", **about) -> None:
        grade = replace(grade_of("ada", outcomes), digest=text)
        entry = Entry("ada", "t01_tiny", Path("x"), submitted=submitted, **about)
        gradebook.note([entry])
        gradebook.note_attempt(entry, text)
        gradebook.add(grade, grader)

    return put


@pytest.mark.parametrize(
    ("rules", "late", "left", "paid", "percent"),
    [
        ({"late_percent_per_day": 10}, 2, 5, 2, 0),
        ({"late_percent_per_day": 10}, 3, 1, 1, 20),
        ({"late_percent_per_day": 10}, 3, 0, 0, 30),
        # nothing would count all the same: nothing is spent
        ({"late_percent_per_day": 10, "late_days_at_most": 3}, 9, 5, 0, 100),
        ({"late_percent_per_day": 10, "late_days_at_most": 3}, 8, 5, 5, 30),
        # without a price for a day no more is spent than has to be
        ({"late_days_at_most": 3}, 2, 5, 0, 0),
        ({"late_days_at_most": 3}, 5, 5, 2, 0),
        ({"late_days_at_most": 0}, 2, 5, 2, 0),
        ({"late_days_at_most": 0}, 6, 5, 0, 100),
        # more than all cannot be lost: one day less brings nothing
        ({"late_percent_per_day": 50}, 9, 2, 0, 100),
        ({"late_percent_per_day": 50}, 3, 2, 2, 50),
    ],
)
def test_slip_days_are_spent_where_they_help(rules, late, left, paid, percent):
    found = late_days(Policy(slip_days=5, **rules), late, left)
    assert (found.slip_days, found.percent, found.left) == (paid, percent, left - paid)


def test_slip_days_are_paid_in_the_order_of_due_dates(total, gradebook):
    gradebook.put(grade_of("ada", FULL), submitted=DUE + days(3))
    gradebook.put(grade_of("ada", OPEN, "t02_gate"), submitted=LATER + days(4))
    found = total(slip_days=5, late_percent_per_day=10)
    assert [each.counted for each in found.topics] == [100.0, 80.0]
    assert found.notes == [
        "t01: 3 days late, 3 slip days used (2 of 5 left)",
        "t02: 4 days late, 2 slip days used (0 of 5 left), −20 %",
    ]
    assert found.slip_days_sentence == "Slip days: 5 of 5 used, 0 left."
    # with the dates the other way round the second topic comes first
    turned = total(slip_days=5, late_percent_per_day=10, due={"t01_tiny": LATER, "t02_gate": DUE})
    assert [each.slip_days for each in turned.topics] == [0, 5]


def test_slip_days_are_not_spent_on_nothing(total, gradebook):
    gradebook.put(grade_of("ada", NOTHING), submitted=DUE + days(3))
    gradebook.put(grade_of("ada", OPEN, "t02_gate"), submitted=LATER + days(4))
    found = total(slip_days=5, late_percent_per_day=10)
    assert [each.slip_days for each in found.topics] == [0, 4]


def test_an_extension_comes_before_slip_days(own_tiny, gradebook):
    gradebook.put(grade_of("ada", FULL), submitted=DUE + days(3))
    (own_tiny.root / "extensions.csv").write_text("student,topic,days\nada,t01,2\n")
    policy = Policy(slip_days=5, late_percent_per_day=10, due=BOTH, extensions="extensions.csv")
    assert next(totals(replace(own_tiny, policy=policy), gradebook)).topics[0].slip_days == 1


@pytest.mark.parametrize("row", ["ada,t01,*,70,,set by hand", "ada,t01,*,,yes,ill"])
def test_no_slip_day_is_spent_where_points_are_set_or_excused(own_tiny, gradebook, row):
    gradebook.put(grade_of("ada", FULL), submitted=DUE + days(3))
    (own_tiny.root / "adjustments.csv").write_text(f"student,topic,exercise,points,excused,reason\n{row}\n")
    policy = Policy(slip_days=5, late_percent_per_day=10, due=BOTH, adjustments="adjustments.csv")
    assert next(totals(replace(own_tiny, policy=policy), gradebook)).topics[0].slip_days == 0


def test_students_read_how_many_slip_days_are_used_and_left(tiny, gradebook, tmp_path):
    gradebook.put(grade_of("ada", FULL), submitted=DUE + days(2))
    course = replace(tiny, policy=Policy(slip_days=5, late_percent_per_day=10, due=BOTH))
    write_pages(course, gradebook, tmp_path / "feedback")
    page = (tmp_path / "feedback" / "ada" / "t01_tiny.html").read_text(encoding="utf-8")
    assert "100 of 100 points count: 2 days late, 2 slip days used (3 of 5 left)." in page
    total = next(totals(course, gradebook))
    for text in (student_page(course, gradebook, total), student_text(course, gradebook, total)):
        assert "Slip days: 2 of 5 used, 3 left." in text


def test_the_best_attempt_counts_and_all_are_kept(total, hand_in_again, gradebook):
    hand_in_again("first", HALF, DUE - days(3))
    hand_in_again("second", FULL, DUE - days(2))
    hand_in_again("third", NOTHING, DUE - days(1))
    assert total().points == 0.0
    best = total(attempts="best")
    assert (best.points, best.notes) == (100.0, ["t01: attempt 2 of 3 counts"])
    assert best.topics[0].raw == 100.0
    assert [each.grade.digest for each in gradebook.attempts("ada")] == ["first", "second", "third"]


def test_an_attempt_counts_with_its_own_late_days(total, hand_in_again):
    hand_in_again("early", HALF, DUE - days(1))
    hand_in_again("late", FULL, DUE + days(6))
    rules = {"attempts": "best", "late_percent_per_day": 10}
    # 50 on time against 40 of 100 six days late
    assert (total(**rules).points, total(**rules).topics[0].days_late) == (50.0, 0)
    # two slip days make it 60
    assert (total(**rules, slip_days=2).points, total(**rules, slip_days=2).topics[0].slip_days) == (60.0, 2)
    assert total(late_percent_per_day=10).points == 40.0


def test_of_attempts_that_count_the_same_the_one_with_fewer_late_days_counts(total, hand_in_again):
    hand_in_again("early", FULL, DUE - days(1))
    hand_in_again("late", {**FULL, "scale": ("full", 40.0, 40.0)}, DUE + days(2))
    found = total(attempts="best", late_percent_per_day=10, slip_days=5).topics[0]
    assert (found.digest, found.slip_days) == ("early", 0)


def test_the_same_text_handed_in_again_has_its_first_time(total, hand_in_again):
    hand_in_again("text", FULL, DUE - days(1), reference="1")
    hand_in_again("other", HALF, DUE - days(0.5), reference="2")
    hand_in_again("text", FULL, DUE + days(2), reference="3")
    assert total(attempts="best", late_percent_per_day=10).points == 100.0
    assert total(late_percent_per_day=10).points == 80.0


def test_a_correction_of_a_time_is_taken_and_an_unknown_one_is_not(total, hand_in_again):
    for moment, points in ((None, 100.0), (DUE + days(1), 90.0), (DUE + days(3), 70.0), (None, 70.0)):
        hand_in_again("text", FULL, moment)
        hand_in_again("worse", NOTHING, DUE - days(9))
        assert total(attempts="best", late_percent_per_day=10).points == points


def test_a_regrade_is_no_attempt(total, hand_in_again):
    hand_in_again("text", FULL, DUE)
    hand_in_again("text", HALF, DUE, grader="corrected")
    found = total(attempts="best")
    assert (found.points, found.topics[0].attempts) == (50.0, 1)


def test_attempts_that_were_graded_with_other_tests_are_named(tiny, hand_in_again, gradebook):
    course = replace(tiny, policy=Policy(attempts="best"))
    hand_in_again("first", HALF)
    hand_in_again("second", FULL)
    assert policy_notes(course, gradebook) == []
    hand_in_again("second", FULL, grader="corrected")
    hand_in_again("third", FULL, grader="corrected")
    [note] = policy_notes(course, gradebook)
    assert note.startswith("t01: 1 student has earlier attempts that were graded with other tests")


def test_the_page_is_about_the_attempt_that_counts(tiny, hand_in_again, gradebook, tmp_path):
    hand_in_again("first", FULL)
    hand_in_again("second", NOTHING)
    write_pages(replace(tiny, policy=Policy(attempts="best")), gradebook, tmp_path / "feedback")
    page = (tmp_path / "feedback" / "ada" / "t01_tiny.html").read_text(encoding="utf-8")
    assert "100 of 100 points</h1>" in page and "attempt 1 of 2 counts" in page


def test_uploads_of_one_download_are_attempts(attend, own_tiny, write, answers, tmp_path):
    """Two uploads of Canvas, in which something is written; an untouched stub is no attempt."""
    uploads = {"5001": answers["right"], "5002": answers["wrong"], "5003": answers["stub"]}
    for number, text in uploads.items():
        write(f"class/eliotada_101_{number}_t01_tiny.py", text)
    write("class/zuse_102_5004_t01_tiny.py", answers["wrong"])
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text() + "\n[policy]\nattempts = 'best'\n")
    out = tmp_path / "out"
    ran = attend(own_tiny, "grade", tmp_path / "class", "--out", out)
    assert ran.code == 0, ran.err
    assert "3 graded, 0 known before" in ran.out
    assert "3 times; eliotada_101_5002_t01_tiny.py is the last one, and the best one counts" in ran.out
    assert attend(own_tiny, "gradebook", "export", out).code == 0
    rows = {row["student"]: row for row in read_rows(out / "export-csv.csv")}
    assert rows["eliotada_101"]["points"] == "100"
    assert rows["eliotada_101"]["notes"] == "t01: attempt 1 of 2 counts"
    assert float(rows["zuse_102"]["points"]) < 100
    # each row of grades.csv is the last attempt, as it was graded
    rows = [row for row in read_rows(out / "grades.csv") if row["student"] == "eliotada_101"]
    assert rows[0]["outcome"] != "full"
    assert "0 graded, 3 known before" in attend(own_tiny, "grade", tmp_path / "class", "--out", out).out
    again = attend(own_tiny, "grade", tmp_path / "class", "--out", out, "--again")
    assert "3 graded, 0 known before" in again.out
    with Gradebook(out / "gradebook.sqlite") as book:
        assert len(list(book.attempts("eliotada_101"))) == 2


def test_an_upload_that_came_before_stays_an_attempt(attend, own_tiny, write, answers, tmp_path):
    """Two downloads, one a week: the second has only the later upload."""
    write("one/eliotada_101_5001_t01_tiny.py", answers["right"])
    write("two/eliotada_101_5002_t01_tiny.py", answers["wrong"])
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text() + "\n[policy]\nattempts = 'best'\n")
    out = tmp_path / "out"
    for week in ("one", "two"):
        assert attend(own_tiny, "grade", tmp_path / week, "--out", out).code == 0
    attend(own_tiny, "gradebook", "export", out)
    assert read_rows(out / "export-csv.csv")[0]["points"] == "100"
    both = attend(own_tiny, "grade", tmp_path / "one", tmp_path / "two", "--out", out)
    assert "0 graded, 2 known before" in both.out


WEDNESDAY, SUNDAY = datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 10, 4, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "counted", "most"),
    [
        # the same week: what is too much comes off the topic that is due last
        ({"t01_tiny": WEDNESDAY, "t02_gate": SUNDAY}, [50.0, 70.0], 120.0),
        ({"t01_tiny": SUNDAY, "t02_gate": WEDNESDAY}, [20.0, 100.0], 120.0),
        ({"t01_tiny": SUNDAY, "t02_gate": SUNDAY + days(1)}, [50.0, 100.0], 200.0),
        ({"t01_tiny": SUNDAY}, [50.0, 100.0], 200.0),
    ],
)
def test_the_topics_of_a_week_count_no_more_than_its_maximum(total, gradebook, due, counted, most):
    gradebook.put(grade_of("ada", HALF))
    gradebook.put(grade_of("ada", OPEN, "t02_gate"))
    found = total(max_points_per_week=120, due=due)
    assert ([each.counted for each in found.topics], found.max_points) == (counted, most)
    cut = [note for note in found.notes if "at most" in note]
    if sum(counted) < 150:
        assert cut[0].endswith("at most 120 points count in the week of 28 September: −30 points")
    else:
        assert cut == []


def test_weeks_are_those_of_the_policys_zone(total, gradebook):
    """Sunday 23:30 in Berlin is 21:30 in Greenwich; on Monday at 0:30 it is still Sunday in Greenwich."""
    gradebook.put(grade_of("ada", FULL))
    gradebook.put(grade_of("ada", OPEN, "t02_gate"))
    sunday, monday = datetime(2026, 10, 4, 21, 30, tzinfo=UTC), datetime(2026, 10, 4, 22, 30, tzinfo=UTC)
    due = {"t01_tiny": sunday, "t02_gate": monday}
    assert total(max_points_per_week=100, due=due).points == 100.0
    assert total(max_points_per_week=100, due=due, zone="Europe/Berlin").points == 200.0


def test_a_dropped_topic_takes_nothing_of_the_weeks_maximum(total, gradebook):
    gradebook.put(grade_of("ada", HALF))
    gradebook.put(grade_of("ada", OPEN, "t02_gate"))
    due = {"t01_tiny": WEDNESDAY, "t02_gate": SUNDAY}
    found = total(max_points_per_week=100, drop_lowest=1, due=due)
    assert (found.points, found.max_points, found.notes) == (100.0, 100.0, ["t01: dropped"])


def test_nothing_of_this_changes_a_grade(total, hand_in_again, gradebook):
    hand_in_again("early", HALF, DUE - days(1))
    hand_in_again("late", FULL, DUE + days(6))
    before = [*gradebook.rows(), *gradebook.attempts()]
    total(attempts="best", late_percent_per_day=10, slip_days=2, max_points_per_week=30)
    assert [*gradebook.rows(), *gradebook.attempts()] == before


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("slip_days = -1", "slip_days is -1; it is a whole number, 0 or more"),
        ("slip_days = 2.5", "slip_days is 2.5; it is a whole number"),
        ("slip_days = true", "slip_days is True"),
        ('slip_days = "five"', "slip_days is 'five'"),
        ("slip_days = 5", "slip_days pays for late days, which cost nothing here"),
        ('attempts = "worst"', "attempts is 'worst'; it is last or best"),
        ("attempts = 3", "attempts is 3; it is last or best"),
        ("max_points_per_week = 0", "nothing would count"),
        ("max_points_per_week = -5", "max_points_per_week is -5"),
        ("max_points_per_week = nan", "max_points_per_week is nan"),
        ("max_points_per_week = 100", "weeks of due dates; set them in"),
        ("late_percent_per_day = inf", "late_percent_per_day is inf"),
    ],
)
def test_an_impossible_rule_is_named(own_tiny, rules, problem):
    toml = own_tiny.root / "course.toml"
    toml.write_text(toml.read_text() + f"\n[policy]\n{rules}\n")
    with pytest.raises(SyllabusError, match=problem):
        load_course(own_tiny.root)
