"""What the benchmark of grading compares: a made-up class, otter's own tests, the tricks that it leaves out."""

import subprocess
import sys
from collections import Counter
from importlib import import_module
from importlib.util import find_spec

import pytest

from attend.student.module import load_module

from .common import ROOT, row, submission

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    """A module of the benchmarks, by name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module


@pytest.fixture
def made(benchmark, tiny, tmp_path):
    """A class of 40 for the tiny course's first topic: the kind of each file, and its submission."""
    made_class = benchmark("made_class")
    files = made_class.ClassMaker(tiny, tiny.topic("t01")).make(40, tmp_path)
    submissions = made_class.read(tiny, [path for _, path in files])
    return list(zip([kind for kind, _ in files], submissions, strict=True))


def test_a_class_has_its_shares_and_no_two_texts_alike(made):
    assert Counter(kind for kind, _ in made) == {
        "right": 24,
        "mistaken": 12,
        "unfinished": 2,
        "unreadable": 2,
    }
    assert len({each.text for _, each in made}) == 40


def test_the_kinds_of_a_class_are_what_they_are_called(made, tiny_lane):
    for kind, each in made:
        grade = tiny_lane.grade_submission(each)
        full = grade.points == grade.max_points
        assert full is (kind == "right"), (kind, grade)
        assert bool(grade.problem) is (kind == "unreadable")
        if kind == "unfinished":
            assert "missing" in {row.outcome for row in grade.exercises}


def test_the_same_seed_makes_the_same_class(benchmark, tiny, tmp_path):
    made_class = benchmark("made_class")
    first, second = (
        [
            path.read_text(encoding="utf-8")
            for _, path in made_class.ClassMaker(tiny, tiny.topic("t01"), seed=5).make(9, tmp_path / name)
        ]
        for name in ("first", "second")
    )
    assert first == second


def test_sums_are_grouped_anew_and_stay_the_same_sums(benchmark):
    import random

    text = "def f(a, b, c, d):\n    return a + b + c + a * b * d - c\n"
    texts = {benchmark("made_class")._regrouped(text, random.Random(seed)) for seed in range(20)}
    assert len(texts) > 1
    for each in texts:
        namespace: dict = {}
        exec(each, namespace)
        assert namespace["f"](1, 2, 3, 4) == 1 + 2 + 3 + 8 - 3


needs_otter = pytest.mark.skipif(not find_spec("otter"), reason="otter-grader is not installed")


@needs_otter
@pytest.mark.otter
@pytest.mark.parametrize("number", ["t01", "t02"])
def test_otter_runs_the_hidden_tests_in_its_own_format(benchmark, tiny, number):
    from otter.test_files.exception_test import ExceptionTestFile

    topic = tiny.topic(number)
    text = benchmark("otter_alone").tests_file(tiny, topic)
    solution = tiny.solution(topic).read_text(encoding="utf-8")
    mistakes = import_module("attend.course.bank").misconceptions(tiny, topic)
    for code, right in ((solution, True), (mistakes[0].spliced(solution, topic), False)):
        file = ExceptionTestFile.from_string(text, topic.slug)
        file.run(dict(vars(load_module(code, "handed_in", "handed_in.py"))))
        passed = [result.passed for result in file.test_case_results]
        assert len(passed) >= len(topic.exercises)
        assert all(passed) is right, [result.message for result in file.test_case_results]


@needs_otter
@pytest.mark.otter
def test_otter_has_a_case_for_each_hidden_test(benchmark, course, lane):
    from otter.test_files.exception_test import ExceptionTestFile

    topic = course.topic("t01")
    file = ExceptionTestFile.from_string(benchmark("otter_alone").tests_file(course, topic), topic.slug)
    assert len(file.test_cases) == sum(map(len, lane.grader(topic).items.values()))


@pytest.mark.slow
def test_grades_are_the_same_without_the_tricks():
    """Each switch is put where the program looks: with all of them at once the tiny course is graded as ever."""
    program = """
import sys
from attend.course.syllabus import load_course
from attend.grading.course_grader import Lane
from attend.sandbox.levels import choose_level
from attend.submissions.submission import Submission
from attend.course import bank
from tricks import TRICKS, leave_out
for trick in sys.argv[2:] and TRICKS:
    leave_out(trick)
course = load_course(sys.argv[1])
topic = course.topic("t01")
solution = course.solution(topic).read_text(encoding="utf-8")
texts = [solution, *(each.spliced(solution, topic) for each in bank.misconceptions(course, topic))]
with Lane(course, choose_level(None)) as lane:
    for text in texts * 2:
        grade = lane.grade_submission(Submission("ada", topic.slug, "x.py", text))
        print([(each.points, each.outcome, each.diagnosis) for each in grade.exercises])
"""
    tiny = str(ROOT / "tests/course/tiny")
    said = [
        subprocess.run(
            [sys.executable, "-c", program, tiny, *without],
            cwd=BENCHMARKS,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for without in ([], ["all"])
    ]
    assert said[0] == said[1] and "full" in said[0] and "carried" in said[0]


@pytest.mark.slow
@pytest.mark.parametrize("endless", ["scale", "shifted"])
def test_an_endless_loop_is_waited_for_once(tiny, tiny_lane, monkeypatch, endless):
    """One call runs into its limit, once more than the replies to the scripts; nothing above the loop is waited for."""
    from attend.authoring.sample_class import endless as with_loop
    from attend.sandbox.worker_client import Worker

    waits: Counter = Counter()
    run, play = Worker.run, Worker.play

    def counted_run(worker, *arguments):
        outcome = run(worker, *arguments)
        waits["calls"] += getattr(outcome, "kind", "") == "timeout"
        return outcome

    def counted_play(worker, scripts, count, deadline):
        played = play(worker, scripts, count, deadline)
        waits["scripts"] += len(played) < count
        return played

    monkeypatch.setattr(Worker, "run", counted_run)
    monkeypatch.setattr(Worker, "play", counted_play)
    topic = tiny.topic("t01")
    text = with_loop(tiny.solution(topic).read_text(encoding="utf-8"), endless)
    grade = tiny_lane.grader(topic).grade(submission(topic, text))
    assert row(grade, endless).outcome == "timeout"
    assert waits == {"calls": 1, "scripts": 1}
