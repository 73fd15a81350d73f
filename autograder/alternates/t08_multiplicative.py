"""Correct answers to t08 of another shape than the reference: all of them get full marks."""

import math

import numpy as np

from attend.course.bank import alternate

# t08.1 dot_score


@alternate(
    "dot_score",
    why=(
        "The letters say which axis is summed, and no axis is added. "
        "A reader must know the notation of `einsum`."
    ),
)
def dot_score_by_einsum(query, keys):
    return np.einsum("...d,...sd->...s", query, keys)


@alternate(
    "dot_score",
    why=(
        "A matrix product is familiar and works in every version of NumPy. "
        "The axis that is added and removed is not in the formula."
    ),
)
def dot_score_by_matrix_product(query, keys):
    return (keys @ query[..., np.newaxis]).squeeze(-1)


@alternate(
    "dot_score",
    why="It shows the sum of the formula, one product of numbers after another. Python loops over D numbers.",
)
def dot_score_number_by_number(query, keys):
    scores = np.zeros_like(keys[..., 0])
    for d in range(query.shape[-1]):
        scores += query[..., d, None] * keys[..., d]
    return scores


# t08.2 general_score


@alternate(
    "general_score",
    why=(
        "The letters are the double sum of the formula. "
        "NumPy multiplies all three at once: S × Dq × Dk products, not Dq × Dk + S × Dk."
    ),
)
def general_score_by_einsum(query, keys, W):
    return np.einsum("...q,qk,...sk->...s", query, W, keys)


@alternate(
    "general_score",
    why=(
        "Projected keys can be kept and used for other queries. "
        "For one query, W costs S × Dq × Dk products instead of Dq × Dk."
    ),
)
def general_score_of_projected_keys(query, keys, W):
    return dot_score(query, keys @ W.T)


@alternate("general_score")
def general_score_key_by_key(query, keys, W):
    scores = [((query @ W) * keys[..., s, :]).sum(axis=-1) for s in range(keys.shape[-2])]
    return np.stack(scores, axis=-1)


# t08.3 low_rank_score


@alternate("low_rank_score")
def low_rank_score_by_einsum(query, keys, U, V):
    return np.einsum("...r,...sr->...s", np.einsum("...q,qr->...r", query, U), keys.dot(V))


@alternate(
    "low_rank_score",
    why=(
        "The keys are never projected, which saves S × Dk × R products for one query. "
        "For many queries, keys projected to R numbers are cheaper."
    ),
)
def low_rank_score_with_the_query_brought_to_the_keys(query, keys, U, V):
    return dot_score(query @ U @ V.T, keys)


@alternate(
    "low_rank_score",
    why=(
        "It shows what the rank is: how many products of two numbers are added for each key. "
        "Python loops over R."
    ),
)
def low_rank_score_rank_by_rank(query, keys, U, V):
    return sum((query @ u)[..., None] * (keys @ v) for u, v in zip(U.T, V.T, strict=True))


# t08.4 scaled_dot_score


@alternate(
    "scaled_dot_score",
    why="It scales D numbers of the query, not S scores. The factor is not where the formula has it.",
)
def scaled_dot_score_with_the_query_scaled(query, keys):
    return dot_score(query * keys.shape[-1] ** -0.5, keys)


@alternate(
    "scaled_dot_score",
    why=(
        "`np.sqrt` of an int is a float64 and would turn float32 scores into float64, so it gets the keys' "
        "dtype. "
        "`math.sqrt` needs no such care."
    ),
)
def scaled_dot_score_in_the_keys_dtype(query, keys):
    root = np.sqrt(np.array(query.shape[-1], dtype=keys.dtype))
    return np.einsum("...d,...sd->...s", query, keys) / root


# t08.5 score_matrix


@alternate("score_matrix")
def score_matrix_by_einsum(queries, keys, W=None):
    W = np.eye(keys.shape[-1], dtype=keys.dtype) if W is None else W
    return np.einsum("...ti,ij,...sj->...ts", queries, W, keys, optimize=True)


