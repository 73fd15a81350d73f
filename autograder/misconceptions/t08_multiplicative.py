"""Wrong answers that students really write for t08, each with the sentence that the student is told."""

import math

import numpy as np

from attend.bank import misconception

# t08.1 dot_score


@misconception(
    "dot_score",
    "You compare directions only (cosine similarity). In a dot product lengths count: a long key can claim "
    "more attention than a short one.",
)
def cosine_of_the_angle(query, keys):
    lengths = np.linalg.norm(keys, axis=-1) * np.linalg.norm(query, axis=-1)[..., None]
    return (keys * query[..., None, :]).sum(axis=-1) / lengths


@misconception(
    "dot_score",
    "Your products are right, but nothing adds them up: a score is one number for each key, not one for each "
    "feature.",
)
def products_not_summed(query, keys):
    return keys * query[..., None, :]


@misconception(
    "dot_score",
    "You sum over the positions, which leaves one number for each feature. The features are what is summed "
    "away: each position keeps a score.",
)
def sum_over_the_positions(query, keys):
    return (keys * query[..., None, :]).sum(axis=-2)


@misconception(
    "dot_score",
    "For one sentence you are right. In a batch the query's first axis falls beside the keys' positions, as "
    "NumPy lines axes up from the last: query number b then meets key number b. Say where the query's missing "
    "axis is.",
)
def batch_beside_positions(query, keys):
    return (keys * query).sum(axis=-1)


@misconception(
    "dot_score",
    "For one sentence you are right. In a batch your product scores the keys of every sentence against the "
    "queries of all the others too.",
)
def every_sentence_with_every_query(query, keys):
    return keys @ query.T


@misconception(
    "dot_score",
    "You measure how far query and keys lie apart. That is another score; a dot product multiplies feature by "
    "feature and adds up.",
)
def distance_for_product(query, keys):
    return -np.linalg.norm(keys - query[..., None, :], axis=-1)


@misconception(
    "dot_score",
    "You scale here already. The plain dot product comes first; scaled_dot_score divides it.",
)
def scaled_too_early(query, keys):
    return (keys * query[..., None, :]).sum(axis=-1) / math.sqrt(query.shape[-1])


@misconception(
    "dot_score",
    "You return weights. Scores come before the softmax: they may be negative, and they add up to anything.",
)
def weights_for_scores(query, keys):
    scores = (keys * query[..., None, :]).sum(axis=-1)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


# t08.2 general_score


@misconception(
    "general_score",
    "You use W the wrong way round. Its rows belong to the query and its columns to the keys; where both have "
    "the same size, nothing complains.",
)
def matrix_transposed(query, keys, W):
    return dot_score(query @ W.T, keys)


@misconception(
    "general_score",
    "You send both through W, the query and the keys. It stands between them once: after the query has "
    "passed, the two already have the same size.",
)
def both_through_the_matrix(query, keys, W):
    return dot_score(query @ W, keys @ W)


@misconception(
    "general_score",
    "You leave W out. Without it this is a dot score, and query and keys would need the same size.",
)
def matrix_left_out(query, keys, W):
    return dot_score(query, keys)


@misconception(
    "general_score",
    "You squash the projected query with tanh. That belongs to additive attention (t09); the general score is "
    "linear in the query and in the key.",
)
def projection_squashed(query, keys, W):
    return dot_score(np.tanh(query @ W), keys)


@misconception(
    "general_score",
    "You divide by the square root of the size. The general score is used as it comes: W is learned, and its "
    "scale with it.",
)
def general_score_scaled(query, keys, W):
    return dot_score(query @ W, keys) / math.sqrt(keys.shape[-1])


# t08.3 low_rank_score


@misconception(
    "low_rank_score",
    "Your scores are right, but you form the large matrix after all: Dq · Dk numbers, computed again at every "
    "call and larger than anything else here. Put the brackets of the product elsewhere.",
)
def large_matrix_formed(query, keys, U, V):
    return dot_score(query @ (U @ V.T), keys)


@misconception(
    "low_rank_score",
    "You send the query through V and the keys through U. Where the two have the same shape nothing complains, "
    "but U belongs to the query.",
)
def matrices_swapped(query, keys, U, V):
    return dot_score(query @ V, keys @ U)


@misconception(
    "low_rank_score",
    "You send query and keys through the same matrix. Then whatever two words think of each other is mutual; "
    "with a matrix for each side a word can ask for something other than itself.",
)
def one_matrix_for_both(query, keys, U, V):
    return dot_score(query @ U, keys @ U)


@misconception(
    "low_rank_score",
    "You scale by the rank. The low-rank score equals the general score with the product matrix, as it comes.",
)
def scaled_by_the_rank(query, keys, U, V):
    return dot_score(query @ U, keys @ V) / math.sqrt(U.shape[-1])


