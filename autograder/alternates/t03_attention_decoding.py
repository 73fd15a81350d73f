"""Correct answers to t03 of another shape than the reference: all of them get full marks."""

import numpy as np

from attend.course.bank import alternate

# t03.1 softmax


@alternate(
    "softmax",
    why="One row at a time is easy to read and to check by hand. A loop over many rows is slow in Python.",
)
def softmax_row_by_row(scores, axis=-1):
    def one_row(row):
        exp = np.exp(row - max(row))
        return exp / sum(exp)

    return np.apply_along_axis(one_row, axis, scores)


@alternate(
    "softmax",
    why="One line, and NumPy takes care of large scores. It computes a logarithm more than is needed.",
)
def softmax_through_logarithms(scores, axis=-1):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=axis, keepdims=True))


@alternate(
    "softmax",
    why=(
        "It works in place on one copy of the scores, so it makes no other array of that size. "
        "Each line changes what the next one reads."
    ),
)
def softmax_with_the_axis_moved_last(scores, axis=-1):
    weights = np.moveaxis(scores, axis, -1).copy()
    weights -= weights.max(axis=-1)[..., np.newaxis]
    np.exp(weights, out=weights)
    weights /= np.einsum("...s->...", weights)[..., np.newaxis]
    return np.moveaxis(weights, -1, axis)


# t03.2 masked_softmax


@alternate(
    "masked_softmax",
    why=(
        "`np.max` and `np.divide` take `where`, so a row with nothing allowed is no special case. "
        "Few readers know these options."
    ),
)
def masked_softmax_without_softmax(scores, mask, axis=-1):
    mask = np.full(scores.shape, True) if mask is None else np.broadcast_to(mask, scores.shape)
    highest = np.max(scores, axis=axis, keepdims=True, where=mask, initial=np.finfo(scores.dtype).min)
    exp = np.exp(np.where(mask, scores - highest, -np.inf))
    total = exp.sum(axis=axis, keepdims=True)
    return np.divide(exp, total, out=np.zeros_like(exp), where=total > 0)


@alternate(
    "masked_softmax",
    why="Hidden scores are never read, so even NaN there does no harm. Python loops over all rows.",
)
def masked_softmax_of_the_allowed_scores_alone(scores, mask, axis=-1):
    weights = np.zeros_like(scores)
    mask = np.broadcast_to(True if mask is None else mask, scores.shape)
    rows, allowed, out = (np.moveaxis(array, axis, -1) for array in (scores, mask, weights))
    for index in np.ndindex(rows.shape[:-1]):
        if allowed[index].any():
            out[index][allowed[index]] = softmax(rows[index][allowed[index]])
    return weights


@alternate(
    "masked_softmax",
    why=(
        "exp(−∞) is exactly 0, so hidden weights need no second mask. "
        "A row with nothing allowed would be NaN and is treated apart."
    ),
)
def masked_softmax_with_minus_infinity(scores, mask, axis=-1):
    if mask is None:
        mask = True
    some = np.any(np.broadcast_to(mask, scores.shape), axis=axis, keepdims=True)
    weights = softmax(np.where(some, np.where(mask, scores, -np.inf), 0), axis=axis)
    return np.where(some, weights, 0).astype(scores.dtype)


# t03.3 context_vector


@alternate(
    "context_vector",
    why=(
        "The letters are the formula, and no array (..., S, A) of products is made. "
        "A reader must know the notation of `einsum`."
    ),
)
def context_vector_by_einsum(weights, annotations):
    return np.einsum("...s,...sa->...a", weights, annotations)


@alternate(
    "context_vector",
    why=(
        "A matrix product makes no array (..., S, A) of products, and a fast library computes it. "
        "The extra axis is not in the formula."
    ),
)
def context_vector_by_matrix_product(weights, annotations):
    return (weights[..., np.newaxis, :] @ annotations).squeeze(-2)


