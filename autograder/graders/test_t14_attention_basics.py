"""Hidden graders of t14.

Oracles: the lab's numbers, loops over single numbers, and what must always hold.
"""

import math

import numpy as np
import pytest

from attend.testing import check
from attend.testing.items import for_exercises

STATE = np.array([5, 1, 20])
ANNOTATIONS = np.array([[3, 12, 45], [59, 2, 5], [1, 43, 5], [4, 3, 45.3]]).T
TIGHT = {"rtol": 1e-10, "atol": 1e-10}


def number(score):
    """The score as a float, where it is a scalar of any type of number."""
    scalar = isinstance(score, int | float | np.number) or isinstance(score, np.ndarray) and score.ndim == 0
    check.true(scalar, "the score is no scalar")
    return float(score)


# t14.1 single_dot_attention_score


@pytest.mark.exercise("single_dot_attention_score")
@pytest.mark.parametrize("column", range(4))
def test_each_annotation_of_the_lab(student, column):
    """The state is compared feature by feature with one annotation."""
    annotation = ANNOTATIONS[:, column].copy()
    expected = sum(float(a) * float(b) for a, b in zip(STATE, annotation, strict=True))
    check.close(
        number(student.single_dot_attention_score(STATE, annotation)), expected, what="score", **TIGHT
    )


@pytest.mark.exercise("single_dot_attention_score")
@pytest.mark.parametrize("H", [1, 7])
def test_a_score_is_one_number(student, rng, H):
    """Whatever the size, the score is a scalar."""
    state, annotation = rng.normal(size=H), rng.normal(size=H)
    score = student.single_dot_attention_score(state, annotation)
    check.close(number(score), math.fsum(state * annotation), what="score", **TIGHT)


@pytest.mark.exercise("single_dot_attention_score")
def test_vectors_at_right_angles_score_zero(student):
    """Two vectors that share no direction score 0."""
    score = student.single_dot_attention_score(np.array([2.0, 0.0, 1.0]), np.array([1.0, 5.0, -2.0]))
    check.close(number(score), 0.0, what="score", **TIGHT)


@pytest.mark.exercise("single_dot_attention_score")
def test_vectors_that_point_apart_score_below_zero(student):
    """Two vectors that point away from each other have a negative score."""
    score = student.single_dot_attention_score(np.array([2.0, 0.0, 1.0]), np.array([-3.0, 5.0, 1.0]))
    check.close(number(score), -5.0, what="score", **TIGHT)


# t14.2 dot_attention_score


@pytest.mark.exercise("dot_attention_score")
def test_the_labs_scores(student):
    """Every column of the lab's matrix gets its score."""
    check.close(
        student.dot_attention_score(STATE, ANNOTATIONS), np.array([927.0, 397.0, 148.0, 929.0]), what="scores"
    )


@pytest.mark.exercise("dot_attention_score")
@pytest.mark.parametrize(("H", "S"), [(3, 5), (4, 4), (2, 1), (1, 6)])
def test_scores_agree_with_a_loop(student, rng, H, S):
    """The annotations are the columns, also of a square matrix."""
    state, annotations = rng.normal(size=H), rng.normal(size=(H, S))
    expected = np.array([math.fsum(state[h] * annotations[h, s] for h in range(H)) for s in range(S)])
    check.close(student.dot_attention_score(state, annotations), expected, what="scores", **TIGHT)


# t14.3 softmax


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("shape", [(5,), (4, 3), (3, 3), (2, 4, 3)], ids=str)
def test_weights_agree_with_a_loop(student, rng, shape):
    """The weights add up to one along the first axis, whatever axes come behind it."""
    x = rng.normal(size=shape)
    expected = np.zeros(shape)
    for s, *column in np.ndindex(shape):
        total = math.fsum(math.exp(x[r, *column]) for r in range(shape[0]))
        expected[s, *column] = math.exp(x[s, *column]) / total
    check.close(student.softmax(x), expected, what="weights", **TIGHT)


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_extreme_scores_overflow_nothing(student, size):
    """Scores of ±10,000 give finite weights that add up to one."""
    weights = student.softmax(np.array([size, size - 1.0, size - 2.0]))
    raised = [1.0, math.exp(-1), math.exp(-2)]
    check.close(weights, np.array(raised) / sum(raised), what="weights", **TIGHT)


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_weights_are_float64(student, dtype):
    """Integers and float32 are computed in float64."""
    weights = student.softmax(np.array([3, 1, 0], dtype=dtype))
    raised = [math.exp(3), math.exp(1), 1.0]
    check.close(weights, np.array(raised) / sum(raised), what="weights", **TIGHT)


@pytest.mark.exercise("softmax")
def test_columns_far_apart(student):
    """A column of very low scores is shared out properly beside a column of very high ones."""
    weights = student.softmax(np.array([[5000.0, -5000.0], [5000.0, -5000.0]]))
    check.close(weights, np.full((2, 2), 0.5), what="weights", **TIGHT)


# t14.4 apply_attention_scores


@pytest.mark.exercise("apply_attention_scores")
@pytest.mark.parametrize(("H", "S"), [(3, 5), (4, 4), (2, 1)])
def test_scaling_agrees_with_a_loop(student, rng, H, S):
    """Column s is multiplied by weight s, also in a square matrix."""
    weights, annotations = rng.random(S), rng.normal(size=(H, S))
    expected = np.array([[weights[s] * annotations[h, s] for s in range(S)] for h in range(H)])
    check.close(
        student.apply_attention_scores(weights, annotations), expected, what="applied attention", **TIGHT
    )


@pytest.mark.exercise("apply_attention_scores")
def test_the_labs_columns(student):
    """The lab's weights leave the first and the last column, scaled."""
    weights = np.array([0.119202922, 0.0, 0.0, 0.880797078])
    applied = student.apply_attention_scores(weights, ANNOTATIONS)
    check.close(applied[:, [1, 2]], np.zeros((3, 2)), what="the columns without weight", **TIGHT)
    check.close(applied[:, 3], 0.880797078 * np.array([4, 3, 45.3]), what="the last column", **TIGHT)


# t14.5 calculate_attention_vector


@pytest.mark.exercise("calculate_attention_vector")
@pytest.mark.parametrize(("H", "S"), [(3, 5), (4, 4), (2, 1), (1, 3)])
def test_the_vector_agrees_with_a_loop(student, rng, H, S):
    """Feature by feature the columns are added up."""
    applied = rng.normal(size=(H, S))
    expected = np.array([math.fsum(row) for row in applied])
    check.close(student.calculate_attention_vector(applied), expected, what="attention vector", **TIGHT)


# t14, every exercise that returns an array

ARGUMENTS = {
    "dot_attention_score": lambda rng: (rng.normal(size=3), rng.normal(size=(3, 4))),
    "softmax": lambda rng: (rng.normal(size=(4, 3)),),
    "apply_attention_scores": lambda rng: (rng.random(4), rng.normal(size=(3, 4))),
    "calculate_attention_vector": lambda rng: (rng.normal(size=(3, 4)),),
}
EACH = for_exercises(*ARGUMENTS)


@EACH
def test_the_order_of_numbers_in_memory_does_not_matter(student, reference, rng, name):
    """Arrays in Fortran's order give the same result."""
    check.in_any_order(getattr(student, name), getattr(reference, name), *ARGUMENTS[name](rng))


@EACH
def test_a_result_stays_as_it_is(student, reference, rng, name):
    """Another call leaves an earlier result as it was."""
    first, second = ARGUMENTS[name](rng), ARGUMENTS[name](rng)
    check.stays(student, name, getattr(reference, name), first, second)
