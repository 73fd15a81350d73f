"""Score, softmax, weighted sum: how a decoder attends.

Before every word the decoder compares its state with each annotation of the source (scores), divides one unit of
attention among them (weights) and reads their weighted sum (the context).

Papers: Bahdanau et al. 2015, section 3.1; Luong et al. 2015, section 3.1.
Page:   docs/topics/t03_attention_decoding
Check:  attend check t03
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float


def softmax(scores: Float[np.ndarray, "*shape"], axis: int = -1) -> Float[np.ndarray, "*shape"]:
    """Turn scores into weights that are never negative and add up to one along `axis`.

        α_i = exp(e_i) / Σ_k exp(e_k)

    Args:
        scores: e, of any shape and any size: ±1e4 is ordinary input.
        axis: the axis along which the weights add up to one.

    Returns:
        The weights α, with the shape and dtype of `scores`.

    Source: Bahdanau et al. 2015, equation 6.

    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    raise NotImplementedError("t03.1 softmax: see docs/topics/t03_attention_decoding")


def masked_softmax(
    scores: Float[np.ndarray, "*shape"], mask: Bool[np.ndarray, "*#shape"] | None, axis: int = -1
) -> Float[np.ndarray, "*shape"]:
    """Softmax over the allowed positions only; every other position gets weight zero.

        α_i = m_i exp(e_i) / Σ_k m_k exp(e_k)

    Args:
        scores: e, of any shape.
        mask: m, True where attention is allowed; broadcasts to the scores. None allows everything.
        axis: the axis along which the weights add up to one.

    Returns:
        The weights α, with the shape and dtype of `scores`; all zero where nothing is allowed. Scores of ±1e5 are
        ordinary input, hidden or not.

    >>> masked_softmax(np.log(np.array([1.0, 3.0, 4.0])), np.array([True, True, False]))
    array([0.25, 0.75, 0.  ])
    """
    raise NotImplementedError("t03.2 masked_softmax: see docs/topics/t03_attention_decoding")


def context_vector(
    weights: Float[np.ndarray, "*batch S"], annotations: Float[np.ndarray, "*batch S A"]
) -> Float[np.ndarray, "*batch A"]:
    """The sum of the annotations, each multiplied by its weight.

        c = Σ_s α_s h_s

    Args:
        weights: α (..., S), one for each annotation; they need not add up to one.
        annotations: h (..., S, A).

    Returns:
        The context c (..., A), with the dtype of the inputs.

    Source: Bahdanau et al. 2015, equation 5.

    >>> context_vector(np.array([0.25, 0.75]), np.array([[4.0, 0.0], [8.0, 1.0]]))
    array([7.  , 0.75])
    """
    raise NotImplementedError("t03.3 context_vector: see docs/topics/t03_attention_decoding")


def attend(
    state: Float[np.ndarray, "*batch A"],
    annotations: Float[np.ndarray, "*batch S A"],
    mask: Bool[np.ndarray, "*#batch #S"] | None = None,
) -> tuple[Float[np.ndarray, "*batch A"], Float[np.ndarray, "*batch S"]]:
    """Attend to the annotations with the dot product as score.

        e_s = h_s · state        α = softmax(e)        c = Σ_s α_s h_s

    Args:
        state: the decoder's state (..., A).
        annotations: h (..., S, A).
        mask: (..., S), True where attention is allowed. None allows everything.

    Returns:
        The context c (..., A) and the weights α (..., S), with the dtype of the inputs; both zero where nothing is
        allowed.

    Source: Luong et al. 2015, equation 7, with the dot score of section 3.1.

    >>> context, weights = attend(np.array([1.0, 0.0]), np.array([[0.0, 4.0], [np.log(3.0), 8.0]]))
    >>> weights
    array([0.25, 0.75])
    >>> context.round(3)
    array([0.824, 7.   ])
    """
    raise NotImplementedError("t03.4 attend: see docs/topics/t03_attention_decoding")


