"""Two ways to attend: Bahdanau's decoder attends with its previous state, Luong's with its current state.

Bahdanau's context goes into the recurrent cell. Luong's goes with the state into an attentional vector, which gives the
logits and is fed back. Luong's local attention looks at a window of the source only.

Papers: Bahdanau et al. 2015, section 3.1 and appendix A.2.2; Luong et al. 2015, section 3.
Page:   docs/topics/t07_bahdanau_luong
Check:  attend check t07
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def masked_softmax(scores: Float[Tensor, "B S"], mask: Bool[Tensor, "B S"] | None) -> Float[Tensor, "B S"]:
    """The softmax over allowed positions; zeros where nothing is allowed. Given: you wrote it in t03 and t05."""
    if mask is None:
        return scores.softmax(dim=-1)
    lowest = torch.finfo(scores.dtype).min  # finite: a row of -inf alone would become NaN
    return scores.masked_fill(~mask, lowest).softmax(dim=-1) * mask


class BahdanauDecoder(nn.Module):
    """A decoder whose *previous* state attends, additively; the cell then reads the context.

        e_s = v_a · tanh(W_a state_{i−1} + U_a annotation_s)        (appendix A.1.2)
        α = softmax(e)                                              (equation 6)
        c_i = Σ_s α_s annotation_s                                  (equation 5)
        state_i = GRU([E y_{i−1}; c_i], state_{i−1})                (section 3.1)
        logits_i = output [state_i; E y_{i−1}; c_i]                 (equation 4)

    Args:
        vocab_size: V.
        embed_size: E.
        hidden_size: H.
        annotation_size: A.
        attention_size: P, the size of the scoring network's hidden layer.

    Its parts are `embedding` (nn.Embedding), `W_a` (H → P), `U_a` (A → P) and `v_a` (P → 1), each an nn.Linear
    without bias, `cell` (nn.GRUCell, E + A → H) and `output` (nn.Linear, H + E + A → V).

    Source: Bahdanau et al. 2015, section 3.1 and appendix A.1.2. The output reads the new state, as in equation 4;
    appendix A.2.2 reads the previous one. The appendix's maxout layer is left out, and the GRU is PyTorch's.

    >>> decoder = BahdanauDecoder(vocab_size=7, embed_size=2, hidden_size=3, annotation_size=4, attention_size=5)
    >>> annotations, mask = torch.randn(1, 5, 4), torch.tensor([[True, True, True, False, False]])
    >>> logits, state, weights = decoder.step(torch.tensor([6]), torch.zeros(1, 3), annotations, mask)
    >>> logits.shape, state.shape, weights[0, 3:].tolist()
    (torch.Size([1, 7]), torch.Size([1, 3]), [0.0, 0.0])
    """

    def __init__(
        self, vocab_size: int, embed_size: int, hidden_size: int, annotation_size: int, attention_size: int
    ):
        super().__init__()
        raise NotImplementedError("t07.1 BahdanauDecoder: see docs/topics/t07_bahdanau_luong")

    def step(
        self,
        token: Int[Tensor, "B"],
        state: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, "B H"], Float[Tensor, "B S"]]:
        """One step: attend with the previous state, read the word and the context, give every word a logit.

        Args:
            token: y_{i−1}, (B,).
            state: state_{i−1}, (B, H).
            annotations: (B, S, A).
            mask: (B, S), True where attention is allowed; None allows everything.

        Returns:
            logits (B, V), the new state (B, H), the weights (B, S). The weights are zero where nothing is allowed,
            with finite gradients. Scores of ±1e5 are ordinary, hidden or not.
        """
        raise NotImplementedError("t07.1 BahdanauDecoder: see docs/topics/t07_bahdanau_luong")


class LuongDecoder(nn.Module):
    """A decoder whose *new* state attends; context and state make the attentional vector h̃, which is fed back.

        state_t = GRU([E y_{t−1}; h̃_{t−1}], state_{t−1})            (section 3.3, input feeding)
        score(h_t, h̄_s) = h_t · h̄_s                                 (dot)
                        = h_t · W_a h̄_s                             (general)
                        = v_a · tanh(W_a [h_t; h̄_s])                (concat)        all: section 3.1
        α = softmax(score)                                          (equation 7)
        h̃_t = tanh(W_c [c_t; h_t])                                  (equation 5)
        logits_t = W_s h̃_t                                          (equation 6)

    Args:
        vocab_size: V.
        embed_size: E.
        hidden_size: H.
        annotation_size: A; equal to H for dot.
        score: dot, general or concat.

    Its parts are `embedding` (nn.Embedding), `cell` (nn.GRUCell, E + H → H), `W_c` (A + H → H) and `W_s` (nn.Linear,
    H → V); for general `W_a` (A → H); for concat `W_a` (H + A → H) and `v_a` (H → 1). W_a, v_a and W_c are nn.Linear
    without bias. A decoder has no other parts.

    Raises:
        ValueError: `score` is none of the three, or dot is asked for with H and A that differ.

    Source: Luong et al. 2015, section 3.1 and section 3.3; the cell is a GRU where the paper has LSTMs.

    >>> decoder = LuongDecoder(vocab_size=7, embed_size=2, hidden_size=3, annotation_size=4)
    >>> annotations, mask = torch.randn(1, 5, 4), torch.tensor([[True, True, True, False, False]])
    >>> arguments = torch.tensor([6]), torch.zeros(1, 3), torch.zeros(1, 3)
    >>> logits, state, attentional, weights = decoder.step(*arguments, annotations, mask)
    >>> logits.shape, attentional.shape, weights[0, 3:].tolist()
    (torch.Size([1, 7]), torch.Size([1, 3]), [0.0, 0.0])
    """

    def __init__(
        self, vocab_size: int, embed_size: int, hidden_size: int, annotation_size: int, score: str = "general"
    ):
        super().__init__()
        if score not in ("dot", "general", "concat"):
            raise ValueError(f"score is {score!r}; it is one of dot, general, concat")
        if score == "dot" and hidden_size != annotation_size:
            raise ValueError(
                f"dot needs hidden_size {hidden_size} and annotation_size {annotation_size} to be equal"
            )
        self.score = score
        raise NotImplementedError("t07.2 LuongDecoder: see docs/topics/t07_bahdanau_luong")

    def step(
        self,
        token: Int[Tensor, "B"],
        state: Float[Tensor, "B H"],
        attentional: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, "B H"], Float[Tensor, "B H"], Float[Tensor, "B S"]]:
        """One step: read the word and h̃, attend with the new state, give every word a logit.

        Args:
            token: y_{t−1}, (B,).
            state: h_{t−1}, (B, H).
            attentional: h̃_{t−1}, (B, H); zeros at first.
            annotations: h̄, (B, S, A).
            mask: (B, S), True where attention is allowed; None allows everything.

        Returns:
            logits (B, V), the new state (B, H), the new attentional vector (B, H), the weights (B, S). The weights
            are zero where nothing is allowed, with finite gradients. Scores of ±1e5 are ordinary, hidden or not.
        """
        raise NotImplementedError("t07.2 LuongDecoder: see docs/topics/t07_bahdanau_luong")


def predictive_position(
    state: Float[Tensor, "B H"], W_p: Float[Tensor, "P H"], v_p: Float[Tensor, "P"], lengths: Int[Tensor, "B"]
) -> Float[Tensor, "B"]:
    """Predict where in the source to look, as a real number between 0 and its length.

        p = S · sigmoid(v_p · tanh(W_p h))

    Args:
        state: h, (B, H).
        W_p: (P, H).
        v_p: (P,).
        lengths: each source's S, (B,).

    Returns:
        p, (B,), in [0, S].

    Source: Luong et al. 2015, equation 9.

    >>> predictive_position(torch.zeros(2, 3), torch.ones(4, 3), torch.ones(4), torch.tensor([6, 9]))
    tensor([3.0000, 4.5000])
    """
    raise NotImplementedError("t07.3 predictive_position: see docs/topics/t07_bahdanau_luong")


def local_attention(
    scores: Float[Tensor, "B S"], lengths: Int[Tensor, "B"], centre: Float[Tensor, "B"], window: float
) -> Float[Tensor, "B S"]:
    """Attend to a window around `centre`, with less weight towards its ends.

        α_s = softmax(scores over |s − p| ≤ D) · exp(−(s − p)² / (2σ²)),    σ = D / 2

    Args:
        scores: (B, S).
        lengths: (B,); positions after a sentence's end do not count.
        centre: p, (B,), not rounded; positions begin at 0.
        window: D, above 0.

    Returns:
        The weights (B, S); they add up to at most one, and are all zero, with finite gradients, where the window holds
        no position. Scores of ±1e5 are ordinary input, inside the window or not.

    Source: Luong et al. 2015, equation 10 (local-p).

    >>> local_attention(torch.zeros(1, 5), torch.tensor([5]), torch.tensor([2.0]), window=1).round(decimals=4)
    tensor([[0.0000, 0.0451, 0.3333, 0.0451, 0.0000]])
    """
    raise NotImplementedError("t07.4 local_attention: see docs/topics/t07_bahdanau_luong")
