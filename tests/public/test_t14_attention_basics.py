"""Public tests of t14: the lab's numbers on paper.

Run them with `attend check t14`, or with `pytest tests/public/test_t14_attention_basics.py`.
"""

import numpy as np
import pytest

from attend.testing import check

STATE = np.array([5, 1, 20])
# (H, S): an annotation is a column
ANNOTATIONS = np.array([[3, 12, 45], [59, 2, 5], [1, 43, 5], [4, 3, 45.3]]).T


# t14.1 single_dot_attention_score


@pytest.mark.exercise("single_dot_attention_score")
def test_the_first_annotation_scores_927(student):
    """5 · 3 + 1 · 12 + 20 · 45 = 927."""
    score = student.single_dot_attention_score(STATE, np.array([3, 12, 45]))
    check.close(float(score), 927.0, what="score")


# t14.2 dot_attention_score


@pytest.mark.exercise("dot_attention_score")
def test_all_four_annotations_are_scored(student):
    """The columns score 927, 397, 148 and 929."""
    scores = student.dot_attention_score(STATE, ANNOTATIONS)
    check.close(scores, np.array([927.0, 397.0, 148.0, 929.0]), what="scores")


# t14.3 softmax


@pytest.mark.exercise("softmax")
def test_the_scores_become_weights(student):
    """927, 397, 148 and 929 become 0.119, 0, 0 and 0.881, although e^929 is beyond every float64."""
    weights = student.softmax(np.array([927.0, 397.0, 148.0, 929.0]))
    check.close(weights, np.array([0.119203, 0.0, 0.0, 0.880797]), what="weights", atol=1e-6)


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("dtype", [np.int64, np.float32], ids=["integers", "float32"])
def test_float64_comes_out(student, dtype):
    """Whole numbers or float32 go in, float64 comes out: 0 and 0 share half and half."""
    check.close(student.softmax(np.array([0, 0], dtype=dtype)), np.array([0.5, 0.5]), what="weights")


@pytest.mark.exercise("softmax")
def test_each_column_is_shared_out(student, rng):
    """Of a matrix each column adds up to one, also where its numbers are a thousand below another's."""
    weights = student.softmax(rng.normal(size=(4, 3)) + np.array([0, -1000, 1000]))
    check.close(weights.sum(axis=0), np.ones(3), what="sums of the columns")


# t14.4 apply_attention_scores


@pytest.mark.exercise("apply_attention_scores")
def test_each_column_is_scaled_by_its_weight(student):
    """A weight of ½ halves its column, a weight of 0 wipes it out."""
    applied = student.apply_attention_scores(np.array([0.5, 0.0, 1.0, 2.0]), ANNOTATIONS)
    expected = np.array([[1.5, 0, 1, 8], [6, 0, 43, 6], [22.5, 0, 5, 90.6]])
    check.close(applied, expected, what="applied attention")


# t14.5 calculate_attention_vector


@pytest.mark.exercise("calculate_attention_vector")
def test_the_columns_are_added_up(student):
    """[1, 3] and [1, 2] and [0, 4] add up to [2, 9]."""
    vector = student.calculate_attention_vector(np.array([[1.0, 1.0, 0.0], [3.0, 2.0, 4.0]]))
    check.close(vector, np.array([2.0, 9.0]), what="attention vector")
