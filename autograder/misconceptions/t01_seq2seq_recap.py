"""Wrong answers to t01 that students really write, each with what its author is told."""

import numpy as np

from attend.course.bank import misconception

# t01.1 rnn_step


@misconception(
    "rnn_step",
    "Your weights are transposed. A row of W_ih holds the weights with which one hidden unit reads the inputs, as in torch.nn.RNNCell.",
)
def weights_transposed(x, h, W_ih, W_hh, b):
    return np.tanh(x @ (W_ih if W_ih.shape[0] == x.shape[-1] else W_ih.T) + h @ W_hh + b)


@misconception(
    "rnn_step", "Your state is not squashed: without tanh it can grow from word to word without bound."
)
def tanh_forgotten(x, h, W_ih, W_hh, b):
    return x @ W_ih.T + h @ W_hh.T + b


@misconception(
    "rnn_step", "You squash the input and the state separately. They are added first, then squashed once."
)
def two_tanhs(x, h, W_ih, W_hh, b):
    return np.tanh(x @ W_ih.T + b) + np.tanh(h @ W_hh.T)


@misconception(
    "rnn_step", "Your new state does not depend on the old one: the network forgets every word but the last."
)
def state_ignored(x, h, W_ih, W_hh, b):
    return np.tanh(x @ W_ih.T + 0 * (h @ W_hh.T) + b)


@misconception(
    "rnn_step", "You use a sigmoid, which never gives a negative state. This recurrence squashes to (−1, 1)."
)
def sigmoid_for_tanh(x, h, W_ih, W_hh, b):
    return (np.tanh((x @ W_ih.T + h @ W_hh.T + b) / 2) + 1) / 2


@misconception("rnn_step", "The bias is missing: without it, a unit whose inputs are zero always gives zero.")
def bias_left_out(x, h, W_ih, W_hh, b):
    return np.tanh(x @ W_ih.T + h @ W_hh.T)


@misconception(
    "rnn_step",
    "You multiply the state by W_hh from the wrong side. W_hh is square, so no error is raised: a row of it belongs "
    "to a unit of the new state, a column to a unit of the old one.",
)
def recurrence_transposed(x, h, W_ih, W_hh, b):
    return np.tanh(x @ W_ih.T + h @ W_hh + b)


# t01.2 lstm_step


@misconception(
    "lstm_step", "You read the gates as i, f, o, g. PyTorch's order, and this course's, puts g before o."
)
def gates_i_f_o_g(x, h, c, W_ih, W_hh, b):
    i, f, o, g = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@misconception(
    "lstm_step",
    "You read the gates as f, i, g, o: the forget gate and the input gate are swapped.",
)
def gates_f_i_g_o(x, h, c, W_ih, W_hh, b):
    f, i, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@misconception("lstm_step", "You return the cell before the hidden state. The hidden state comes first.")
def cell_and_state_swapped(x, h, c, W_ih, W_hh, b):
    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return c, sigmoid(o) * np.tanh(c)


@misconception(
    "lstm_step", "Your output gate multiplies the cell itself. It should multiply the cell squashed by tanh."
)
def cell_shown_unsquashed(x, h, c, W_ih, W_hh, b):
    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * c, c


@misconception(
    "lstm_step",
    "Your candidate g goes through a sigmoid, so it can only add to the cell and never subtract. It is squashed by tanh.",
)
def candidate_through_a_sigmoid(x, h, c, W_ih, W_hh, b):
    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * sigmoid(g)
    return sigmoid(o) * np.tanh(c), c


@misconception(
    "lstm_step",
    "Your hidden state comes from the old cell. It should come from the cell that this step computes.",
)
def old_cell_shown(x, h, c, W_ih, W_hh, b):
    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    return sigmoid(o) * np.tanh(c), sigmoid(f) * c + sigmoid(i) * np.tanh(g)


