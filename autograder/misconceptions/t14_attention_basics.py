"""Wrong answers to t14 that students really write, each with what its author is told."""

import numpy as np

from attend.course.bank import misconception

# t14.1 single_dot_attention_score


@misconception(
    "single_dot_attention_score",
    "This is an outer product: every feature times every other, a whole matrix. A score is one number.",
)
def outer_product(dec_hidden_state, enc_hidden_state):
    return np.outer(dec_hidden_state, enc_hidden_state)


@misconception(
    "single_dot_attention_score", "You multiply feature by feature but do not add up: a score is one number."
)
def products_not_added(dec_hidden_state, enc_hidden_state):
    return dec_hidden_state * enc_hidden_state


@misconception(
    "single_dot_attention_score",
    "You divide by the lengths of the vectors: this is the cosine. In a dot product, long vectors get "
    "high scores.",
)
def cosine(dec_hidden_state, enc_hidden_state):
    lengths = np.linalg.norm(dec_hidden_state) * np.linalg.norm(enc_hidden_state)
    return np.dot(dec_hidden_state, enc_hidden_state) / lengths


@misconception(
    "single_dot_attention_score", "You take the mean of the products; the dot product is their sum."
)
def mean_of_products(dec_hidden_state, enc_hidden_state):
    return np.mean(dec_hidden_state * enc_hidden_state)


@misconception(
    "single_dot_attention_score",
    "You return an array that holds one number. A score is the number itself, a scalar without axes.",
)
def score_in_an_array(dec_hidden_state, enc_hidden_state):
    return np.array([np.dot(dec_hidden_state, enc_hidden_state)])


# t14.2 dot_attention_score


@misconception(
    "dot_attention_score", "You read the annotations as rows. In this lab each annotation is a column."
)
def annotations_as_rows(dec_hidden_state, annotations):
    return annotations[:, : len(dec_hidden_state)] @ dec_hidden_state[: annotations.shape[1]]


@misconception(
    "dot_attention_score",
    "You scale each row but do not add up: you return a matrix instead of a score for each annotation.",
)
def not_added_up(dec_hidden_state, annotations):
    return dec_hidden_state[:, np.newaxis] * annotations


@misconception(
    "dot_attention_score", "You return a table of one row, (1, S). The scores are a plain vector (S,)."
)
def scores_in_a_row(dec_hidden_state, annotations):
    return dec_hidden_state[np.newaxis] @ annotations


@misconception(
    "dot_attention_score",
    "You divide the scores by the square root of their size, as the transformer does. Here they are plain "
    "dot products.",
)
def scaled_scores(dec_hidden_state, annotations):
    return dec_hidden_state @ annotations / np.sqrt(len(dec_hidden_state))


# t14.3 softmax


@misconception(
    "softmax",
    "exp overflows for scores above about 709, and infinity divided by infinity is NaN. Only differences "
    "between scores matter.",
)
def overflow(x):
    exp = np.exp(np.asarray(x, dtype=np.float64))
    return exp / exp.sum(axis=0)


@misconception("softmax", "Your whole array adds up to one. Each column should add up to one.")
def one_unit_for_all(x):
    x = np.asarray(x, dtype=np.float64)
    exp = np.exp(x - x.max())
    return exp / exp.sum()


@misconception("softmax", "Your rows add up to one. Here the weights add up to one over the first axis.")
def over_the_last_axis(x):
    x = np.asarray(x, dtype=np.float64)
    exp = np.exp(x - x.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


@misconception(
    "softmax",
    "You compute in the input's own dtype: float32 has only half the digits of float64. This lab uses "
    "float64.",
)
def dtype_of_the_input(x):
    exp = np.exp(x - x.max(axis=0))
    return exp / exp.sum(axis=0)


@misconception(
    "softmax",
    "You subtract the largest score of the whole array from every column: a column far below it becomes 0 "
    "/ 0.",
)
def one_shift_for_all_columns(x):
    x = np.asarray(x, dtype=np.float64)
    exp = np.exp(x - x.max())
    return exp / exp.sum(axis=0)


@misconception(
    "softmax",
    "You divide the scores by their sum. Without exp, a negative score would get a negative weight.",
)
def scores_over_their_sum(x):
    x = np.asarray(x, dtype=np.float64)
    return x / x.sum(axis=0)


@misconception(
    "softmax",
    "You return float128, which many machines and programs do not know: return float64. It is wide enough for any "
    "scores once the maximum is taken off first.",
)
def float128(x):
    exp = np.exp(np.asarray(x, dtype=np.longdouble))
    return exp / exp.sum(axis=0)


@misconception(
    "softmax",
    "You move no column up: your largest score is never below 0. A column of very negative scores then has only zeros "
    "under exp, and zero over zero is NaN.",
)
def maximum_never_below_zero(x):
    x = np.asarray(x, dtype=np.float64)
    exp = np.exp(x - np.maximum(x.max(axis=0), 0))
    return exp / exp.sum(axis=0)


# t14.4 apply_attention_scores


@misconception(
    "apply_attention_scores", "You apply the weights twice: each column is scaled by its weight squared."
)
def weights_applied_twice(attention_weights, annotations):
    return attention_weights * attention_weights * annotations


@misconception(
    "apply_attention_scores",
    "You scale the rows. A weight belongs to an annotation, and annotations are columns here.",
)
def rows_scaled(attention_weights, annotations):
    return np.resize(attention_weights, annotations.shape[0])[:, np.newaxis] * annotations


@misconception(
    "apply_attention_scores", "You already add up here. This step only scales; the next one adds up."
)
def added_up_too_early(attention_weights, annotations):
    return annotations @ attention_weights


@misconception("apply_attention_scores", "Your matrix is transposed: the annotations have become rows.")
def turned_round(attention_weights, annotations):
    return (attention_weights * annotations).T


# t14.5 calculate_attention_vector


@misconception(
    "calculate_attention_vector",
    "You add up over the features: this leaves one number per annotation, not a vector of features.",
)
def summed_over_the_features(applied_attention):
    return applied_attention.sum(axis=0)


@misconception(
    "calculate_attention_vector",
    "You take the mean. The weights add up to one already, so the scaled columns are only added.",
)
def mean_of_the_columns(applied_attention):
    return applied_attention.mean(axis=1)


@misconception(
    "calculate_attention_vector", "You add up everything to one number. Add up each feature separately."
)
def one_number(applied_attention):
    return applied_attention.sum()


@misconception(
    "calculate_attention_vector",
    "Your vector is a column (H, 1). The attention vector is plain, (H,), like the decoder's state.",
)
def a_column(applied_attention):
    return applied_attention.sum(axis=1, keepdims=True)
