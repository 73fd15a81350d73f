"""A known mistake that keeps something from call to call is named for every student who makes it, not for the first."""

import numpy as np
import pytest

from attend.course import bank
from attend.grading.diagnosis import Diagnostician
from attend.grading.replays import Record
from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module

from ...common import row

# wrong at its first call only
SLOW_START = """
def {name}(x, factor, calls=[]):
    calls.append(1)
    return x * factor if len(calls) > 1 else -x
"""
MADE = SLOW_START.format(name="scale")
MISTAKE = f"""

@misconception("scale", "Your first answer is the input with another sign.")
{SLOW_START.format(name="slow").strip()}
"""


def test_everybody_reads_its_name(tiny_with, hand_in_tiny):
    grader = tiny_with(mistakes=MISTAKE)
    other = hand_in_tiny("def scale(x, factor):\n    return x / factor\n")
    for _ in range(3):
        graded = row(grader.grade(hand_in_tiny(MADE)), "scale")
        assert graded.diagnosis == "slow" and graded.points < graded.max_points
        assert row(grader.grade(other), "scale").diagnosis == "divided"


@pytest.mark.parametrize("same_calls", [True, False], ids=["of the same calls", "of other calls"])
def test_it_is_the_same_mistake_whatever_was_replayed_before(own_tiny, same_calls):
    topic = own_tiny.topic("t01")
    path = own_tiny.misconceptions(topic)
    path.write_text(path.read_text() + MISTAKE)
    text = own_tiny.solution(topic).read_text(encoding="utf-8")
    diagnostician = Diagnostician(text, topic, bank.misconceptions(own_tiny, topic))
    for number in range(3):
        student = Student(LocalBackend(load_module(text + MADE, "slow_student", "student.py")))
        student.reset(5)
        student.scale(np.array([1.0, -2.0, 0.5]) + (0 if same_calls else number), 2.5)
        found = diagnostician.diagnose("scale", [Record("test", 5, student.steps)], [])
        assert found.answer is not None and found.answer.name == "slow"
