"""Sequence to sequence without attention: the whole source in one vector.

An encoder reads the words one after another into its hidden state. The decoder gets the last state only, the context,
whose size does not depend on the length of the sentence.

Papers: Sutskever et al. 2014; Cho et al. 2014; Elman 1990; Gers, Schmidhuber and Cummins 2000.
Page:   docs/topics/t01_seq2seq_recap
Check:  attend check t01
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def rnn_step(
    x: Float[np.ndarray, "*batch D"],
    h: Float[np.ndarray, "*batch H"],
    W_ih: Float[np.ndarray, "H D"],
    W_hh: Float[np.ndarray, "H H"],
    b: Float[np.ndarray, "H"],
) -> Float[np.ndarray, "*batch H"]:
    """One step of a plain recurrent network.

        h' = tanh(W_ih x + W_hh h + b)

    Args:
        x: the input, (..., D).
        h: the hidden state, (..., H).
        W_ih: (H, D).
        W_hh: (H, H).
        b: (H,).

    Returns:
        The new hidden state, (..., H), with the dtype of the inputs.

    Source: Elman 1990; the layout of the weights is `torch.nn.RNNCell`'s.

    >>> half_log_3 = np.log(3.0) / 2  # tanh(½ ln 3) = ½
    >>> rnn_step(np.array([half_log_3]), np.array([0.0]), np.eye(1), np.eye(1), np.zeros(1))
    array([0.5])
    """
    # BEGIN SOLUTION
    return np.tanh(x @ W_ih.T + h @ W_hh.T + b)
    # END SOLUTION


def sigmoid(x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """1 / (1 + e^−x), without overflow. Given: `lstm_step` uses it three times."""
    return (np.tanh(x / 2) + 1) / 2


def lstm_step(
    x: Float[np.ndarray, "*batch D"],
    h: Float[np.ndarray, "*batch H"],
    c: Float[np.ndarray, "*batch H"],
    W_ih: Float[np.ndarray, "4*H D"],
    W_hh: Float[np.ndarray, "4*H H"],
    b: Float[np.ndarray, "4*H"],
) -> tuple[Float[np.ndarray, "*batch H"], Float[np.ndarray, "*batch H"]]:
    """One step of a long short-term memory: gates decide what the cell keeps, adds and shows.

        [i; f; g; o] = W_ih x + W_hh h + b
        c' = σ(f) c + σ(i) tanh(g)        h' = σ(o) tanh(c')

    Args:
        x: the input, (..., D).
        h: the hidden state, (..., H).
        c: the cell state, (..., H).
        W_ih: (4H, D), the gates in the order i, f, g, o.
        W_hh: (4H, H).
        b: (4H,).

    Returns:
        The new hidden state and the new cell state, (..., H) each, with the dtype of the inputs.

    Source: Hochreiter and Schmidhuber 1997; the forget gate f is Gers, Schmidhuber and Cummins 2000; the order of
    the gates is `torch.nn.LSTMCell`'s.

    >>> zeros = np.zeros((4, 1))
    >>> lstm_step(np.zeros(1), np.zeros(1), np.array([2.0]), zeros, zeros, np.zeros(4))  # gates ½: c' = 1, h' = ½ tanh 1
    (array([0.38079708]), array([1.]))
    """
    # BEGIN SOLUTION
    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c
    # END SOLUTION


def encode(
    inputs: Float[np.ndarray, "S D"],
    W_ih: Float[np.ndarray, "H D"],
    W_hh: Float[np.ndarray, "H H"],
    b: Float[np.ndarray, "H"],
) -> Float[np.ndarray, "H"]:
    """Read a sentence and return the state after its last word, the context.

        h_0 = 0        h_s = rnn_step(x_s, h_{s−1})        context = h_S

    Args:
        inputs: the embedded words, (S, D).
        W_ih: (H, D).
        W_hh: (H, H).
        b: (H,).

    Returns:
        The context (H,), with the dtype of the inputs.

    Source: Sutskever et al. 2014, section 2.

    >>> encode(np.array([[0.5], [np.log(3.0) / 2]]), np.eye(1), np.zeros((1, 1)), np.zeros(1))
    array([0.5])
    """
    # BEGIN SOLUTION
    h = np.zeros(b.shape, dtype=b.dtype)
    for x in inputs:
        h = rnn_step(x, h, W_ih, W_hh, b)
    return h
    # END SOLUTION


def decode(
    context: Float[np.ndarray, "H"],
    embeddings: Float[np.ndarray, "V D"],
    W_ih: Float[np.ndarray, "H D"],
    W_hh: Float[np.ndarray, "H H"],
    b: Float[np.ndarray, "H"],
    W_out: Float[np.ndarray, "V H"],
    bos: int,
    eos: int,
    max_len: int,
) -> list[int]:
    """Write a sentence greedily: read the word before, write the word with the largest score, stop at eos.

        h_0 = context        h_t = rnn_step(E y_{t−1}, h_{t−1})        y_t = argmax W_out h_t

    Args:
        context: the decoder's first state, (H,).
        embeddings: E, (V, D).
        W_ih: (H, D).
        W_hh: (H, H).
        b: (H,).
        W_out: (V, H).
        bos: the token that begins a sentence.
        eos: the token that ends it.
        max_len: the largest number of words to write; may be 0.

    Returns:
        The tokens, a list of Python's ints, without bos and eos.

    Source: Sutskever et al. 2014, section 3.2 (there with a beam).

    >>> embeddings = np.eye(4) * 9  # each word leads to the next: 0 → 2 → 3 → 1
    >>> follows = np.array([[0.0, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]])
    >>> decode(np.zeros(4), embeddings, np.eye(4), np.zeros((4, 4)), np.zeros(4), follows, bos=0, eos=1, max_len=9)
    [2, 3]
    """
    # BEGIN SOLUTION
    h, token, tokens = context, bos, []
    for _ in range(max_len):
        h = rnn_step(embeddings[token], h, W_ih, W_hh, b)
        token = int(np.argmax(W_out @ h))
        if token == eos:
            break
        tokens.append(token)
    return tokens
    # END SOLUTION