def decode_step(
    embedding: Float[np.ndarray, "*batch D"],
    state: Float[np.ndarray, "*batch A"],
    annotations: Float[np.ndarray, "*batch S A"],
    mask: Bool[np.ndarray, "*#batch #S"] | None,
    W_ih: Float[np.ndarray, "A D"],
    W_hh: Float[np.ndarray, "A A"],
    b: Float[np.ndarray, "A"],
    W_out: Float[np.ndarray, "V 2*A"],
) -> tuple[Float[np.ndarray, "*batch V"], Float[np.ndarray, "*batch A"], Float[np.ndarray, "*batch S"]]:
    """Read one word, move to the new state, attend with it, and score every word of the vocabulary.

        s = tanh(W_ih x + W_hh s_prev + b)        c, α = attend(s)        logits = W_out [c; s]

    Args:
        embedding: x (..., D), of the previous word.
        state: s_prev (..., A), the previous state.
        annotations: (..., S, A).
        mask: (..., S), True where attention is allowed. None allows everything.
        W_ih, W_hh, b: the recurrent layer, (A, D), (A, A) and (A,).
        W_out: the output layer (V, 2A); its first A columns read the context, the others the state.

    Returns:
        logits (..., V), the new state s (..., A) and the weights α (..., S), with the dtype of the inputs.

    Source: Luong et al. 2015, section 3.1, with a linear output.

    >>> logits, state, weights = decode_step(
    ...     np.array([np.log(3.0)]), np.array([9.0]), np.array([[0.0], [np.log(9.0)]]), None,
    ...     W_ih=np.array([[0.5]]), W_hh=np.zeros((1, 1)), b=np.zeros(1), W_out=np.eye(2))
    >>> state, weights
    (array([0.5]), array([0.25, 0.75]))
    >>> logits.round(3)
    array([1.648, 0.5  ])
    """
    raise NotImplementedError("t03.5 decode_step: see docs/topics/t03_attention_decoding")


def decode(
    state: Float[np.ndarray, "A"],
    annotations: Float[np.ndarray, "S A"],
    mask: Bool[np.ndarray, "#S"] | None,
    embeddings: Float[np.ndarray, "V D"],
    W_ih: Float[np.ndarray, "A D"],
    W_hh: Float[np.ndarray, "A A"],
    b: Float[np.ndarray, "A"],
    W_out: Float[np.ndarray, "V 2*A"],
    bos: int,
    eos: int,
    max_len: int,
) -> tuple[list[int], Float[np.ndarray, "T S"]]:
    """Write a sentence greedily: take the best token, feed it back, stop at eos or after `max_len`.

    Args:
        state: the decoder's first state (A,).
        annotations: (S, A), of one source sentence.
        mask: (S,), True where attention is allowed. None allows everything.
        embeddings: (V, D), a row for each token.
        W_ih, W_hh, b, W_out: as in `decode_step`.
        bos: the token that is fed first.
        eos: the token that ends the sentence.
        max_len: the largest number of tokens to write; may be 0.

    Returns:
        The T tokens written, a list of Python's ints without bos and eos, and the alignment (T, S), with the
        dtype of the inputs: row t holds the weights with which token t was chosen. No token, no row: the
        alignment of an empty sentence is (0, S).

    A decoder that looks at three source words in turn and writes *how are you*:

    >>> embeddings = 9 * np.eye(4, 3)[[0, 3, 1, 2, 3]]  # bos, eos, how, are, you: where to look next
    >>> W_out = np.eye(5, 6, k=-2)  # each word is read from the context at its place,
    >>> W_out[1, :3] = 0.5  # and eos wins where attention is spread out
    >>> tokens, alignment = decode(np.zeros(3), 9 * np.eye(3), None, embeddings, np.eye(3), np.zeros((3, 3)),
    ...                            np.zeros(3), W_out, bos=0, eos=1, max_len=10)
    >>> tokens
    [2, 3, 4]
    >>> alignment.round(2)
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    raise NotImplementedError("t03.6 decode: see docs/topics/t03_attention_decoding")