@alternate(
    "score_matrix",
    why=(
        "Projected keys can be kept for further queries. "
        "For one call it costs S × Dq × Dk products instead of T × Dq × Dk."
    ),
)
def score_matrix_of_projected_keys(queries, keys, W=None):
    projected = keys if W is None else keys @ W.T
    return np.matmul(queries, np.swapaxes(projected, -1, -2))


@alternate(
    "score_matrix",
    why="It holds the products for one query, S × D numbers, not T × S × D. Python loops over T queries.",
)
def score_matrix_query_by_query(queries, keys, W=None):
    projected = keys if W is None else np.einsum("ij,...sj->...si", W, keys)
    rows = [(projected * queries[..., t, None, :]).sum(axis=-1) for t in range(queries.shape[-2])]
    return np.stack(rows, axis=-2)


@alternate(
    "score_matrix",
    why=(
        "It is the definition: every query times every key, then a sum. "
        "All T × S × D products are in memory at once."
    ),
)
def score_matrix_through_broadcasting(queries, keys, W=None):
    queries = queries if W is None else np.tensordot(queries, W, axes=1)
    return (queries[..., :, None, :] * keys[..., None, :, :]).sum(axis=-1)


# t08.6 multiplicative_attention


@alternate(
    "multiplicative_attention",
    why=(
        "exp(−∞) is exactly 0, so hidden scores add nothing. "
        "A row with nothing allowed would be NaN and is left out of the hiding."
    ),
)
def attention_with_scaled_queries_and_minus_infinity(queries, keys, values, W=None, mask=None):
    if W is None:
        queries = queries / math.sqrt(queries.shape[-1])
    scores = score_matrix(queries, keys, W)
    if mask is not None:
        full = mask if mask.ndim == queries.ndim else np.expand_dims(mask, -2)
        full = np.broadcast_to(full, scores.shape)
        scores = np.where(full | ~full.any(axis=-1, keepdims=True), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    if mask is not None:
        weights = np.where(full, weights, 0)
    return np.einsum("...ts,...sv->...tv", weights, values), weights


@alternate(
    "multiplicative_attention",
    why=(
        "`logaddexp` cannot overflow, so no maximum is subtracted. "
        "It takes an exponential and a logarithm for each score, which is much slower."
    ),
)
def attention_through_logarithms(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W)
    if W is None:
        scores *= scores.dtype.type(keys.shape[-1] ** -0.5)
    if mask is None:
        mask = np.ones((1,) * scores.ndim, dtype=bool)
    elif mask.ndim != scores.ndim:
        mask = np.reshape(mask, (*mask.shape[:-1], 1, mask.shape[-1]))
    mask = np.broadcast_to(mask, scores.shape)
    log_sum = np.logaddexp.reduce(scores, axis=-1, keepdims=True, where=mask, initial=-np.inf)
    weights = np.exp(np.subtract(scores, log_sum, out=np.full_like(scores, -np.inf), where=mask))
    return np.matmul(weights, values), weights


@alternate(
    "multiplicative_attention",
    why=(
        "Hidden scores are never read, so even NaN there does no harm. "
        "Python loops over all queries, and T × S × Dv products are in memory."
    ),
)
def attention_query_by_query(queries, keys, values, W=None, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    scores = score_matrix(queries, keys, W)
    scores = scores if W is not None else scores * queries.shape[-1] ** -0.5
    mask = np.ones(S, dtype=bool) if mask is None else mask
    mask = np.broadcast_to(mask if mask.ndim == scores.ndim else mask[..., None, :], scores.shape)
    weights = np.zeros_like(scores)
    for row in np.ndindex(*queries.shape[:-2], T):
        if mask[row].any():
            exp = np.exp(scores[row][mask[row]] - scores[row][mask[row]].max())
            weights[row][mask[row]] = exp / exp.sum()
    return (weights[..., None] * values[..., None, :, :]).sum(axis=-2), weights
