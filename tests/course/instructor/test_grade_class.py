"""A class is graded once, goes on where it stopped, and loses nothing when a process dies."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from attend.gradebook.store import Gradebook
from attend.grading import batch
from attend.grading.batch import grade_class
from attend.grading.work import Work
from attend.submissions import BatchError, take_in
from attend.submissions.times import set_times

from .conftest import kill_a_child

HERE = Path(__file__).parent


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "out" / "gradebook.sqlite") as opened:
        yield opened


@pytest.fixture
def run(book, level):
    """Grade a folder; the students that were graded this time."""

    def grade(course, folder, **options) -> list[str]:
        fresh = []

        def report(progress):
            if progress.grade is not None:
                fresh.append(progress.grade.student)

        grade_class(course, take_in(course, [folder]).entries, book, level, 2, report, **options)
        return sorted(fresh)

    return grade


def outcomes(book) -> dict[tuple[str, str], str]:
    return {(row[0], row[2]): row[5] for row in book.rows()}


def test_only_what_changed_is_graded_again(own_tiny, hand_in, answers, run, book, fake_lanes):
    folder = hand_in({"ada": answers["right"], "bela": answers["wrong"], "chen": answers["broken"]})
    assert run(own_tiny, folder) == ["ada", "bela", "chen"]
    assert run(own_tiny, folder) == []
    first = list(book.rows())

    hand_in({"bela": answers["right"]})  # a submission
    assert run(own_tiny, folder) == ["bela"]
    assert len(list(book.rows())) == len(first)

    graders = own_tiny.graders(own_tiny.topic("t01"))  # a grader
    graders.write_text(graders.read_text() + "\n# changed\n")
    assert run(own_tiny, folder) == ["ada", "bela", "chen"]

    assert run(replace(own_tiny, version="2"), folder) == ["ada", "bela", "chen"]  # the course's version
    assert run(replace(own_tiny, version="2"), folder, again=True) == ["ada", "bela", "chen"]


def test_a_hint_or_a_policy_regrades_nobody(own_tiny, hand_in, answers, run, fake_lanes):
    folder = hand_in({"ada": answers["stub"]})
    assert run(own_tiny, folder) == ["ada"]
    topics = [
        replace(topic, exercises=tuple(replace(each, hints=("a", "b", "c")) for each in topic.exercises))
        for topic in own_tiny.topics
    ]
    changed = replace(own_tiny, topics=tuple(topics), policy=replace(own_tiny.policy, drop_lowest=1))
    assert run(changed, folder) == []


@pytest.fixture
def fake_lanes(monkeypatch, tmp_path):
    """Lanes that grade without a jail, in processes that can be made to die."""
    monkeypatch.syspath_prepend(str(HERE))
    import lanes

    monkeypatch.setattr(batch, "_open_lane", lanes.open_lane)
    monkeypatch.setattr(batch, "_grade", lanes.grade_or_die)
    monkeypatch.setenv(lanes.MARKS, str(tmp_path))
    yield
    sys.modules.pop("lanes", None)


def a_class(hand_in, count: int, *others: str):
    names = [f"student-{number:03}" for number in range(count)]
    return hand_in({name: f"x = {name!r}\n" for name in (*names, *others)})


def test_the_same_text_is_graded_once_and_counts_for_all(tiny, hand_in, run, book, fake_lanes, monkeypatch):
    folder = hand_in(dict.fromkeys(("ada", "bela", "chen"), "x = 1\n"))
    asked = []
    ungraded = Work.ungraded
    monkeypatch.setattr(
        Work, "ungraded", lambda self: (asked.append(each) or each for each in ungraded(self))
    )
    assert run(tiny, folder) == ["ada", "bela", "chen"]
    assert len(asked) == 1 and len(list(book.rows())) == 6
    hand_in({"dina": "x = 1\n"})
    assert run(tiny, folder) == ["dina"]


def test_a_lane_that_dies_loses_nothing(tiny, hand_in, run, book, fake_lanes):
    folder = a_class(hand_in, 30, "once")
    graded = run(tiny, folder)
    assert len(graded) == 31 and set(Counter(graded).values()) == {1}
    assert set(outcomes(book).values()) == {"full"}


def test_a_submission_that_always_kills_is_given_up_alone(tiny, hand_in, run, book, fake_lanes):
    folder = a_class(hand_in, 12, "poison")
    assert len(run(tiny, folder)) == 13
    found = outcomes(book)
    assert found["poison", "scale"] == "crash"
    assert Counter(found.values()) == {"full": 24, "crash": 2}
    assert "instructor" in book.grade("poison", "t01_tiny").problem


@pytest.mark.slow
def test_where_every_lane_dies_it_stops_and_says_so(tiny, hand_in, book, level, fake_lanes, monkeypatch):
    folder = a_class(hand_in, 6)
    entries = [replace(entry, student="poison") for entry in take_in(tiny, [folder]).entries]
    with pytest.raises(BatchError, match="die again and again"):
        grade_class(tiny, entries, book, level, 1)


def test_grading_that_is_stopped_goes_on(tiny, hand_in, run, book, level, fake_lanes):
    folder = a_class(hand_in, 20)

    def stop_after_five(progress):
        if progress.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_class(tiny, take_in(tiny, [folder]).entries, book, level, 2, stop_after_five)
    assert len(run(tiny, folder)) == 15
    assert len(list(book.rows())) == 40


@pytest.mark.slow
def test_a_real_lane_killed_from_outside_loses_nothing(tiny, hand_in, answers, book, level):
    files = {f"student-{number:02}": f"{answers['right']}\n# {number}\n" for number in range(16)}
    entries = take_in(tiny, [hand_in(files)]).entries
    killed = []

    def kill_one(progress):
        if not killed:
            killed.append(kill_a_child())

    grade_class(tiny, entries, book, level, 2, kill_one)
    assert killed and killed[0]
    assert len(outcomes(book)) == 32 and set(outcomes(book).values()) == {"full"}


def test_the_command_tells_what_it_found_and_wrote(attend, own_tiny, hand_in, answers, tmp_path):
    folder = hand_in({"ada": answers["right"], "bela": answers["wrong"]})
    ran = attend(own_tiny, "grade", folder, "--out", tmp_path / "out", "--jobs", "1")
    assert ran.code == 0, ran.err
    assert "a folder a student" in ran.out and "2 graded, 0 known before" in ran.out
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        "grades.csv",
        "report.html",
        "feedback",
        "gradebook.sqlite",
    }
    again = attend(own_tiny, "grade", folder, "--out", tmp_path / "out")
    assert "0 graded, 2 known before" in again.out


def test_moments_may_come_from_a_table(attend, own_tiny, hand_in, answers, tmp_path):
    course = own_tiny.root / "course.toml"
    policy = "[policy]\nlate_percent_per_day = 50\ndue = { t01 = 2026-10-02T23:59:00+02:00 }\n\n[grading]"
    course.write_text(course.read_text().replace("[grading]", policy))
    times = tmp_path / "times.csv"
    times.write_text("student,topic,submitted\nada,t01,2026-10-03T12:00:00+02:00\n")
    folder = hand_in({"ada": answers["broken"]})
    arguments = ("grade", folder, "--out", tmp_path / "out")
    assert attend(own_tiny, *arguments, "--times", times).code == 0
    ran = attend(own_tiny, "gradebook", "export", tmp_path / "out")
    assert ran.code == 0
    assert "1 day late" in (tmp_path / "out" / "export-csv.csv").read_text()
    times.write_text("student,topic,submitted\nada,t01,soon\n")
    assert "'soon' is not a date" in attend(own_tiny, *arguments, "--times", times).err


def test_a_row_of_the_table_of_times_that_fits_nobody_is_named(tiny, hand_in, answers, tmp_path):
    folder = hand_in({"ada": answers["right"], "bela": answers["right"]})
    times = tmp_path / "times.csv"
    moment = "2026-10-03T12:00:00+02:00"
    times.write_text(f"student,topic,submitted\nADA,t01,{moment}\nbella,t01,{moment}\nbela,t02,{moment}\n")
    intake = set_times(tiny, take_in(tiny, [folder]), times)
    assert {entry.student: entry.submitted is not None for entry in intake.entries} == {
        "ada": True,
        "bela": False,
    }
    assert intake.notes == [
        "times.csv, line 3: no student here is called 'bella' (is it bela?); the row was not used."
    ]


@pytest.mark.parametrize(
    ("worked", "left", "seconds", "words"),
    [
        (0, 10, 5.0, ""),
        (2, 10, 5.0, ""),  # too little to go by
        (50, 100, 10.0, "5.0 a second, 20 s left"),
        (10, 60, 60.0, "10 a minute, 6 min left"),
        (100, 30_000, 100.0, "1.0 a second, 8 h 20 min left"),
        (100, 0, 50.0, "2.0 a second"),
    ],
)
def test_the_rate_and_the_time_left_are_told_in_words(worked, left, seconds, words):
    from attend.cli.instructor_output import rate_and_left

    assert rate_and_left(worked, left, seconds) == words
