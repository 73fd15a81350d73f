"""Correct answers to t09 of another shape than the reference: all of them get full marks."""

import torch
from torch import nn

from attend.course.bank import alternate

# t09.1 additive_score


@alternate("additive_score")
def additive_score_by_einsum(queries, keys, W_q, W_k, v):
    q = torch.einsum("btd,hd->bth", queries, W_q)
    k = torch.einsum("bsd,hd->bsh", keys, W_k)
    return torch.einsum("btsh,h->bts", torch.tanh(q[:, :, None] + k[:, None]), v)


@alternate(
    "additive_score",
    why=(
        "Without gradients it holds (B, S, H) numbers at a time, not (B, T, S, H). "
        "Python loops over T queries."
    ),
)
def additive_score_query_by_query(queries, keys, W_q, W_k, v):
    projected_keys = nn.functional.linear(keys, W_k)
    rows = []
    for query in nn.functional.linear(queries, W_q).unbind(dim=1):
        hidden = (projected_keys + query.unsqueeze(1)).tanh()
        rows.append((hidden * v).sum(dim=-1))
    return torch.stack(rows, dim=1)


@alternate(
    "additive_score",
    why=(
        "One matrix for query and key together shows that additive and concat scores are the same. "
        "It projects B × T × S pairs, not B × (T + S) vectors."
    ),
)
def additive_score_of_pairs_laid_end_to_end(queries, keys, W_q, W_k, v):
    (B, T, Dq), (_, S, Dk) = queries.shape, keys.shape
    q, k = queries[:, :, None].expand(B, T, S, Dq), keys[:, None].expand(B, T, S, Dk)
    return torch.tanh(torch.cat([q, k], dim=-1) @ torch.cat([W_q, W_k], dim=1).T) @ v


# t09.2 concat_score


@alternate(
    "concat_score",
    why=(
        "Queries and keys are projected once each: B × (T + S) vectors, not B × T × S pairs. "
        "The two slices of W must fit their sizes."
    ),
)
def concat_score_of_two_halves(queries, keys, W, v):
    W_q, W_k = W.split([queries.shape[-1], keys.shape[-1]], dim=1)
    return torch.tanh((queries @ W_q.T)[:, :, None] + (keys @ W_k.T)[:, None]) @ v


@alternate(
    "concat_score",
    why=(
        "All pairs are rows of one list, so no axis is added. "
        "The order of the rows must fit the last `view`, and nothing checks it."
    ),
)
def concat_score_in_one_long_list(queries, keys, W, v):
    (B, T, _), S = queries.shape, keys.shape[1]
    pairs = torch.cat([queries.repeat_interleave(S, dim=1), keys.repeat(1, T, 1)], dim=2)
    return torch.mv(torch.tanh(nn.functional.linear(pairs, W)).view(B * T * S, -1), v).view(B, T, S)


@alternate(
    "concat_score",
    why=(
        "One query and one key at a time: it is the formula. "
        "Python loops over T × S pairs, with two products for each."
    ),
)
def concat_score_pair_by_pair(queries, keys, W, v):
    rows = []
    for query in queries.transpose(0, 1):
        row = [torch.tanh(torch.cat((query, key), dim=-1) @ W.mT) @ v for key in keys.transpose(0, 1)]
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


# t09.3 split_concat


@alternate(
    "split_concat",
    why="`split` checks that the two sizes add up to the width of W. The second size must be computed.",
)
def split_concat_by_split(W, query_size):
    return W.split([query_size, W.shape[1] - query_size], dim=1)


@alternate(
    "split_concat",
    why=(
        "It shows a matrix as a list of columns. "
        "It copies W, where slices are views, and fails if one part is empty."
    ),
)
def split_concat_by_columns(W, query_size):
    columns = list(W.T)
    return torch.stack(columns[:query_size], dim=1), torch.stack(columns[query_size:], dim=1)


# t09.4 AdditiveAttention


@alternate(
    "AdditiveAttention",
    why=(
        "The letters name every axis, and the softmax is written out with its mask. "
        "It is twice as long and repeats what PyTorch offers."
    ),
)
class attention_by_einsum(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.v = nn.Linear(hidden_size, 1, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)

    def project(self, keys):
        return torch.einsum("bsk,hk->bsh", keys, self.W_k.weight)

    def forward(self, queries, projected_keys, values, mask=None):
        q = torch.einsum("btq,hq->bth", queries, self.W_q.weight)
        hidden = torch.tanh(q[:, :, None] + projected_keys[:, None])
        scores = torch.einsum("btsh,h->bts", hidden, self.v.weight[0])
        mask = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
        highest = torch.where(mask, scores, torch.finfo(scores.dtype).min).amax(dim=-1, keepdim=True)
        exp = torch.where(mask, scores - highest, -torch.inf).exp()
        total = exp.sum(dim=-1, keepdim=True)
        weights = exp / total.masked_fill(total == 0, 1.0)
        return torch.einsum("bts,bsv->btv", weights, values), weights


@alternate(
    "AdditiveAttention",
    replaces="AdditiveAttention.forward",
    why=(
        "Without gradients it holds (B, S, H) numbers at a time, not (B, T, S, H). "
        "Python loops over T queries."
    ),
)
def forward_query_by_query(self, queries, projected_keys, values, mask=None):
    B, T, S = queries.shape[0], queries.shape[1], projected_keys.shape[1]
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = torch.broadcast_to(mask, (B, T, S))
    contexts, rows = [], []
    for t in range(T):
        hidden = torch.tanh(self.W_q(queries[:, t : t + 1]) + projected_keys)
        scores = self.v(hidden)[..., 0]
        some = mask[:, t].any(dim=-1, keepdim=True)
        hidden_scores = torch.where(mask[:, t] | ~some, scores, -torch.inf)
        weights = torch.where(some, torch.softmax(hidden_scores, dim=-1), 0.0)
        contexts.append(torch.bmm(weights[:, None], values))
        rows.append(weights)
    return torch.cat(contexts, dim=1), torch.stack(rows, dim=1)


@alternate(
    "AdditiveAttention",
    replaces="AdditiveAttention.forward",
    why=(
        "exp(−∞) is exactly 0, so hidden weights need no second mask. "
        "`nan_to_num` hides every NaN, also that of another error."
    ),
)
def forward_with_minus_infinity(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries)[:, :, None] + projected_keys[:, None])).squeeze(dim=3)
    if mask is not None:
        scores = torch.where(mask, scores, -torch.inf)
    weights = torch.softmax(scores, dim=2).nan_to_num(0.0)  # torch.where stops the NaN on its way back
    return torch.matmul(weights, values), weights