@alternate(
    "context_vector",
    why=(
        "It multiplies one annotation at a time, so it needs memory for (..., A) numbers only. "
        "Python loops over S positions."
    ),
)
def context_vector_position_by_position(weights, annotations):
    context = np.zeros_like(annotations[..., 0, :])
    for s in range(weights.shape[-1]):
        context = context + weights[..., s, None] * annotations[..., s, :]
    return context


# t03.4 attend


@alternate(
    "attend",
    why=(
        "Two matrix products need no array (..., S, A) of products. "
        "The extra axes and the transpose hide the formulas a little."
    ),
)
def attend_by_matrix_products(state, annotations, mask=None):
    scores = (annotations @ state[..., None]).squeeze(-1)
    weights = masked_softmax(scores, mask, axis=-1)
    return (np.swapaxes(annotations, -1, -2) @ weights[..., None]).squeeze(-1), weights


@alternate(
    "attend",
    why=(
        "For one sentence the code is plain dot products, easy to check by hand. "
        "Python loops over all sentences and all annotations."
    ),
)
def attend_sentence_by_sentence(state, annotations, mask=None):
    if state.ndim > 1:
        masks = [None] * len(state) if mask is None else mask
        pairs = [attend(*sentence) for sentence in zip(state, annotations, masks, strict=True)]
        return np.stack([context for context, _ in pairs]), np.stack([weights for _, weights in pairs])
    weights = masked_softmax(np.array([annotation.dot(state) for annotation in annotations]), mask)
    return weights.dot(annotations), weights


# t03.5 decode_step


@alternate(
    "decode_step",
    why=(
        "Context and state are not copied into one vector: each half has its own columns of W_out. "
        "Two slices must cut at the right place."
    ),
)
def decode_step_with_w_out_in_two_halves(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    new_state = np.tanh((W_ih @ embedding[..., None] + W_hh @ state[..., None])[..., 0] + b)
    context, weights = attend(new_state, annotations, mask)
    size = new_state.shape[-1]
    return context @ W_out[:, :size].T + new_state @ W_out[:, size:].T, new_state, weights


@alternate(
    "decode_step",
    why="One product with the joined matrices replaces two. W_ih and W_hh are copied at every step.",
)
def decode_step_with_one_recurrent_matrix(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    both = np.concatenate((embedding, state), axis=-1)
    state = np.tanh(both @ np.concatenate((W_ih, W_hh), axis=1).T + b)
    weights = masked_softmax(np.einsum("...sa,...a->...s", annotations, state), mask)
    read = np.concatenate((context_vector(weights, annotations), state), axis=-1)
    return (W_out @ read[..., None])[..., 0], state, weights


# t03.6 decode


@alternate(
    "decode",
    why=(
        "The weights go into one prepared array, so shape and dtype are right even without a word. "
        "It reserves max_len rows."
    ),
)
def decode_into_an_array(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    alignment = np.zeros((max_len, annotations.shape[0]), dtype=annotations.dtype)
    tokens = []
    while len(tokens) < max_len:
        previous = tokens[-1] if tokens else bos
        logits, state, weights = decode_step(
            embeddings[previous], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        best = np.argmax(logits).item()
        if best == eos:
            break
        alignment[len(tokens)] = weights
        tokens.append(best)
    return tokens, alignment[: len(tokens)]


@alternate(
    "decode",
    why=(
        "The recursion is short: one word, then the rest. "
        "`np.vstack` copies the alignment after every word, about T² / 2 rows in all."
    ),
)
def decode_word_after_word(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    layers = (W_ih, W_hh, b, W_out)
    if max_len > 0:
        logits, state, weights = decode_step(embeddings[bos], state, annotations, mask, *layers)
        token = int(np.argmax(logits))
        if token != eos:
            tokens, alignment = decode(
                state, annotations, mask, embeddings, *layers, bos=token, eos=eos, max_len=max_len - 1
            )
            return [token, *tokens], np.vstack([weights, alignment])
    return [], np.empty((0, len(annotations)), annotations.dtype)
