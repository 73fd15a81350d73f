"""Arrays that one test uses again and again, and answers that it edits, are the same for the next submission."""

import pytest

from ...common import outcomes, row

TESTS = '''

X = np.arange(1.0, 6.0)
KEPT = {"factor": 4.0, "seen": X}


@pytest.mark.exercise("scale")
def test_kept_arrays(student):
    """The same arrays each time."""
    check.close(student.scale(X, KEPT["factor"]), 4 * np.arange(1.0, 6.0), what="scaled")


@pytest.mark.exercise("scale")
def test_answers_edited_and_handed_on(student):
    """A test that calculates in the answer itself."""
    first = student.scale(X, 2.0)
    check.close(first, 2 * np.arange(1.0, 6.0), what="first")
    first += 1
    second = student.scale(first, 3.0)
    check.close(second, 6 * np.arange(1.0, 6.0) + 3, what="second")
    first[:] = second[:] = 0
'''
ATTACKS = {
    "edits what it is given": """
def scale(x, factor):
    answer = x * factor
    x.setflags(write=True)
    x[...] = -1
    return answer
""",
    "hands back what it was given": """
def scale(x, factor):
    x.setflags(write=True)
    x *= factor
    return x
""",
    "hands back one array for ever": """
_KEPT = np.zeros(5)


def scale(x, factor):
    if x.shape != _KEPT.shape:
        return x * factor
    np.multiply(x, factor, out=_KEPT)
    return _KEPT
""",
    "answers wrongly the second time": """
_calls = 0


def scale(x, factor):
    global _calls
    _calls += 1
    return x * factor if _calls == 1 else -x
""",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_next_submission_meets_the_same_arrays(tiny_with, hand_in_tiny, name):
    grader = tiny_with(TESTS)
    honest, hostile = hand_in_tiny(), hand_in_tiny(ATTACKS[name])
    first, *others = (grader.grade(hostile) for _ in range(3))
    assert set(outcomes(grader.grade(honest)).values()) == {"full"}
    assert [told(each) for each in others] == [told(first)] * 2, "seen answers are judged as new ones"
    after = grader.grade(hand_in_tiny("def scale(x, factor):\n    return x + factor\n"))
    assert row(after, "scale").diagnosis == "factor_added"


def told(grade) -> list:
    rows = grade.exercises
    return [
        (each.points, each.diagnosis, [(t.name, t.outcome, t.message) for t in each.tests]) for each in rows
    ]
