"""What fails on the grader's side is never charged to a student."""

import re

import pytest

from attend.course.errors import AttendError
from attend.course.syllabus import load_course
from attend.grading.course_grader import Lane
from attend.grading.hidden_tests import ReferenceFailsError

from .common import outcomes, row, submission

GRADERS = "autograder/graders/test_t01_tiny.py"
READS_A_FILE = '''

@pytest.mark.exercise("scale")
def test_that_reads_a_file(student):
    """It scales, and the test reads a file."""
    from pathlib import Path

    student.scale(np.ones(2), 2.0)
    Path(__file__).with_name("flag").read_text()
'''
EXPECTS_AN_ARRAY = '''

@pytest.mark.exercise("scale")
def test_that_uses_the_answer(student):
    """The answer can be added up."""
    assert student.scale(np.ones(2), 2.0).sum() == 4.0
'''


@pytest.fixture
def course(own_tiny):
    """The tiny course with one hidden test more, and a file that this test reads."""

    def with_test(text: str):
        path = own_tiny.root / GRADERS
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        path.with_name("flag").write_text("here")
        return load_course(own_tiny.root)

    return with_test


def solution(course) -> str:
    return course.solution(course.topic("t01")).read_text(encoding="utf-8")


def test_a_test_that_fails_by_itself_leaves_the_exercise_ungraded_and_the_rest_graded(course, level):
    changed = course(READS_A_FILE)
    topic = changed.topic("t01")
    with Lane(changed, level) as lane:
        grader = lane.grader(topic)
        (changed.root / GRADERS).with_name("flag").unlink()
        # on the reference's own answers the test's verdict is known
        text = solution(changed).replace("return x * factor", "return x * factor * (1 + 1e-9)")
        grade = grader.grade(submission(topic, text))
    assert outcomes(grade) == {"scale": "ungraded", "shifted": "full"}
    assert "test_that_reads_a_file: FileNotFoundError" in row(grade, "scale").notes[0]


def test_an_answer_that_a_test_cannot_use_is_the_students(course, level):
    changed = course(EXPECTS_AN_ARRAY)
    topic = changed.topic("t01")
    text = solution(changed).replace("return x * factor", "return None")
    with Lane(changed, level) as lane:
        graded = row(lane.grader(topic).grade(submission(topic, text)), "scale")
    assert graded.outcome in ("wrong", "partial") and graded.points < graded.max_points
    told = next(test.message for test in graded.tests if test.name == "test_that_uses_the_answer")
    assert "not of the kind that the exercise asks for" in told


def test_nothing_is_graded_where_the_courses_own_solution_fails(course, level):
    changed = course(READS_A_FILE)
    (changed.root / GRADERS).with_name("flag").unlink()
    with Lane(changed, level) as lane, pytest.raises(ReferenceFailsError, match="test_that_reads_a_file"):
        lane.grader(changed.topic("t01"))
    assert issubclass(ReferenceFailsError, AttendError)


def test_the_command_stops_and_names_the_test(course, attend, write):
    changed = course(READS_A_FILE)
    (changed.root / GRADERS).with_name("flag").unlink()
    handed_in = write("class/ada/t01_tiny.py", solution(changed)).parents[1]
    for command in (
        ("grade", handed_in, "--out", handed_in.parent / "out"),
        ("build", "t01", "--out", handed_in.parent),
    ):
        run = attend("--course", changed.root, *command)
        assert run.returncode != 0
        assert re.search("test_that_reads_a_file fails on the course's own solution", run.stderr), run.stderr
        assert "Traceback" not in run.stderr
