"""Keep every hidden state: one annotation for each word, however many words there are.

The state after a word is mostly about that word. All states together are as long as the sentence, and a decoder can
look at any of them. Sentences of a batch are padded to one length, and padding must not change any result.

Papers: Bahdanau et al. 2015, section 3.2; Schuster and Paliwal 1997 (both directions).
Page:   docs/topics/t02_attention_encoding
Check:  attend check t02
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

Weights = tuple[Float[np.ndarray, "H D"], Float[np.ndarray, "H H"], Float[np.ndarray, "H"]]


def encode_all(
    inputs: Float[np.ndarray, "S D"],
    W_ih: Float[np.ndarray, "H D"],
    W_hh: Float[np.ndarray, "H H"],
    b: Float[np.ndarray, "H"],
) -> Float[np.ndarray, "S H"]:
    """Read a sentence and keep the state after every word.

        h_0 = 0        h_s = tanh(W_ih x_s + W_hh h_{s−1} + b)        annotations = [h_1, …, h_S]

    Args:
        inputs: (S, D).
        W_ih: (H, D).
        W_hh: (H, H).
        b: (H,).

    Returns:
        The annotations (S, H), with the dtype of the inputs; the last is t01's context.

    Source: Bahdanau et al. 2015, section 3.2, with a plain recurrence.

    >>> half_log_3 = np.log(3.0) / 2  # tanh(½ ln 3) = ½
    >>> encode_all(np.array([[half_log_3], [-half_log_3]]), np.eye(1), np.zeros((1, 1)), np.zeros(1))
    array([[ 0.5],
           [-0.5]])
    """
    raise NotImplementedError("t02.1 encode_all: see docs/topics/t02_attention_encoding")


def pad_sequences(
    sequences: list[Float[np.ndarray, "S_i D"]], pad_value: float = 0.0
) -> tuple[Float[np.ndarray, "B S D"], Int[np.ndarray, "B"]]:
    """Put sentences of different lengths into one array.

    Args:
        sequences: arrays (S_i, D); S_i may be 0.
        pad_value: what fills the positions after the end of a shorter sentence.

    Returns:
        The batch (B, S, D), S the greatest length, with the dtype of the sequences, and the lengths, an array (B,)
        of int64.

    Raises:
        ValueError: `sequences` is empty.

    >>> batch, lengths = pad_sequences([np.array([[1.0]]), np.array([[2.0], [3.0]])], pad_value=-1.0)
    >>> batch[..., 0], lengths
    (array([[ 1., -1.],
           [ 2.,  3.]]), array([1, 2]))
    """
    raise NotImplementedError("t02.2 pad_sequences: see docs/topics/t02_attention_encoding")


def padding_mask(lengths: Int[np.ndarray, "B"], max_len: int | None = None) -> Bool[np.ndarray, "B S"]:
    """True on a sentence's real positions, False on its padding.

    Args:
        lengths: (B,), each 0 or more.
        max_len: S; the greatest length when left out.

    Returns:
        The mask (B, S).

    >>> padding_mask(np.array([3, 1]))
    array([[ True,  True,  True],
           [ True, False, False]])
    """
    raise NotImplementedError("t02.3 padding_mask: see docs/topics/t02_attention_encoding")


def encode_batch(
    inputs: Float[np.ndarray, "B S D"],
    lengths: Int[np.ndarray, "B"],
    W_ih: Float[np.ndarray, "H D"],
    W_hh: Float[np.ndarray, "H H"],
    b: Float[np.ndarray, "H"],
) -> tuple[Float[np.ndarray, "B S H"], Float[np.ndarray, "B H"]]:
    """Encode a padded batch as if each sentence were alone.

    Args:
        inputs: (B, S, D).
        lengths: (B,), each at least 1.
        W_ih: (H, D).
        W_hh: (H, H).
        b: (H,).

    Returns:
        The annotations (B, S, H), zero at padding, and the state at each sentence's true end (B, H).

    >>> inputs = np.array([[[9.0], [9.0]], [[-9.0], [7.0]]])
    >>> annotations, state = encode_batch(inputs, np.array([2, 1]), np.eye(1), np.zeros((1, 1)), np.zeros(1))
    >>> annotations[..., 0].round(3), state[:, 0].round(3)
    (array([[ 1.,  1.],
           [-1.,  0.]]), array([ 1., -1.]))
    """
    raise NotImplementedError("t02.4 encode_batch: see docs/topics/t02_attention_encoding")


def encode_bidirectional(
    inputs: Float[np.ndarray, "S D"], forward: Weights, backward: Weights
) -> Float[np.ndarray, "S 2*H"]:
    """Read a sentence in both directions, so that an annotation depends on the words before and after its own.

        annotation_s = [→h_s; ←h_s]

    Args:
        inputs: (S, D).
        forward: (W_ih, W_hh, b) of the encoder that reads from left to right.
        backward: (W_ih, W_hh, b) of the encoder that reads from right to left.

    Returns:
        The annotations (S, 2H); row s holds both states at word s. They have the dtype of the inputs.

    Source: Bahdanau et al. 2015, section 3.2.

    >>> weights = (np.eye(1), np.eye(1), np.zeros(1))
    >>> encode_bidirectional(np.array([[9.0], [0.0]]), weights, weights).round(3)
    array([[1.   , 1.   ],
           [0.762, 0.   ]])
    """
    raise NotImplementedError("t02.5 encode_bidirectional: see docs/topics/t02_attention_encoding")