@misconception(
    "low_rank_score",
    "You squash the vectors in R dimensions with tanh, so they are no longer those of one matrix in two "
    "factors. This score is linear in the query and in the key.",
)
def factors_squashed(query, keys, U, V):
    return dot_score(np.tanh(query @ U), np.tanh(keys @ V))


# t08.4 scaled_dot_score


@misconception(
    "scaled_dot_score",
    "You divide by D. The variance of a dot product grows with D, so its typical size grows with the square "
    "root: divided by D, long vectors hardly tell their keys apart.",
)
def divided_by_the_size(query, keys):
    return dot_score(query, keys) / query.shape[-1]


@misconception(
    "scaled_dot_score",
    "You scale by the number of keys. It is the number of features that makes a score large: a key's score "
    "should not change because another key joins.",
)
def scaled_by_the_number_of_keys(query, keys):
    return dot_score(query, keys) / math.sqrt(keys.shape[-2])


@misconception(
    "scaled_dot_score",
    "You take the size from the query's first axis. That is D for one sentence only; in a batch it is the "
    "number of sentences.",
)
def scaled_by_the_first_axis(query, keys):
    return dot_score(query, keys) / math.sqrt(len(query))


@misconception(
    "scaled_dot_score",
    "You multiply by the square root of D, so scores grow with the size twice. The scale takes that growth "
    "back.",
)
def multiplied_by_the_root(query, keys):
    return dot_score(query, keys) * math.sqrt(query.shape[-1])


@misconception(
    "scaled_dot_score",
    "You divide by the query's length, the root of its sum of squares. The scale is the root of D, the number "
    "of its features, and the same for all queries.",
)
def divided_by_the_norm(query, keys):
    return dot_score(query, keys) / np.linalg.norm(query, axis=-1, keepdims=True)


@misconception(
    "scaled_dot_score",
    "You do not scale. This is the plain dot score, whose spread grows with the size of the vectors.",
)
def scale_left_out(query, keys):
    return dot_score(query, keys)


@misconception(
    "scaled_dot_score",
    "Your scores are right but always float64: np.sqrt returns a NumPy float64 even for an int, and that wins "
    "over a float32 array. Keep the dtype that came in.",
)
def dtype_lost_to_the_scale(query, keys):
    return dot_score(query, keys) / np.sqrt(query.shape[-1])


# t08.5 score_matrix


@misconception(
    "score_matrix",
    "Your scores have a row for each key. A row belongs to a query, a column to a key: (..., T, S).",
)
def rows_of_keys(queries, keys, W=None):
    queries = queries if W is None else queries @ W
    return keys @ np.swapaxes(queries, -1, -2)


@misconception(
    "score_matrix",
    "You use W the wrong way round. Its rows belong to the queries and its columns to the keys; where both "
    "have the same size, nothing complains.",
)
def matrix_turned_round(queries, keys, W=None):
    queries = queries if W is None else queries @ W.T
    return queries @ np.swapaxes(keys, -1, -2)


@misconception(
    "score_matrix",
    "For one sentence you are right. In a batch `.T` turns the batch axis round as well; only the last two "
    "axes of the keys should change places.",
)
def every_axis_turned(queries, keys, W=None):
    queries = queries if W is None else queries @ W
    return queries @ keys.T


@misconception(
    "score_matrix",
    "For one sentence you are right. In a batch you score the queries of each sentence against the keys of "
    "all sentences, which makes one axis too many.",
)
def every_sentence_with_every_sentence(queries, keys, W=None):
    queries = queries if W is None else queries @ W
    return np.inner(queries, keys)


@misconception(
    "score_matrix",
    "You never use W. Where it is given, it stands between queries and keys.",
)
def matrix_not_used(queries, keys, W=None):
    return queries @ np.swapaxes(keys, -1, -2)


@misconception(
    "score_matrix",
    "You scale the scores. This function leaves them as they come; the caller knows which of them to scale.",
)
def matrix_scaled(queries, keys, W=None):
    scores = queries @ np.swapaxes(keys, -1, -2) if W is None else queries @ W @ np.swapaxes(keys, -1, -2)
    return scores / math.sqrt(keys.shape[-1])


@misconception(
    "score_matrix",
    "You pair query number t with key number t and get a single score for each. Every query meets every key.",
)
def pairs_in_step(queries, keys, W=None):
    queries = queries if W is None else queries @ W
    return (queries * keys).sum(axis=-1)


# t08.6 multiplicative_attention


