"""Correct answers to t01 of another shape than the reference: all of them get full marks."""

import numpy as np

from attend.course.bank import alternate

# t01.1 rnn_step


@alternate(
    "rnn_step",
    why="One matrix product does the work of two. It copies x, h and both weight matrices at every step.",
)
def one_matrix_for_both(x, h, W_ih, W_hh, b):
    both = np.concatenate([x, h], axis=-1)
    return np.tanh(both @ np.concatenate([W_ih, W_hh], axis=1).T + b)


@alternate(
    "rnn_step",
    why="The letters name every axis, so no matrix is transposed. A reader must know the notation of `einsum`.",
)
def rnn_step_by_einsum(x, h, W_ih, W_hh, b):
    total = np.einsum("hd,...d->...h", W_ih, x)
    total += np.einsum("hk,...k->...h", W_hh, h)
    total += b
    return np.tanh(total)


# t01.2 lstm_step


@alternate(
    "lstm_step",
    why=(
        "`exp` gets no number above 0, so it cannot overflow. "
        "Four slices repeat H, and a wrong bound is easy to miss."
    ),
)
def gates_sliced(x, h, c, W_ih, W_hh, b):
    H = h.shape[-1]
    gates = np.einsum("gd,...d->...g", W_ih, x) + np.einsum("gk,...k->...g", W_hh, h) + b

    def open_(values):
        return np.where(values >= 0, 1 / (1 + np.exp(-np.abs(values))), 1 - 1 / (1 + np.exp(-np.abs(values))))

    cell = open_(gates[..., H : 2 * H]) * c + open_(gates[..., :H]) * np.tanh(gates[..., 2 * H : 3 * H])
    return open_(gates[..., 3 * H :]) * np.tanh(cell), cell


@alternate(
    "lstm_step",
    why=(
        "The gates get an axis of their own, and one tanh squashes them all. "
        "It squashes g too, although this result is not used."
    ),
)
def gates_as_an_axis(x, h, c, W_ih, W_hh, b):
    H = h.shape[-1]
    gates = (x @ W_ih.T + h @ W_hh.T + b).reshape(*h.shape[:-1], 4, H)
    squashed = 0.5 * np.tanh(0.5 * gates) + 0.5
    cell = squashed[..., 1, :] * c + squashed[..., 0, :] * np.tanh(gates[..., 2, :])
    return squashed[..., 3, :] * np.tanh(cell), cell


@alternate(
    "lstm_step",
    why=(
        "To divide by 1 + exp(−f) is to multiply by the sigmoid. "
        "For a very negative f, `exp` overflows: the result is right, but NumPy warns."
    ),
)
def sigmoid_that_warns(x, h, c, W_ih, W_hh, b):
    gates = x @ W_ih.T + h @ W_hh.T + b
    i, f, g, o = np.array_split(gates, 4, axis=gates.ndim - 1)
    new = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    return np.tanh(new) / (1 + np.exp(-o)), new


# t01.3 encode


@alternate(
    "encode",
    why=(
        "One product projects all words, so each step of the loop has one product, not two. "
        "The S × H projections are in memory at once."
    ),
)
def inputs_projected_at_once(inputs, W_ih, W_hh, b):
    h = np.zeros_like(b)
    for projected in inputs @ W_ih.T + b:
        h = np.tanh(projected + W_hh @ h)
    return h


@alternate(
    "encode",
    why=(
        "It is the formula: the state after the last word comes from the state before. "
        "A sentence of 1,000 words exceeds Python's stack."
    ),
)
def encode_by_recursion(inputs, W_ih, W_hh, b):
    if len(inputs) == 0:
        return np.zeros_like(b)
    before = encode(inputs[:-1], W_ih, W_hh, b)
    return rnn_step(inputs[-1], before, W_ih, W_hh, b)


# t01.4 decode


@alternate(
    "decode",
    why=(
        "The last word in the list is the next input, so no second variable holds it. "
        "`W_out * h` makes V × H numbers only to add them up."
    ),
)
def decode_with_a_while(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    said, h = [bos], context.copy()
    while len(said) <= max_len:
        h = np.tanh(W_ih @ embeddings[said[-1]] + W_hh @ h + b)
        following = (W_out * h).sum(axis=1).argmax().item()
        if following == eos:
            return said[1:]
        said.append(following)
    return said[1:]


@alternate(
    "decode",
    why=(
        "A generator yields each word when it is found, so a program could show it at once. "
        "The function inside makes it longer."
    ),
)
def decode_by_a_generator(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    def words(h, token):
        for _ in range(max_len):
            h = rnn_step(embeddings[token], h, W_ih, W_hh, b)
            token = int((W_out @ h).argmax())
            if token == eos:
                return
            yield token

    return list(words(context, bos))
