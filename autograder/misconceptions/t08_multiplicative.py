"""Wrong answers that students really write for t08, each with the sentence that the student is told."""

import math

import numpy as np

from attend.course.bank import misconception

# t08.1 dot_score


@misconception(
    "dot_score",
    "You compare directions only (cosine similarity). A dot product also depends on the lengths: a long "
    "key can get more attention than a short one.",
)
def cosine_of_the_angle(query, keys):
    lengths = np.linalg.norm(keys, axis=-1) * np.linalg.norm(query, axis=-1)[..., None]
    return (keys * query[..., None, :]).sum(axis=-1) / lengths


@misconception(
    "dot_score",
    "Your products are right, but you do not add them up: a score is one number for each key, not one for "
    "each feature.",
)
def products_not_summed(query, keys):
    return keys * query[..., None, :]


@misconception(
    "dot_score",
    "You sum over the positions, which leaves one number for each feature. Sum over the features instead, "
    "so that each position keeps a score.",
)
def sum_over_the_positions(query, keys):
    return (keys * query[..., None, :]).sum(axis=-2)


@misconception(
    "dot_score",
    "Your answer is right for one sentence. In a batch, NumPy aligns axes from the last one, so the "
    "query's batch axis is matched with the keys' positions, and query number b meets key number b. Say "
    "where the query's missing axis is.",
)
def batch_beside_positions(query, keys):
    return (keys * query).sum(axis=-1)


@misconception(
    "dot_score",
    "Your answer is right for one sentence. In a batch, your product also scores the keys of every "
    "sentence against the queries of all the other sentences.",
)
def every_sentence_with_every_query(query, keys):
    return keys @ query.T


@misconception(
    "dot_score",
    "You measure the distance between query and keys. That is another score; a dot product multiplies "
    "feature by feature and adds up.",
)
def distance_for_product(query, keys):
    return -np.linalg.norm(keys - query[..., None, :], axis=-1)


@misconception(
    "dot_score",
    "You already scale here. This function returns the plain dot product; scaled_dot_score divides it.",
)
def scaled_too_early(query, keys):
    return (keys * query[..., None, :]).sum(axis=-1) / math.sqrt(query.shape[-1])


@misconception(
    "dot_score",
    "You return weights. Scores come before the softmax: they may be negative, and their sum can be any "
    "number.",
)
def weights_for_scores(query, keys):
    scores = (keys * query[..., None, :]).sum(axis=-1)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


# t08.2 general_score


@misconception(
    "general_score",
    "You use W the wrong way round. Its rows belong to the query and its columns to the keys; if both "
    "have the same size, this raises no error.",
)
def matrix_transposed(query, keys, W):
    return dot_score(query @ W.T, keys)


@misconception(
    "general_score",
    "You multiply both the query and the keys by W. W is used once, between them: after the query has "
    "been multiplied by it, both have the same size.",
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
    "You apply tanh to the projected query. That belongs to additive attention (t09); the general score "
    "is linear in the query and in the key.",
)
def projection_squashed(query, keys, W):
    return dot_score(np.tanh(query @ W), keys)


@misconception(
    "general_score",
    "You divide by the square root of the size. The general score is not scaled: W is learned, and its "
    "scale with it.",
)
def general_score_scaled(query, keys, W):
    return dot_score(query @ W, keys) / math.sqrt(keys.shape[-1])


# t08.3 low_rank_score


@misconception(
    "low_rank_score",
    "Your scores are right, but you form the large matrix: Dq · Dk numbers, computed again at every call "
    "and larger than any other array here. Put the brackets of the product elsewhere.",
)
def large_matrix_formed(query, keys, U, V):
    return dot_score(query @ (U @ V.T), keys)


@misconception(
    "low_rank_score",
    "You multiply the query by V and the keys by U. If both have the same shape this raises no error, but "
    "U belongs to the query.",
)
def matrices_swapped(query, keys, U, V):
    return dot_score(query @ V, keys @ U)


@misconception(
    "low_rank_score",
    "You multiply query and keys by the same matrix. Then the score of two words is the same in both "
    "directions; with one matrix for each side, a word can ask for something other than itself.",
)
def one_matrix_for_both(query, keys, U, V):
    return dot_score(query @ U, keys @ U)


@misconception(
    "low_rank_score",
    "You divide by the root of the rank. The low-rank score equals the general score with the product "
    "matrix, which is not scaled.",
)
def scaled_by_the_rank(query, keys, U, V):
    return dot_score(query @ U, keys @ V) / math.sqrt(U.shape[-1])


@misconception(
    "low_rank_score",
    "You apply tanh to the vectors in R dimensions, so the score no longer equals that of the product "
    "matrix. This score is linear in the query and in the key.",
)
def factors_squashed(query, keys, U, V):
    return dot_score(np.tanh(query @ U), np.tanh(keys @ V))


# t08.4 scaled_dot_score


