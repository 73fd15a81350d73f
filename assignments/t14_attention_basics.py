"""Lab: attention basics, on a few numbers.

One decoder state is compared with four encoder states. The scores become weights, the weights scale the states, and the
sum of the scaled states is the attention vector. Here the annotations are the *columns* of a matrix.

Papers: Bahdanau et al. 2015, section 3.1; Luong et al. 2015, section 3.1 (dot).
Page:   docs/topics/t14_attention_basics
Check:  attend check t14
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped


def single_dot_attention_score(
    dec_hidden_state: Shaped[np.ndarray, "H"], enc_hidden_state: Shaped[np.ndarray, "H"]
) -> Shaped[np.ndarray, ""]:
    """Score one annotation: the dot product with the decoder's state.

    Args:
        dec_hidden_state: (H,).
        enc_hidden_state: (H,).

    Returns:
        A scalar.

    Source: Luong et al. 2015, section 3.1 (dot).

    >>> print(single_dot_attention_score(np.array([5, 1, 20]), np.array([3, 12, 45])))
    927
    """
    raise NotImplementedError("t14.1 single_dot_attention_score: see docs/topics/t14_attention_basics")


def dot_attention_score(
    dec_hidden_state: Shaped[np.ndarray, "H"], annotations: Shaped[np.ndarray, "H S"]
) -> Shaped[np.ndarray, "S"]:
    """Score all annotations at once.

    Args:
        dec_hidden_state: (H,).
        annotations: (H, S), one annotation a column.

    Returns:
        The scores (S,).

    >>> annotations = np.array([[3, 12, 45], [59, 2, 5], [1, 43, 5], [4, 3, 45.3]]).T
    >>> dot_attention_score(np.array([5, 1, 20]), annotations)
    array([927., 397., 148., 929.])
    """
    raise NotImplementedError("t14.2 dot_attention_score: see docs/topics/t14_attention_basics")


def softmax(x: Shaped[np.ndarray, "S *rest"]) -> Float[np.ndarray, "S *rest"]:
    """Turn scores into weights that add up to one over the first axis.

    Args:
        x: the scores, integers too; ±1e4 is ordinary input.

    Returns:
        The weights, of the same shape, as float64 whatever came in.

    >>> softmax(np.array([927, 397, 148, 929])).round(3)
    array([0.119, 0.   , 0.   , 0.881])
    """
    raise NotImplementedError("t14.3 softmax: see docs/topics/t14_attention_basics")


def apply_attention_scores(
    attention_weights: Float[np.ndarray, "S"], annotations: Shaped[np.ndarray, "H S"]
) -> Float[np.ndarray, "H S"]:
    """Scale every annotation by its weight.

    Args:
        attention_weights: (S,).
        annotations: (H, S), one annotation a column.

    Returns:
        The scaled annotations (H, S).

    >>> apply_attention_scores(np.array([0.5, 0.25]), np.array([[2, 4], [6, 8]]))
    array([[1., 1.],
           [3., 2.]])
    """
    raise NotImplementedError("t14.4 apply_attention_scores: see docs/topics/t14_attention_basics")


def calculate_attention_vector(applied_attention: Float[np.ndarray, "H S"]) -> Float[np.ndarray, "H"]:
    """Add up the scaled annotations.

    Args:
        applied_attention: (H, S).

    Returns:
        The attention vector (H,).

    >>> calculate_attention_vector(np.array([[1.0, 1.0], [3.0, 2.0]]))
    array([2., 5.])
    """
    raise NotImplementedError("t14.5 calculate_attention_vector: see docs/topics/t14_attention_basics")
