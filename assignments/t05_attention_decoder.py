"""A decoder that attends: at every step it weighs all annotations and reads their weighted sum, the context.

The recurrent cell reads the last word together with the last context. The new state then attends and gets a new
context.

Papers: Luong et al. 2015, section 3.1 (general score) and section 3.3 (feeding back); Bahdanau et al. 2015,
section 3.1.
Page:   docs/topics/t05_attention_decoder
Check:  attend check t05
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class AttentionDecoder(nn.Module):
    """A GRU cell with Luong's general attention over the source's annotations.

    Args:
        vocab_size: V.
        embed_size: E.
        hidden_size: H.
        annotation_size: A.

    Source: Luong et al. 2015, equation 7, with the general score of section 3.1.

    >>> decoder = AttentionDecoder(vocab_size=7, embed_size=2, hidden_size=3, annotation_size=4)
    >>> annotations, mask = torch.randn(2, 5, 4), torch.ones(2, 5, dtype=torch.bool)
    >>> logits, weights = decoder(torch.tensor([[1, 4], [1, 6]]), torch.zeros(2, 3), annotations, mask)
    >>> logits.shape, weights.shape
    (torch.Size([2, 2, 7]), torch.Size([2, 2, 5]))
    """

    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, annotation_size: int):
        super().__init__()
        self.annotation_size = annotation_size
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.score = nn.Linear(annotation_size, hidden_size, bias=False)
        self.cell = nn.GRUCell(embed_size + annotation_size, hidden_size)
        self.output = nn.Linear(hidden_size + annotation_size, vocab_size)

    def attend(
        self,
        state: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B A"], Float[Tensor, "B S"]]:
        """Weigh the annotations by how well they match the state, and add them up.

            e_s = state · (W annotation_s)        α = softmax(e)        context = Σ_s α_s annotation_s

        Args:
            state: (B, H).
            annotations: (B, S, A).
            mask: (B, S), True where attention is allowed; None allows everything.

        Returns:
            The context (B, A) and the weights (B, S), with the dtype of the annotations; both zero where nothing
            is allowed, with finite gradients. Scores of ±1e5 are ordinary input, hidden or not.
        """
        raise NotImplementedError("t05.1 attend: see docs/topics/t05_attention_decoder")

    def step(
        self,
        token: Int[Tensor, "B"],
        state: Float[Tensor, "B H"],
        context: Float[Tensor, "B A"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, "B H"], Float[Tensor, "B A"], Float[Tensor, "B S"]]:
        """One step: read the last word, attend with the new state, give every word a logit.

            state_t = GRU([E y_{t−1}; context_{t−1}], state_{t−1})
            context_t, α_t = attend(state_t)        logits_t = output [state_t; context_t]

        Args:
            token: the last word, (B,).
            state: the last state, (B, H).
            context: the last context, (B, A).
            annotations: (B, S, A).
            mask: (B, S) or None.

        Returns:
            logits (B, V), the new state (B, H), the new context (B, A), the weights (B, S).
        """
        raise NotImplementedError("t05.2 step: see docs/topics/t05_attention_decoder")

    def forward(
        self,
        inputs: Int[Tensor, "B T"],
        state: Float[Tensor, "B H"],
        annotations: Float[Tensor, "B S A"],
        mask: Bool[Tensor, "B S"] | None,
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B T S"]]:
        """Teacher forcing: read the right words, not those with the largest logits. The first context is zero.

        Args:
            inputs: the decoder's inputs, (B, T).
            state: the first state, (B, H).
            annotations: (B, S, A).
            mask: (B, S) or None.

        Returns:
            logits (B, T, V) and weights (B, T, S).
        """
        raise NotImplementedError("t05.3 forward: see docs/topics/t05_attention_decoder")
