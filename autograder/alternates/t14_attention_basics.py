"""Correct answers to t14 of another shape than the reference: all of them get full marks."""

import numpy as np

from attend.course.bank import alternate

# t14.1 single_dot_attention_score


@alternate(
    "single_dot_attention_score",
    why="It is the definition: each product of two numbers is added. Python computes H products one by one.",
)
def sum_of_products(dec_hidden_state, enc_hidden_state):
    return sum(a * b for a, b in zip(dec_hidden_state, enc_hidden_state, strict=True))


@alternate(
    "single_dot_attention_score",
    why="The letters say that the shared axis is summed. For two vectors, `np.dot` says it in fewer words.",
)
def score_by_einsum(dec_hidden_state, enc_hidden_state):
    return np.einsum("h,h->", dec_hidden_state, enc_hidden_state)


# t14.2 dot_attention_score


@alternate(
    "dot_attention_score",
    why="Each score is the dot product with one column, as on paper. Python loops over S columns.",
)
def column_by_column(dec_hidden_state, annotations):
    return np.array([dec_hidden_state.dot(annotation) for annotation in annotations.T])


@alternate(
    "dot_attention_score",
    why=(
        "It shows another way to see the product: scaled rows are added up. "
        "H × S products are in memory at once."
    ),
)
def scaled_rows_added(dec_hidden_state, annotations):
    return (dec_hidden_state[:, np.newaxis] * annotations).sum(axis=0)


# t14.3 softmax


@alternate(
    "softmax",
    why=(
        "`logaddexp` cannot overflow, so no maximum is subtracted. "
        "It takes an exponential and a logarithm for each score, which is slower."
    ),
)
def through_logarithms(x):
    x = np.asarray(x).astype(np.float64)
    return np.exp(x - np.logaddexp.reduce(x, axis=0, keepdims=True))


@alternate(
    "softmax",
    why=(
        "It works in place on one copy of the scores, so it makes no other array of that size. "
        "Each line changes what the next one reads."
    ),
)
def in_place_on_a_copy(x):
    weights = np.array(x, dtype=np.float64)
    weights -= weights.max(axis=0, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=0, keepdims=True)
    return weights


# t14.4 apply_attention_scores


@alternate(
    "apply_attention_scores",
    why=(
        "To scale columns is to multiply by a diagonal matrix, as in linear algebra. "
        "It has S × S numbers, of which only S are not 0."
    ),
)
def by_a_diagonal_matrix(attention_weights, annotations):
    return annotations @ np.diag(attention_weights)


@alternate(
    "apply_attention_scores",
    why=(
        "It shows which weight scales which annotation. "
        "Python loops over S columns, and `np.stack` copies them."
    ),
)
def applied_column_by_column(attention_weights, annotations):
    columns = [
        weight * annotation for weight, annotation in zip(attention_weights, annotations.T, strict=True)
    ]
    return np.stack(columns, axis=1)


# t14.5 calculate_attention_vector


@alternate(
    "calculate_attention_vector",
    why=(
        "It shows a sum as a product with ones, which matrix libraries compute fast. "
        "`sum` says it more plainly and needs no ones."
    ),
)
def product_with_ones(applied_attention):
    return applied_attention @ np.ones(applied_attention.shape[1])


@alternate(
    "calculate_attention_vector",
    why=(
        "It adds one annotation after another, as on paper. "
        "Each of the S steps makes a new vector of H numbers."
    ),
)
def columns_added_in_turn(applied_attention):
    vector = np.zeros(applied_attention.shape[0])
    for column in applied_attention.T:
        vector = vector + column
    return vector