@misconception(
    "multiplicative_attention",
    "You scale the scores with W too. W was learned together with its scale; only plain dot scores are "
    "divided.",
)
def scaled_with_a_matrix_too(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / math.sqrt(keys.shape[-1])
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You never scale. Without W the scores are dot products, whose spread grows with the size of the vectors.",
)
def attention_not_scaled(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You scale the weights, after the softmax. They then add up to less than one, and are as sharp as "
    "before: it is the scores that are too far apart.",
)
def weights_scaled(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    if W is None:
        weights = weights / math.sqrt(keys.shape[-1])
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You divide the scores by D, not by its root: long vectors then share their attention out almost evenly.",
)
def attention_divided_by_the_size(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (keys.shape[-1] if W is None else 1)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "Your weights add up to one over the queries: they compete for each key. Each query shares out one unit "
    "of its own over the keys.",
)
def softmax_over_the_queries(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-2, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-2, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You let NumPy line up a mask (B, S) by itself, from the last axis: B then falls on the queries' axis, and "
    "query number b is masked like sentence number b. The missing axis is that of the queries.",
)
def mask_lined_up_with_the_queries(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You put the missing axis of a mask (..., S) behind the keys instead of before them, so it hides whole "
    "queries.",
)
def mask_hides_queries(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(scores.shape, True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., :, None]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You give every mask one more axis, also one that has a row for each query already.",
)
def axis_added_to_every_mask(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You never use the mask, so what it hides receives attention.",
)
def mask_not_used(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "Your mask works the other way round: you hide the allowed positions. In this course True means that "
    "attention is allowed.",
)
def mask_inverted(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    allowed = np.full(keys.shape[-2], True) if mask is None else ~mask
    allowed = allowed if allowed.ndim == scores.ndim else allowed[..., None, :]
    scores = np.where(allowed, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * allowed
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You mask after the softmax, when the hidden keys have already taken their share: what is left adds up to "
    "less than one.",
)
def masked_after_the_softmax(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True) * mask
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You replace hidden scores by 0, but a score of 0 is an ordinary score: it beats every negative one. Which "
    "score becomes 0 under exp?",
)
def masked_with_zero(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = scores * mask
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You shift a row by its largest score before the mask hides anything. Where a hidden score is far above "
    "the allowed ones, all their exponentials are 0, and a row that should share one unit has none.",
)
def shifted_by_a_hidden_score(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    total = exp.sum(axis=-1, keepdims=True)
    weights = exp / np.where(total > 0, total, 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You shift no row before exp, which overflows for scores above about 700 (float64). Only differences "
    "between the scores of a row count.",
)
def no_shift(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    exp = np.exp(np.where(mask, scores, -np.inf))
    total = exp.sum(axis=-1, keepdims=True)
    weights = exp / np.where(total > 0, total, 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "Where nothing is allowed you return NaN: all the scores of that row are −∞, and −∞ − (−∞) is not a "
    "number. Nothing to attend to means weights and context of zero.",
)
def nan_where_nothing_is_allowed(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, -np.inf)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "Where nothing is allowed you spread attention over all the hidden keys: equally low scores get equal "
    "weights. A hidden key never gets any.",
)
def uniform_where_nothing_is_allowed(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, -1e9)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You add one large negative number to every hidden score. Where nothing is allowed it is added to the whole "
    "row, and a softmax does not change when every score does: that row attends as if there were no mask.",
)
def number_added_to_hidden_scores(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = scores + (~mask).astype(scores.dtype) * scores.dtype.type(-1e9)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "Your answers are right, but a mask makes float64 of float32: a boolean array times a number is a float64 "
    "array, and adding that to the scores turns them into float64 too. Keep the dtype that came in.",
)
def mask_in_float64(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    if mask is not None:
        mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
        scores = scores + (1 - mask) * -1e10
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * (
        True if mask is None else mask.any(-1, keepdims=True)
    )
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You hide keys behind a score of −10,000. Allowed scores may be lower than that; the hidden keys then win the "
    "softmax, and when their share is taken away the allowed ones are left with nothing.",
)
def hidden_behind_minus_ten_thousand(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, -1e4)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True) * mask
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You take 10,000 off every hidden score. A score may be that large by itself: a hidden key far above the "
    "allowed ones still wins, and where nothing is allowed the row attends as if there were no mask.",
)
def ten_thousand_taken_off(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = scores + (~mask).astype(scores.dtype) * scores.dtype.type(-1e4)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exp / exp.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@misconception(
    "multiplicative_attention",
    "You build the context from the keys. Keys decide where to look, values are what is read there.",
)
def context_of_the_keys(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ keys, weights


@misconception(
    "multiplicative_attention",
    "You return the weights first. The order is context, weights.",
)
def weights_first(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights, weights @ values


@misconception(
    "multiplicative_attention",
    "Your answers are right but always float64: np.sqrt returns a NumPy float64 even for an int, and that wins "
    "over float32 scores. Keep the dtype that came in.",
)
def attention_in_float64(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (np.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights
