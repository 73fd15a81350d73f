"""Additive attention: a small network scores every pair of a query and a key.

Query and key are projected to the same hidden size and added. tanh of the sum, multiplied by one vector, is the score.
The projected keys are the same for every query, so they are computed once for each source.
Every answer has the dtype of the inputs and lets gradients through to all of them.

Papers: Bahdanau et al. 2015, appendix A.1.2; Luong et al. 2015, section 3.1 (concat).
Page:   docs/topics/t09_additive
Check:  attend check t09
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


def additive_score(
    queries: Float[Tensor, "B T Dq"],
    keys: Float[Tensor, "B S Dk"],
    W_q: Float[Tensor, "H Dq"],
    W_k: Float[Tensor, "H Dk"],
    v: Float[Tensor, "H"],
) -> Float[Tensor, "B T S"]:
    """Score every query against every key.

        e_ts = v · tanh(W_q q_t + W_k k_s)

    Args:
        queries: q (B, T, Dq).
        keys: k (B, S, Dk).
        W_q: projects queries to the hidden size, (H, Dq).
        W_k: projects keys to the hidden size, (H, Dk).
        v: weighs the hidden units, (H,).

    Returns:
        The scores e (B, T, S).

    Source: Bahdanau et al. 2015, appendix A.1.2, where q is the decoder's previous state.

    >>> half_log_3 = torch.tensor([[3.0]]).log() / 2  # tanh(½ ln 3) = ½
    >>> queries, keys = torch.tensor([[[1.0]]]), torch.tensor([[[0.0], [-1.0], [-2.0]]])
    >>> additive_score(queries, keys, half_log_3, half_log_3, torch.tensor([2.0])).round(decimals=4)
    tensor([[[ 1.,  0., -1.]]])
    """
    # BEGIN SOLUTION
    q = (queries @ W_q.T).unsqueeze(2)  # (B, T, 1, H)
    k = (keys @ W_k.T).unsqueeze(1)  # (B, 1, S, H)
    return torch.tanh(q + k) @ v
    # END SOLUTION


def concat_score(
    queries: Float[Tensor, "B T Dq"],
    keys: Float[Tensor, "B S Dk"],
    W: Float[Tensor, "H Dq+Dk"],
    v: Float[Tensor, "H"],
) -> Float[Tensor, "B T S"]:
    """Score every query against every key, with the two concatenated.

        e_ts = v · tanh(W [q_t; k_s])

    Args:
        queries: q (B, T, Dq).
        keys: k (B, S, Dk).
        W: projects a pair to the hidden size, (H, Dq + Dk).
        v: weighs the hidden units, (H,).

    Returns:
        The scores e (B, T, S).

    Source: Luong et al. 2015, section 3.1 (concat).

    >>> queries, keys = torch.tensor([[[1.0]]]), torch.tensor([[[0.0], [-1.0], [-2.0]]])
    >>> W = torch.tensor([[3.0, 3.0]]).log() / 2  # tanh(½ ln 3) = ½
    >>> concat_score(queries, keys, W, torch.tensor([2.0])).round(decimals=4)
    tensor([[[ 1.,  0., -1.]]])
    """
    # BEGIN SOLUTION
    T, S = queries.shape[1], keys.shape[1]
    q = queries.unsqueeze(2).expand(-1, -1, S, -1)  # (B, T, S, Dq)
    k = keys.unsqueeze(1).expand(-1, T, -1, -1)  # (B, T, S, Dk)
    return torch.tanh(torch.cat([q, k], dim=-1) @ W.T) @ v
    # END SOLUTION


def split_concat(
    W: Float[Tensor, "H Dq+Dk"], query_size: int
) -> tuple[Float[Tensor, "H Dq"], Float[Tensor, "H Dk"]]:
    """Cut the matrix of the concat score into the two matrices of the additive score.

        W [q; k] = W_q q + W_k k

    Args:
        W: (H, Dq + Dk).
        query_size: Dq.

    Returns:
        W_q (H, Dq) and W_k (H, Dk).

    >>> W_q, W_k = split_concat(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), query_size=1)
    >>> W_q
    tensor([[1.],
            [4.]])
    >>> W_k
    tensor([[2., 3.],
            [5., 6.]])
    """
    # BEGIN SOLUTION
    return W[:, :query_size], W[:, query_size:]
    # END SOLUTION


class AdditiveAttention(nn.Module):
    """Additive attention with learned `W_q`, `W_k` and `v`: three `nn.Linear` without bias.

    Args:
        query_size: Dq.
        key_size: Dk.
        hidden_size: H.

    Source: Bahdanau et al. 2015, appendix A.1.2.

    >>> attention = AdditiveAttention(query_size=1, key_size=1, hidden_size=1)
    >>> _ = nn.init.ones_(attention.W_k.weight)
    >>> _ = nn.init.constant_(attention.v.weight, 0.5493)  # ½ ln 3, so keys of ±20 score ±½ ln 3
    >>> projected_keys = attention.project(torch.tensor([[[-20.0], [20.0]]]))
    >>> context, weights = attention(torch.zeros(1, 1, 1), projected_keys, torch.tensor([[[4.0], [8.0]]]))
    >>> context.detach().round(decimals=3), weights.detach().round(decimals=3)
    (tensor([[[7.]]]), tensor([[[0.2500, 0.7500]]]))
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int):
        super().__init__()
        # BEGIN SOLUTION
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)
        # END SOLUTION

    def project(self, keys: Float[Tensor, "B S Dk"]) -> Float[Tensor, "B S H"]:
        """W_k k for every key (B, S, Dk) → (B, S, H), computed once for each source."""
        # BEGIN SOLUTION
        return self.W_k(keys)
        # END SOLUTION

    def forward(
        self,
        queries: Float[Tensor, "B T Dq"],
        projected_keys: Float[Tensor, "B S H"],
        values: Float[Tensor, "B S Dv"],
        mask: Bool[Tensor, "#B #T #S"] | None = None,
    ) -> tuple[Float[Tensor, "B T Dv"], Float[Tensor, "B T S"]]:
        """Attend with each query to the values.

            e_ts = v · tanh(W_q q_t + projected_k_s)        α_t = softmax(e_t)        c_t = Σ_s α_ts values_s

        Args:
            queries: (B, T, Dq).
            projected_keys: (B, S, H), the result of `project` for this source.
            values: (B, S, Dv), what the context is made of.
            mask: broadcasts to (B, T, S), True where attention is allowed: a padding mask (B, S) is passed as
                (B, 1, S). None allows everything.

        Returns:
            The context c (B, T, Dv) and the weights α (B, T, S); both zero where nothing is allowed, with
            gradients that are finite there too. Scores of ±100,000 are ordinary, hidden or not.
        """
        # BEGIN SOLUTION
        hidden = torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))  # (B, T, S, H)
        scores = self.v(hidden).squeeze(-1)  # (B, T, S)
        if mask is None:
            weights = scores.softmax(dim=-1)
        else:
            lowest = torch.finfo(scores.dtype).min  # finite: a row of -inf alone would become NaN
            weights = scores.masked_fill(~mask, lowest).softmax(dim=-1) * mask
        return weights @ values, weights
        # END SOLUTION
