"""Other attention methods: leave out distant words, reorder the computation, or change the scores.

Windows and features make attention cheaper, blocks need less memory, biases and rotations make distance count, shared
keys need less storage, and a pointer copies words that are not in the vocabulary.
Where nothing else is said, answers have the dtype of the inputs and let gradients through; ±10,000 is ordinary input.

Papers: Beltagy et al. 2020; Katharopoulos et al. 2020; Milakov and Gimelshein 2018; Dao et al. 2022; Dao 2024;
Press et al. 2022; Su et al. 2021; Ainslie et al. 2023; See et al. 2017.
Page:   docs/topics/t12_other_methods
Check:  attend check t12
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F


def local_mask(length: int, window: int, causal: bool = False) -> Bool[Tensor, "T T"]:
    """True where two positions are at most `window` apart (and, if causal, the second does not come later).

        allowed(i, j)  ⇔  |i − j| ≤ window        (and j ≤ i)

    Args:
        length: T.
        window: how far a position sees, to either side; with 0 it sees only itself.
        causal: whether positions after it are hidden.

    Returns:
        (T, T), a row for each query's position.

    Source: Beltagy et al. 2020, section 3.1, with `window` on either side.

    >>> local_mask(4, 1)
    tensor([[ True,  True, False, False],
            [ True,  True,  True, False],
            [False,  True,  True,  True],
            [False, False,  True,  True]])
    """
    raise NotImplementedError("t12.1 local_mask: see docs/topics/t12_other_methods")


def linear_attention(
    queries: Float[Tensor, "... T D"],
    keys: Float[Tensor, "... S D"],
    values: Float[Tensor, "... S Dv"],
    causal: bool = False,
) -> Float[Tensor, "... T Dv"]:
    """Attention whose weights are products of features, so that keys and values are summed only once.

        out_t = φ(q_t) · (Σ_s φ(k_s) v_sᵀ) / (φ(q_t) · Σ_s φ(k_s)),        φ(x) = elu(x) + 1

    Causal: the sums run over s ≤ t. The T × S matrix is never formed: memory grows with T.

    Args:
        queries: (..., T, D).
        keys: (..., S, D); S = T when causal.
        values: (..., S, Dv).
        causal: whether positions after a query are hidden from it.

    Returns:
        (..., T, Dv), zero where the features that count have all rounded to zero; gradients are finite there too.

    Source: Katharopoulos et al. 2020, section 3.2 (equation 5 and equation 7) and section 3.3 (causal).

    >>> keys, values = torch.tensor([[0.0], [2.0]]), torch.tensor([[0.0], [4.0]])  # φ: 1 and 3
    >>> linear_attention(torch.tensor([[0.0]]), keys, values)
    tensor([[3.]])
    """
    raise NotImplementedError("t12.2 linear_attention: see docs/topics/t12_other_methods")


def online_softmax_attention(
    queries: Float[Tensor, "... T D"],
    keys: Float[Tensor, "... S D"],
    values: Float[Tensor, "... S Dv"],
    block_size: int,
    mask: Bool[Tensor, "... #T #S"] | None = None,
) -> Float[Tensor, "... T Dv"]:
    """Exact scaled dot-product attention, a block of keys at a time: memory grows with T, not with T · S.

    Each query keeps the largest score m, the sum l and the output o of the blocks so far. A block with scores e
    updates them:

        m' = max(m, max e)        l' = l e^{m − m'} + Σ e^{e_s − m'}        o' = o e^{m − m'} + Σ e^{e_s − m'} v_s

    and the answer is o / l.

    Args:
        queries: (..., T, D).
        keys: (..., S, D).
        values: (..., S, Dv).
        block_size: the number of keys in a block; the last block may be smaller.
        mask: broadcasts to (..., T, S), True where attention is allowed; None allows everything.

    Returns:
        (..., T, Dv), zero where nothing is allowed, with gradients finite there too. Scores of ±100,000 are
        ordinary, hidden or not.

    Source: Milakov and Gimelshein 2018, algorithm 3; Dao 2024, section 3.1.1 (dividing only at the end). Dao et al. 2022,
    algorithm 1, divides after every block.

    >>> keys, values = torch.tensor([[0.0], [1.0986]]), torch.tensor([[8.0], [4.0]])  # ln 3
    >>> online_softmax_attention(torch.tensor([[1.0]]), keys, values, block_size=1).round(decimals=3)
    tensor([[5.]])
    """
    raise NotImplementedError("t12.3 online_softmax_attention: see docs/topics/t12_other_methods")


def alibi_bias(num_heads: int, length: int) -> Float[Tensor, "N T T"]:
    """A penalty on distance, steep in the first head and gentle in the last.

        bias[h, i, j] = −m_h |i − j|,        m_h = 2^(−8h / N),  h = 1 … N

    Args:
        num_heads: N, a power of two.
        length: T.

    Returns:
        (N, T, T) in float32, to be added to the scores.

    Raises:
        ValueError: `num_heads` is not a power of two.

    Source: Press et al. 2022, section 3.

    >>> alibi_bias(2, 3)[0]
    tensor([[ 0.0000, -0.0625, -0.1250],
            [-0.0625,  0.0000, -0.0625],
            [-0.1250, -0.0625,  0.0000]])
    """
    raise NotImplementedError("t12.4 alibi_bias: see docs/topics/t12_other_methods")


def rotary_embedding(
    x: Float[Tensor, "... T D"], positions: Int[Tensor, "T"], base: float = 10000.0
) -> Float[Tensor, "... T D"]:
    """Rotate each pair of features by an angle that grows with the position.

        (x_2i, x_2i+1) → (x_2i cos θ − x_2i+1 sin θ,  x_2i sin θ + x_2i+1 cos θ),        θ = t · base^(−2i / D)

    Args:
        x: queries or keys, (..., T, D), D even.
        positions: t, (T,), whole numbers in any order.
        base: the larger it is, the slower the slow pairs rotate.

    Returns:
        (..., T, D), as exact as the dtype of x allows, also at position 10,000. For a given query and key, the dot product
        after rotation depends only on their distance.

    Raises:
        ValueError: D is odd.

    Source: Su et al. 2021, equation 15 and equation 34.

    >>> rotary_embedding(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]))
    tensor([[1.0000, 0.0000],
            [0.5403, 0.8415]])
    """
    raise NotImplementedError("t12.5 rotary_embedding: see docs/topics/t12_other_methods")


def grouped_query_attention(
    queries: Float[Tensor, "B N T D"], keys: Float[Tensor, "B G S D"], values: Float[Tensor, "B G S Dv"]
) -> Float[Tensor, "B N T Dv"]:
    """Scaled dot-product attention where N / G neighbouring query heads share one head of keys and values.

    Query head n reads the keys and values number ⌊n / (N / G)⌋, which are not copied for it.

    Args:
        queries: (B, N, T, D), N a multiple of G.
        keys: (B, G, S, D).
        values: (B, G, S, Dv).

    Returns:
        (B, N, T, Dv).

    Raises:
        ValueError: N is not a multiple of G.

    Source: Ainslie et al. 2023, section 2.2.

    >>> keys = torch.zeros(1, 2, 1, 1)
    >>> values = torch.tensor([3.0, 7.0]).view(1, 2, 1, 1)
    >>> grouped_query_attention(torch.zeros(1, 4, 1, 1), keys, values).flatten()
    tensor([3., 3., 7., 7.])
    """
    raise NotImplementedError("t12.6 grouped_query_attention: see docs/topics/t12_other_methods")


def pointer_distribution(
    vocab_probs: Float[Tensor, "B V"],
    weights: Float[Tensor, "B S"],
    source_ids: Int[Tensor, "B S"],
    p_gen: Float[Tensor, "B 1"],
    extended_size: int,
) -> Float[Tensor, "B X"]:
    """The probabilities of a model that generates words from the vocabulary or copies them from the source.

        P(w) = p_gen P_vocab(w) + (1 − p_gen) Σ_{s : source_s = w} α_s

    Args:
        vocab_probs: P_vocab, (B, V), adding up to one.
        weights: α, the attention on the source, (B, S).
        source_ids: the source's words, numbered in the extended vocabulary, (B, S).
        p_gen: the probability that a word is generated, not copied, (B, 1).
        extended_size: X, the vocabulary with the source's unknown words, at least V.

    Returns:
        P, (B, X). A word that occurs twice in the source gets the sum of both weights.

    Source: See et al. 2017, equation 9.

    >>> vocab, weights = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.2, 0.3, 0.5]])
    >>> pointer_distribution(vocab, weights, torch.tensor([[2, 0, 2]]), torch.tensor([[0.5]]), 3)
    tensor([[0.4000, 0.2500, 0.3500]])
    """
    raise NotImplementedError("t12.7 pointer_distribution: see docs/topics/t12_other_methods")
