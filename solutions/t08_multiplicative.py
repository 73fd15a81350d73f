"""Multiplicative attention: query and key are multiplied, with or without a learned matrix between them.

One matrix product scores all queries against all keys. Plain products grow with the size of the vectors, so they are
divided by the square root of the size.

Papers: Luong et al. 2015, section 3.1 (dot, general); Vaswani et al. 2017, section 3.2.1 (scaled).
Page:   docs/topics/t08_multiplicative
Check:  attend check t08
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float


def dot_score(
    query: Float[np.ndarray, "*batch D"], keys: Float[np.ndarray, "*batch S D"]
) -> Float[np.ndarray, "*batch S"]:
    """Score a query against every key by their dot product.

        e_s = q · k_s

    Args:
        query: q (..., D).
        keys: k (..., S, D).

    Returns:
        The scores e (..., S), with the dtype of the inputs.

    Source: Luong et al. 2015, section 3.1 (dot).

    >>> dot_score(np.array([1.0, 2.0]), np.array([[3.0, 1.0], [0.0, 0.5]]))
    array([5., 1.])
    """
    # BEGIN SOLUTION
    return np.vecdot(query[..., None, :], keys)  # (..., 1, D) and (..., S, D)
    # END SOLUTION


def general_score(
    query: Float[np.ndarray, "*batch Dq"],
    keys: Float[np.ndarray, "*batch S Dk"],
    W: Float[np.ndarray, "Dq Dk"],
) -> Float[np.ndarray, "*batch S"]:
    """Score a query against every key with a learned matrix between them.

        e_s = qᵀ W k_s = Σ_i Σ_j q_i W_ij k_sj

    Args:
        query: q (..., Dq).
        keys: k (..., S, Dk).
        W: (Dq, Dk), a row for each number of the query and a column for each number of a key.

    Returns:
        The scores e (..., S), with the dtype of the inputs.

    Source: Luong et al. 2015, section 3.1 (general).

    >>> W = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])  # the key's first number meets nothing
    >>> general_score(np.array([1.0, 2.0]), np.array([[9.0, 3.0, 1.0], [9.0, 0.0, 0.5]]), W)
    array([7., 2.])
    """
    # BEGIN SOLUTION
    return dot_score(query @ W, keys)
    # END SOLUTION


def low_rank_score(
    query: Float[np.ndarray, "*batch Dq"],
    keys: Float[np.ndarray, "*batch S Dk"],
    U: Float[np.ndarray, "Dq R"],
    V: Float[np.ndarray, "Dk R"],
) -> Float[np.ndarray, "*batch S"]:
    """The general score with W = U Vᵀ, computed without forming W: query and keys are compared in R dimensions.

        e_s = qᵀ U Vᵀ k_s = (Uᵀ q) · (Vᵀ k_s)

    Args:
        query: q (..., Dq).
        keys: k (..., S, Dk).
        U: projects queries to R dimensions, (Dq, R).
        V: projects keys to R dimensions, (Dk, R).

    Returns:
        The scores e (..., S), with the dtype of the inputs.

    Source: Vaswani et al. 2017, section 3.2.2, where U and V are one head's W_Q and W_K.

    >>> U, V = np.array([[1.0], [2.0]]), np.array([[0.0], [1.0], [-1.0]])
    >>> low_rank_score(np.array([1.0, 2.0]), np.array([[9.0, 3.0, 1.0], [9.0, 0.0, 0.5]]), U, V)
    array([10. , -2.5])
    """
    # BEGIN SOLUTION
    return dot_score(query @ U, keys @ V)
    # END SOLUTION


def scaled_dot_score(
    query: Float[np.ndarray, "*batch D"], keys: Float[np.ndarray, "*batch S D"]
) -> Float[np.ndarray, "*batch S"]:
    """The dot score divided by √D, so that its spread does not depend on the size of the vectors.

        e_s = q · k_s / √D

    Args:
        query: q (..., D).
        keys: k (..., S, D).

    Returns:
        The scores e (..., S), with the dtype of the inputs.

    Source: Vaswani et al. 2017, section 3.2.1 and footnote 4.

    >>> scaled_dot_score(np.array([1.0, 2.0, 0.0, 1.0]), np.array([[3.0, 1.0, 5.0, 1.0], [0.0, 0.5, 7.0, -3.0]]))
    array([ 3., -1.])
    """
    # BEGIN SOLUTION
    return dot_score(query, keys) / math.sqrt(query.shape[-1])
    # END SOLUTION


def score_matrix(
    queries: Float[np.ndarray, "*batch T Dq"],
    keys: Float[np.ndarray, "*batch S Dk"],
    W: Float[np.ndarray, "Dq Dk"] | None = None,
) -> Float[np.ndarray, "*batch T S"]:
    """Score every query against every key at once, without scaling.

        E = Q W Kᵀ

    Args:
        queries: Q (..., T, Dq), a query in each row.
        keys: K (..., S, Dk), a key in each row.
        W: (Dq, Dk). None gives the dot score, with Dq = Dk.

    Returns:
        The scores E (..., T, S), with the dtype of the inputs: row t belongs to query t, column s to key s.

    >>> score_matrix(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[3.0, 1.0], [0.0, 0.5], [1.0, -1.0]]))
    array([[ 5. ,  1. , -1. ],
           [ 1. ,  0.5, -1. ]])
    """
    # BEGIN SOLUTION
    if W is not None:
        queries = queries @ W  # (..., T, Dk)
    return queries @ keys.mT
    # END SOLUTION


def multiplicative_attention(
    queries: Float[np.ndarray, "*batch T Dq"],
    keys: Float[np.ndarray, "*batch S Dk"],
    values: Float[np.ndarray, "*batch S Dv"],
    W: Float[np.ndarray, "Dq Dk"] | None = None,
    mask: Bool[np.ndarray, "*#batch #S"] | Bool[np.ndarray, "*#batch #T #S"] | None = None,
) -> tuple[Float[np.ndarray, "*batch T Dv"], Float[np.ndarray, "*batch T S"]]:
    """Attend with every query to the values: with scaled dot scores, or with general scores if W is given.

        E = Q Kᵀ / √D  or  E = Q W Kᵀ        α_t = softmax(E_t)        c_t = Σ_s α_ts v_s

    Args:
        queries: Q (..., T, Dq).
        keys: K (..., S, Dk).
        values: v (..., S, Dv), what the context is made of.
        W: (Dq, Dk), learned together with its scale: these scores are not divided. None requires Dq = Dk.
        mask: True where attention is allowed. With as many axes as the scores it is (..., T, S), a row for
            each query; with fewer it is (..., S), one row for all queries of a source. An axis of size 1 serves
            the whole axis of the scores. None allows everything.

    Returns:
        The contexts c (..., T, Dv) and the weights α (..., T, S), with the dtype of the inputs; both zero where
        nothing is allowed. Scores of ±100,000 are ordinary, hidden or not.

    Source: Vaswani et al. 2017, equation 1; Luong et al. 2015, equation 7 and section 3.1 (general).

    >>> keys = np.array([[0.0, 0.0, 0.0, 0.0], [np.log(3.0), 0.0, 0.0, 0.0]])
    >>> values = np.array([[4.0, 0.0], [8.0, 1.0]])
    >>> context, weights = multiplicative_attention(np.array([[2.0, 0.0, 0.0, 0.0]]), keys, values)
    >>> context, weights
    (array([[7.  , 0.75]]), array([[0.25, 0.75]]))
    """
    # BEGIN SOLUTION
    scores = score_matrix(queries, keys, W)  # (..., T, S)
    if W is None:
        scores = scores / math.sqrt(keys.shape[-1])
    if mask is None:
        mask = np.full(keys.shape[-2], True)
    if mask.ndim < scores.ndim:
        mask = mask[..., None, :]  # (..., 1, S)
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)  # a sum below 1 is that of an empty row
    return weights @ values, weights
    # END SOLUTION
