"""Tests judged by replies to a script: the same grades, and no answer of the reference's on its way to a submission."""

import shutil

import pytest

from attend.authoring.sample_class import HOSTILE
from attend.course.syllabus import load_course
from attend.grading.course_grader import Lane
from attend.grading.hidden_tests import KeptVerdict
from attend.grading.prefetch import Recorder
from attend.student import Student

from .common import TINY, row, submission

CHAINED = '''

@pytest.mark.exercise("scale")
def test_scaling_back(student, rng):
    """Scaling by a factor and by its inverse changes nothing."""
    x = rng.normal(size=4)
    check.close(student.scale(student.scale(x, 4.0), 0.25), x, what="scaled back")


@pytest.mark.exercise("scale")
def test_two_factors(student, rng):
    """Two calls that have nothing to do with each other."""
    x = rng.normal(size=4)
    once, twice = student.scale(x, 1.0), student.scale(x, 2.0)
    check.close(twice, 2 * once, what="scaled twice")
'''
COUNTING = """

calls = 0


def scale(x, factor):
    global calls
    calls += 1
    return x * factor if calls == 1 else x
"""
READS_AHEAD = '''

def scale(x, factor):
    """Right only where the right answer lay in the worker already."""
    import sys

    found, frame = set(), sys._getframe()

    def walk(value, depth=0):
        if type(value) is np.ndarray:
            found.add(value.tobytes())
        elif type(value) in (list, tuple) and depth < 9:
            for part in value:
                walk(part, depth + 1)

    while frame:
        walk(list(frame.f_locals.values()))
        frame = frame.f_back
    assert x.tobytes() in found, "the requests were not found"
    return x * factor if (x * factor).tobytes() in found else x * 0
'''


@pytest.fixture(scope="module")
def grader(tmp_path_factory, level):
    """The tiny course's first topic, with tests whose second request comes after an answer."""
    root = tmp_path_factory.mktemp("chained") / "course"
    shutil.copytree(TINY, root)
    # pytest knows a file by its name below the root.
    for path in [*root.rglob("*t01_tiny*"), root / "course.toml"]:
        if path.is_file() and path.suffix != ".pyc":
            path.write_text(path.read_text().replace("t01_tiny", "t01_chained"))
            path.rename(path.with_name(path.name.replace("t01_tiny", "t01_chained")))
    path = root / "autograder/graders/test_t01_chained.py"
    path.write_text(path.read_text() + CHAINED)
    course = load_course(root)
    with Lane(course, level) as lane:
        yield lane.grader(course.topic("t01"))


@pytest.fixture
def solution(grader):
    return grader.course.solution(grader.topic).read_text(encoding="utf-8")


def test_what_may_be_asked_after_an_answer_is_in_no_script(grader):
    scripted = grader._hidden.scripts["scale"].scripts
    assert set(scripted) == {"test_each_number_meets_the_factor", "test_no_number_no_answer"}
    assert len(grader.items["scale"]) == 4


def test_handles_and_weights_of_the_tests_own_may_come_before(tiny, tiny_lane):
    grader = tiny_lane.grader(tiny.topic("t02"))
    requests = [request[1] for request in recorded(grader, "open", "test_a_gate_is_open_by_a_sigmoid")]
    assert requests[0] == "Gate" and "load_state_dict" in requests


def recorded(grader, exercise: str, test: str) -> list:
    """All that a test asks while it passes, in a script or not."""
    backend = grader._backend(grader.course.solution(grader.topic).read_text(encoding="utf-8"))
    recorder = Recorder(backend)
    try:
        item = next(item for item in grader.items[exercise] if item.name == test)
        assert grader._tests.run(item, Student(recorder)).error is None
    finally:
        backend.close()
    return recorder._requests


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: text, id="right"),
        pytest.param(lambda text: text.replace("x * factor", "x / factor"), id="wrong"),
        pytest.param(lambda text: text.replace("x * factor", "x / 0 * factor"), id="raises"),
        pytest.param(lambda text: text.replace("x * factor", "x * factor[:0]"), id="of a wrong type"),
        pytest.param(lambda text: text + COUNTING, id="right once"),
        pytest.param(lambda text: HOSTILE, id="hostile"),
    ],
)
def test_the_same_submission_gets_the_same_grade(grader, solution, spoil):
    """Whether its replies were seen before or not, and whatever was graded in between."""
    handed_in = submission(grader.topic, spoil(solution))
    first = grader.grade(handed_in)
    grader.grade(submission(grader.topic, solution))
    again = grader.grade(handed_in)
    assert [plain(row) for row in first.exercises] == [plain(row) for row in again.exercises]


def plain(row) -> tuple:
    """What must not change; seconds may."""
    tests = [(test.name, test.outcome, test.message) for test in row.tests]
    return row.exercise, row.points, row.outcome, row.diagnosis, row.notes, tests


def test_replies_seen_before_are_judged_as_before(grader, solution):
    wrong = submission(grader.topic, solution.replace("x * factor", "x / factor"))
    seen = grader._hidden.scripts["scale"]._seen["test_each_number_meets_the_factor"]
    outcomes = [row(grader.grade(wrong), "scale").outcome for _ in range(2)]
    assert outcomes[0] == outcomes[1] != "full"
    assert seen and all(type(verdict) is KeptVerdict for verdict in seen.values()), (
        "a record would hold the test's arrays"
    )


def test_who_reads_ahead_finds_no_answer(grader, solution):
    """A submission that looks through the requests to come finds inputs only."""
    graded = row(grader.grade(submission(grader.topic, solution + READS_AHEAD)), "scale")
    assert graded.points < graded.max_points
    by_name = {test.name: test.outcome for test in graded.tests}
    assert by_name["test_each_number_meets_the_factor"] == "values"


def test_no_test_runs_on_answers_seen_before(grader, solution, monkeypatch):
    """Those with a script, and those that ask again after an answer."""
    handed_in = submission(grader.topic, solution)
    grader.grade(handed_in)
    ran, run = [], grader._tests.run
    monkeypatch.setattr(grader._tests, "run", lambda item, student: ran.append(item) or run(item, student))
    assert row(grader.grade(handed_in), "scale").outcome == "full"
    assert not ran