@misconception(
    "scaled_dot_score",
    "You divide by D. The variance of a dot product grows with D, so its typical size grows with the "
    "square root of D: divided by D, the scores of long vectors hardly differ.",
)
def divided_by_the_size(query, keys):
    return dot_score(query, keys) / query.shape[-1]


@misconception(
    "scaled_dot_score",
    "You scale by the number of keys. Scores grow with the number of features: the score of a key should "
    "not change when another key is added.",
)
def scaled_by_the_number_of_keys(query, keys):
    return dot_score(query, keys) / math.sqrt(keys.shape[-2])


@misconception(
    "scaled_dot_score",
    "You take the size from the query's first axis. That is D only for a single sentence; in a batch it "
    "is the number of sentences.",
)
def scaled_by_the_first_axis(query, keys):
    return dot_score(query, keys) / math.sqrt(len(query))


@misconception(
    "scaled_dot_score",
    "You multiply by the square root of D, so scores grow even faster with the size. The scale has to "
    "undo that growth: divide.",
)
def multiplied_by_the_root(query, keys):
    return dot_score(query, keys) * math.sqrt(query.shape[-1])


@misconception(
    "scaled_dot_score",
    "You divide by the query's length, the root of its sum of squares. The scale is the root of D, the "
    "number of features, and it is the same for all queries.",
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
    "Your scores are right but always float64: np.sqrt returns a NumPy float64 even for an int, and a "
    "float32 array divided by that becomes float64. Keep the dtype of the inputs.",
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
    "You use W the wrong way round. Its rows belong to the queries and its columns to the keys; if both "
    "have the same size, this raises no error.",
)
def matrix_turned_round(queries, keys, W=None):
    queries = queries if W is None else queries @ W.T
    return queries @ np.swapaxes(keys, -1, -2)


@misconception(
    "score_matrix",
    "Your answer is right for one sentence. In a batch, `.T` reverses the batch axes as well; only the "
    "last two axes of the keys should change places.",
)
def every_axis_turned(queries, keys, W=None):
    queries = queries if W is None else queries @ W
    return queries @ keys.T


@misconception(
    "score_matrix",
    "Your answer is right for one sentence. In a batch, you score the queries of each sentence against "
    "the keys of all sentences, so the result has one axis too many.",
)
def every_sentence_with_every_sentence(queries, keys, W=None):
    queries = queries if W is None else queries @ W
    return np.inner(queries, keys)


@misconception(
    "score_matrix",
    "You never use W. If it is given, it belongs between queries and keys.",
)
def matrix_not_used(queries, keys, W=None):
    return queries @ np.swapaxes(keys, -1, -2)


@misconception(
    "score_matrix",
    "You scale the scores. This function does not scale; the calling function decides whether to.",
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
    "You scale the weights, after the softmax. Then they add up to less than one and are as sharp as "
    "before. Divide the scores instead.",
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
    "You divide the scores by D, not by its root: the weights of long vectors are then almost equal.",
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
    "Your weights add up to one over the queries, so the queries compete for each key. The weights of "
    "each query should add up to one over the keys.",
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
    "You let NumPy align a mask (B, S) by itself, from the last axis. B is then matched with the queries' axis, "
    "and query number b gets the mask of sentence number b. The axis that the mask lacks is that of the queries.",
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
    "You add the missing axis of a mask (..., S) after the keys instead of before them, so the mask hides "
    "whole queries.",
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
    "You add an axis to every mask, even to one that already has a row for each query.",
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
    "You never use the mask, so hidden positions receive attention.",
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
    "You mask after the softmax, when the hidden keys have already taken their share: the remaining "
    "weights add up to less than one.",
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
    "You replace hidden scores by 0, but 0 is an ordinary score and larger than every negative one. Which "
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
    "You subtract a row's largest score before the mask hides anything. If a hidden score is far above "
    "the allowed ones, all their exponentials become 0, and the row's weights add up to 0 instead of 1.",
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
    "You subtract no maximum before exp, which overflows for scores above about 700 (float64). Only "
    "differences between the scores of a row count.",
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
    "Where nothing is allowed you return NaN: all scores of that row are −∞, and −∞ − (−∞) is not a "
    "number. With nothing to attend to, weights and context are zero.",
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
    "You build the context from the keys. Keys decide the weights; the context is a sum of the values.",
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
    "Your answers are right but always float64: np.sqrt returns a NumPy float64 even for an int, and "
    "float32 scores divided by that become float64. Keep the dtype of the inputs.",
)
def attention_in_float64(queries, keys, values, W=None, mask=None):
    scores = score_matrix(queries, keys, W) / (np.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(keys.shape[-2], True) if mask is None else mask
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    scores = np.where(mask, scores, np.finfo(scores.dtype).min)
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
    weights = exp / np.maximum(exp.sum(axis=-1, keepdims=True), 1)
    return weights @ values, weights