@misconception(
    "lstm_step",
    "Your sigmoid overflows: exp of an input above about 710 is infinity, and infinity over infinity is NaN.",
)
def sigmoid_overflows(x, h, c, W_ih, W_hh, b):
    def gate(values):
        return np.exp(values) / (1 + np.exp(values))

    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = gate(f) * c + gate(i) * np.tanh(g)
    return gate(o) * np.tanh(c), c


# t01.3 encode


@misconception(
    "encode", "You average the states. The context of this model is the state after the last word."
)
def mean_of_states(inputs, W_ih, W_hh, b):
    h, states = np.zeros(b.shape, dtype=b.dtype), []
    for x in inputs:
        h = rnn_step(x, h, W_ih, W_hh, b)
        states.append(h)
    return np.mean(states, axis=0)


@misconception("encode", "You return the state after the first word; all later words are lost.")
def first_state(inputs, W_ih, W_hh, b):
    return rnn_step(inputs[0], np.zeros(b.shape, dtype=b.dtype), W_ih, W_hh, b)


@misconception(
    "encode", "Every word starts from a state of zero: the state is not carried from word to word."
)
def state_not_carried(inputs, W_ih, W_hh, b):
    h = np.zeros(b.shape, dtype=b.dtype)
    for x in inputs:
        h = rnn_step(x, np.zeros(b.shape, dtype=b.dtype), W_ih, W_hh, b)
    return h


@misconception(
    "encode",
    "You read the sentence from its end. Some models read their sources backwards, but this one does not.",
)
def read_backwards(inputs, W_ih, W_hh, b):
    h = np.zeros(b.shape, dtype=b.dtype)
    for x in inputs[::-1]:
        h = rnn_step(x, h, W_ih, W_hh, b)
    return h


@misconception(
    "encode",
    "You start from a state of ones. Before the first word nothing has been read, so the state is zero.",
)
def begun_at_one(inputs, W_ih, W_hh, b):
    h = np.ones(b.shape, dtype=b.dtype)
    for x in inputs:
        h = rnn_step(x, h, W_ih, W_hh, b)
    return h


# t01.4 decode


@misconception("decode", "You keep eos among the tokens. It ends the sentence and is no part of it.")
def eos_included(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    h, token, tokens = context, bos, []
    for _ in range(max_len):
        h = rnn_step(embeddings[token], h, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        tokens.append(token)
        if token == eos:
            break
    return tokens


@misconception(
    "decode", "You keep bos among the tokens. It starts the decoder and is no part of the sentence."
)
def bos_included(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    h, tokens = context, [bos]
    for _ in range(max_len):
        h = rnn_step(embeddings[tokens[-1]], h, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        if token == eos:
            break
        tokens.append(token)
    return tokens


@misconception(
    "decode",
    "Every step starts from the context again: the decoder's state is not carried from word to word.",
)
def state_never_updated(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens = bos, []
    for _ in range(max_len):
        h = rnn_step(embeddings[token], context, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        if token == eos:
            break
        tokens.append(token)
    return tokens


@misconception(
    "decode",
    "The decoder reads bos at every step. After the first word it should read the word that it has just written.",
)
def bos_at_every_step(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    h, tokens = context, []
    for _ in range(max_len):
        h = rnn_step(embeddings[bos], h, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        if token == eos:
            break
        tokens.append(token)
    return tokens


@misconception(
    "decode",
    "The decoder starts from zero and never sees the context: it writes the same sentence for every source.",
)
def context_ignored(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    h, token, tokens = np.zeros_like(context), bos, []
    for _ in range(max_len):
        h = rnn_step(embeddings[token], h, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        if token == eos:
            break
        tokens.append(token)
    return tokens


@misconception(
    "decode",
    "You write one word too few: `max_len` counts the words that are written, and bos is not one of them.",
)
def max_len_counts_bos(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    h, token, tokens = context, bos, []
    for _ in range(max_len - 1):
        h = rnn_step(embeddings[token], h, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        if token == eos:
            break
        tokens.append(token)
    return tokens
