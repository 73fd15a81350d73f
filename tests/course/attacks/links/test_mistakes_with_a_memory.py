"""A known mistake that keeps something from call to call is named for every student who makes it, not for the first."""

import pytest

from ...common import row

REMEMBERS = '''

@misconception("scale", "You use the first factor for ever.")
def first_factor(x, factor, seen=[]):
    seen.append(factor)
    return x * seen[0]


@misconception("shifted", "You count the calls of all tests.")
def counts(x, factor, offset, calls=[0]):
    calls[0] += 1
    return scale(x, factor) + offset + calls[0]
'''
TESTS = '''

@pytest.mark.exercise("scale")
def test_another_factor(student, rng):
    """Each call has a factor of its own."""
    x = rng.normal(size=4)
    check.close(student.scale(x, 4.0), 4 * x, what="scaled")
    check.close(student.scale(x, 3.0), 3 * x, what="scaled")
'''
MADE = {
    "scale": "def scale(x, factor, seen=[]):\n    seen.append(factor)\n    return x * seen[0]\n",
    "shifted": """
def shifted(x, factor, offset, calls=[0]):
    calls[0] += 1
    return scale(x, factor) + offset + calls[0]
""",
}


@pytest.mark.parametrize(("exercise", "name"), [("scale", "first_factor"), ("shifted", "counts")])
def test_everybody_reads_the_same_name(tiny_with, hand_in_tiny, exercise, name):
    grader = tiny_with(TESTS, REMEMBERS)
    made, other = hand_in_tiny(MADE[exercise]), hand_in_tiny("def scale(x, factor):\n    return x / factor\n")
    grades = []
    for _ in range(3):
        grades.append(row(grader.grade(made), exercise))
        assert row(grader.grade(other), "scale").diagnosis == "divided"
    assert len({(each.diagnosis, each.points, each.outcome) for each in grades}) == 1, grades
