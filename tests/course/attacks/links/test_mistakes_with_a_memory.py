"""A known mistake that keeps something from call to call is named for every student who makes it, not for the first."""

import pytest

from ...common import row

# wrong at its first call only
SLOW_START = """
def {name}({parameters}, calls=[]):
    calls.append(1)
    return {right} if len(calls) > 1 else -x
"""
SCALE = SLOW_START.format(name="scale", parameters="x, factor", right="x * factor")
SHIFTED = SLOW_START.format(name="shifted", parameters="x, factor, offset", right="scale(x, factor) + offset")
MISTAKES = f"""

@misconception("scale", "Your first answer is the input with another sign.")
{SCALE.strip().replace("scale", "slow_scale", 1)}


@misconception("shifted", "Your first answer is the input with another sign.")
{SHIFTED.strip().replace("shifted", "slow_shifted", 1)}
"""


@pytest.mark.parametrize(
    ("exercise", "made", "name"), [("scale", SCALE, "slow_scale"), ("shifted", SHIFTED, "slow_shifted")]
)
def test_everybody_reads_its_name(tiny_with, hand_in_tiny, exercise, made, name):
    grader = tiny_with(mistakes=MISTAKES)
    other = hand_in_tiny("def scale(x, factor):\n    return x / factor\n")
    for _ in range(3):
        graded = row(grader.grade(hand_in_tiny(made)), exercise)
        assert graded.diagnosis == name and graded.points < graded.max_points
        assert row(grader.grade(other), "scale").diagnosis == "divided"
