"""On a machine that is busy with other work a right answer still earns everything: limits count processor time."""

import subprocess
import sys

import pytest

from attend.grading.course_grader import Lane

from .common import COURSE, outcomes, submission

BUSY = 6
# each ends by itself too, should this process be killed before it ends them
LOOP = "import time\nend = time.monotonic() + 300\nwhile time.monotonic() < end:\n    pass\n"


@pytest.fixture
def busy_machine():
    """Six processes that calculate all the time."""
    started = []
    try:
        for _ in range(BUSY):
            started.append(subprocess.Popen([sys.executable, "-S", "-c", LOOP]))
        yield
        assert all(process.poll() is None for process in started), "one ended early"
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


@pytest.mark.clock
@pytest.mark.slow
def test_references_earn_everything_beside_six_busy_processes(busy_machine, level):
    """The tests themselves are learned on the busy machine too, as by `attend grade`."""
    with Lane(COURSE, level) as lane:
        for number in ("t11", "t13"):
            topic = COURSE.topic(number)
            text = COURSE.solution(topic).read_text(encoding="utf-8")
            graded = lane.grade_submission(submission(topic, text))
            assert set(outcomes(graded).values()) == {"full"}, (graded.problem, outcomes(graded))
