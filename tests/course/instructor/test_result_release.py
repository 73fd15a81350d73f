"""What students see, and when: the table `[release]` in feedback, in archives, on Gradescope and in otter."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attend.course.result_release import HIDDEN_RESULTS, ResultRelease
from attend.course.rules import Policy, SyllabusError
from attend.course.syllabus import load_course
from attend.gradebook.counted import Counted
from attend.gradebook.policy import policy_notes, totals
from attend.gradebook.publish import write_pages
from attend.gradebook.reports.student_page import student_page, student_text
from attend.gradebook.waiting import waiting
from attend.grading.bundle import BuildError, Wheel
from attend.grading.gradescope.results_json import problems, results
from attend.grading.otter.build import build_zip, otter_config
from attend.grading.showing import looks_before, showing
from attend.submissions import Entry

from .conftest import grade_of

DUE = datetime(2026, 10, 2, 21, 59, tzinfo=UTC)
SENTENCE = "You add the factor, and it multiplies."
HALF = {"scale": ("partial", 23.0, 40.0), "shifted": ("wrong", 14.0, 60.0)}
# what nobody may read while results wait
SECRETS = ("23", "14", "37", "partly", "not right yet", "f(x): no", "It shifts", "checks passed")


def graded(student: str = "ada"):
    grade = grade_of(student, HALF)
    grade.exercises[0].diagnosis, grade.exercises[0].sentence = "adds_the_factor", SENTENCE
    grade.notes = ["the file was chosen by its name"]
    return grade


@pytest.fixture
def ruled(tiny):
    """The tiny course with a `[release]`, due on DUE."""

    def made(hidden_results: str, **rules):
        policy = Policy(due={"t01_tiny": DUE}, zone="Europe/Berlin")
        return replace(tiny, policy=policy, release=ResultRelease(hidden_results, **rules))

    return made


@pytest.mark.parametrize(
    ("rules", "days", "waits"),
    [
        (("at_once",), -1, False),
        (("after_due_date",), -1, True),
        (("after_due_date",), 0, True),
        (("after_due_date",), 0.001, False),
        (("after_published",), 9, True),
        (("after_published", 0, False, ("t01_tiny",)), -1, False),
        (("after_published", 0, False, ("t02_gate",)), 9, True),
        (("never",), 9, True),
        (("looks", 1), -1, False),
    ],
)
def test_results_wait_as_long_as_the_table_says(tiny, gradebook, rules, days, waits):
    course = replace(tiny, policy=Policy(due={"t01_tiny": DUE}), release=ResultRelease(*rules))
    gradebook.put(graded(), submitted=DUE - timedelta(days=2))
    [counted] = next(totals(course, gradebook)).topics
    found = waiting(course, gradebook, "ada", counted, DUE + timedelta(days=days))
    assert bool(found) == waits


def test_a_student_with_an_extension_waits_longer(own_tiny, gradebook):
    (own_tiny.root / "extensions.csv").write_text("student,topic,days\nada,t01,3\n")
    policy = Policy(due={"t01_tiny": DUE}, extensions="extensions.csv")
    course = replace(own_tiny, policy=policy, release=ResultRelease("after_due_date"))
    gradebook.put(graded())
    gradebook.put(graded("bela"))
    found = {total.student: total.topics[0] for total in totals(course, gradebook)}
    now = DUE + timedelta(days=1)
    assert waiting(course, gradebook, "ada", found["ada"], now)
    assert not waiting(course, gradebook, "bela", found["bela"], now)


def test_the_first_looks_of_a_day_show_results(ruled, gradebook, tiny):
    """Days are those of the zone: 22:30 in Greenwich is the next day in Berlin. After the due date all is shown."""
    course = ruled("looks", looks_per_day=2)
    start = datetime(2026, 9, 20, 8, tzinfo=UTC)
    times = [start + timedelta(hours=hours) for hours in (0, 1, 2, 3, 14.5)]
    seen = []
    for number, moment in enumerate(times):
        grade = replace(graded(), digest=str(number))
        entry = Entry("ada", "t01_tiny", Path("x"), submitted=moment)
        gradebook.note([entry])
        gradebook.note_attempt(entry, grade.digest)
        gradebook.add(grade, "g")
        [counted] = next(totals(course, gradebook)).topics
        found = waiting(course, gradebook, "ada", counted, moment)
        seen.append(found is None)
        assert found is None or "2 times today" in found.why
        assert waiting(course, gradebook, "ada", counted, DUE + timedelta(hours=1)) is None
    assert seen == [True, True, False, False, True]
    unknown = Counted(tiny.topic("t01"), 0.0, 0.0)
    assert waiting(course, gradebook, "ada", unknown, start) is None


@pytest.mark.parametrize("named", [False, True])
def test_pages_hold_no_result_that_waits(ruled, gradebook, tmp_path, named):
    course = ruled("never", named_mistake=named)
    gradebook.put(graded())
    write_pages(course, gradebook, tmp_path / "feedback")
    total = next(totals(course, gradebook))
    folder = tmp_path / "feedback" / "ada"
    html = (folder / "t01_tiny.html").read_text(encoding="utf-8").partition("</style>")[2]
    page = student_page(course, gradebook, total).partition("</style>")[2]
    texts = [html, (folder / "t01_tiny.md").read_text("utf-8"), page, student_text(course, gradebook, total)]
    for text in texts:
        assert not [secret for secret in SECRETS if secret in text.replace("digest of ada", "")]
        assert "are not shown in this course" in text and "chosen by its name" in text
        assert ("You add the factor" in text) == named


def test_a_page_is_written_anew_when_its_results_are_shown(ruled, gradebook, tmp_path):
    gradebook.put(graded())
    page = gradebook.path.parent / "feedback" / "ada" / "t01_tiny.html"
    waits = ruled("after_published")
    assert write_pages(waits, gradebook, page.parents[1], only_new=True) == 1
    assert write_pages(waits, gradebook, page.parents[1], only_new=True) == 0
    shown = replace(waits, release=ResultRelease("after_published", published=("t01_tiny",)))
    assert write_pages(shown, gradebook, page.parents[1], only_new=True) == 1
    assert "37 of 100 points" in page.read_text(encoding="utf-8")


def test_a_topic_that_waits_for_no_date_is_named(tiny, gradebook):
    gradebook.put(graded())
    course = replace(tiny, release=ResultRelease("after_due_date"))
    assert policy_notes(course, gradebook) == [
        "t01 has no due date in [policy.due], so results that wait for it stay hidden."
    ]
    [counted] = next(totals(course, gradebook)).topics
    assert "which is not set yet" in waiting(course, gradebook, "ada", counted).why


VISIBILITIES = ("visible", "after_due_date", "after_published", "after_due_date", "hidden")


@pytest.mark.parametrize(("rule", "visibility"), list(zip(HIDDEN_RESULTS, VISIBILITIES, strict=True)))
@pytest.mark.parametrize("named", [False, True])
def test_gradescope_shows_results_when_the_table_says(ruled, rule, visibility, named):
    course = ruled(rule, looks_per_day=0, named_mistake=named)
    topic = course.topic("t01")
    data = results(topic, graded(), showing(course, topic, {}))
    assert problems(data) == []
    tests = [test for test in data["tests"] if "score" in test]
    assert [test["visibility"] for test in tests] == [visibility, visibility]
    assert (data["score"], tests[0]["score"]) == (37.0, 23.0)
    rest = [test for test in data["tests"] if "score" not in test]
    assert [test["output"] for test in rest] == ([SENTENCE] if named and visibility != "visible" else [])
    if visibility != "visible":
        assert not [secret for secret in SECRETS if secret in json.dumps([data["output"], rest])]
        assert "the file was chosen by its name" in data["output"]


def hand_ins(*times: str, now: str = "2026-09-20T18:00:00.5-07:00", **about) -> dict:
    return {"created_at": now, "previous_submissions": [{"submission_time": each, **about} for each in times]}


@pytest.mark.parametrize(
    ("metadata", "looks"),
    [
        ({}, 0),
        ({"created_at": "soon", "previous_submissions": []}, 0),
        (hand_ins(), 0),
        # 3 o'clock on the 21st in Berlin
        (hand_ins("2026-09-20T17:00:00-07:00", "2026-09-21T00:30:00Z", "2026-09-20T10:00:00-07:00"), 2),
        (hand_ins("2026-09-20T17:00:00-07:00", autograder_error=True), 0),
        ({**hand_ins(), "previous_submissions": [3, {"submission_time": None}]}, 0),
        ({**hand_ins(), "previous_submissions": "none"}, 0),
    ],
)
def test_looks_are_counted_from_what_gradescope_says(ruled, metadata, looks):
    course = ruled("looks", looks_per_day=2)
    assert looks_before(course, metadata) == looks
    assert (showing(course, course.topic("t01"), metadata).visibility == "visible") == (looks < 2)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('hidden_results = "later"', "hidden_results is 'later'; it is at_once, after_due_date"),
        ("hidden_results = true", "hidden_results is True"),
        ("named_mistake = 1", "named_mistake is 1; it is true or false"),
        ('hidden_results = "looks"', "looks_per_day is 0; with"),
        ('hidden_results = "looks"\nlooks_per_day = 1.5', "looks_per_day is 1.5"),
        ("looks_per_day = 3", 'needs hidden_results = "looks"'),
        ('published = "t01"', "published is 't01'; it is a list"),
        ('published = ["t09"]', "published names 't09', which is not a topic"),
        ("published = [3]", "names 3"),
        ("shown = true", "the key 'shown'"),
    ],
)
def test_an_impossible_table_is_named(own_tiny, table, problem):
    toml = own_tiny.root / "course.toml"
    toml.write_text(f"{toml.read_text()}\n[release]\n{table}\n")
    with pytest.raises(SyllabusError, match=problem):
        load_course(own_tiny.root)


def test_the_table_is_read(own_tiny):
    toml = own_tiny.root / "course.toml"
    table = 'hidden_results = "looks"\nlooks_per_day = 3\nnamed_mistake = true\npublished = ["t01"]'
    toml.write_text(f"{toml.read_text()}\n[release]\n{table}\n[otter]\nseed = 4\n")
    course = load_course(own_tiny.root)
    assert course.release == ResultRelease("looks", 3, True, ("t01_tiny",))
    assert course.otter == {"seed": 4}


def test_otters_configuration_has_the_instructors_keys(tiny):
    topic = tiny.topic("t01")
    plain = otter_config(tiny, topic)
    assert plain["show_hidden"] and plain["points_possible"] == 100
    merged = otter_config(replace(tiny, otter={"seed": 4, "plugins": ["mine.Plugin"], "pdf": False}), topic)
    assert (merged["seed"], merged["plugins"]) == (4, [*plain["plugins"], "mine.Plugin"])
    waits = otter_config(replace(tiny, release=ResultRelease("never")), topic)
    assert not (waits["show_hidden"] or waits["show_all_public"] or waits["print_score"])


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"sed": 4}, "the key 'sed', which otter"),
        ({"otter_run": True}, "the key 'otter_run'"),
        ({"seed": "four"}, "seed is 'four', which otter does not take"),
        ({"pdf": 1}, "pdf is 1"),
        ({"plugins": "mine.Plugin"}, "plugins is 'mine.Plugin'"),
        ({"show_hidden": True}, "'show_hidden': when students see hidden results is set in"),
        ({"grade_from_log": True}, "'grade_from_log'"),
        ({"token": "abc"}, "'token': course.toml is in every release"),
    ],
)
def test_a_key_that_otter_does_not_take_is_named(tiny, table, problem):
    with pytest.raises(BuildError, match=problem):
        otter_config(replace(tiny, otter=table), tiny.topic("t01"))


@pytest.mark.otter
def test_otter_shows_no_result_that_waits(own_tiny, answers, tmp_path, monkeypatch):
    toml = own_tiny.root / "course.toml"
    toml.write_text(
        f'{toml.read_text()}\n[release]\nhidden_results = "after_published"\nnamed_mistake = true\n'
    )
    course, wheel = load_course(own_tiny.root), Wheel("attend_course-1-py3-none-any.whl", b"a wheel")
    monkeypatch.setattr("attend.grading.otter.build.build_wheel", lambda root: wheel)
    path = build_zip(course, course.topic("t01"), tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("otter_config.json"))["show_hidden"] is False
    (tmp_path / "out").mkdir()
    (tmp_path / "t01_tiny.py").write_text(answers["wrong"], encoding="utf-8")
    command = [sys.executable, "-m", "otter", "run", "t01_tiny.py", "-a", path.name, "-o", "out", "--no-logo"]
    ran = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=300)
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    assert problems(data) == []
    assert [test["visibility"] for test in data["tests"]] == ["visible", "after_published", "after_published"]
    assert data["tests"][0]["output"] == SENTENCE
    assert data["output"].startswith("The results of the hidden tests are shown when your instructor")
    assert "points" not in data["output"] + ran.stdout and data["score"] > 0
