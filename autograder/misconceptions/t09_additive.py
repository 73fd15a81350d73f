"""Wrong answers that students really write for t09, each with the sentence that the student is told."""

import torch
from torch import nn

from attend.course.bank import misconception

# t09.1 additive_score


@misconception(
    "additive_score",
    "You add two tanhs. Apply tanh after the sum: only then can the query change how much a key counts. A "
    "sum of tanhs gives every query the same weights.",
)
def sum_of_tanhs(queries, keys, W_q, W_k, v):
    return (torch.tanh(queries @ W_q.T).unsqueeze(2) + torch.tanh(keys @ W_k.T).unsqueeze(1)) @ v


@misconception(
    "additive_score",
    "Your hidden layer has a ReLU. Additive attention applies tanh to the sum, which bounds every score.",
)
def relu_for_tanh(queries, keys, W_q, W_k, v):
    return torch.relu((queries @ W_q.T).unsqueeze(2) + (keys @ W_k.T).unsqueeze(1)) @ v


@misconception(
    "additive_score",
    "You apply no tanh to the sum of the projections. Without it, the query adds the same number to all "
    "of its scores, and the softmax cancels that number.",
)
def tanh_left_out(queries, keys, W_q, W_k, v):
    return ((queries @ W_q.T).unsqueeze(2) + (keys @ W_k.T).unsqueeze(1)) @ v


@misconception(
    "additive_score",
    "You add up the hidden units without v. v weighs them: some raise the score of a pair, others lower it.",
)
def v_left_out(queries, keys, W_q, W_k, v):
    return torch.tanh((queries @ W_q.T).unsqueeze(2) + (keys @ W_k.T).unsqueeze(1)).sum(dim=-1)


@misconception(
    "additive_score",
    "You multiply by v first and apply tanh afterwards. tanh belongs to the hidden units; the score "
    "itself may be larger than 1.",
)
def tanh_of_the_score(queries, keys, W_q, W_k, v):
    return torch.tanh(((queries @ W_q.T).unsqueeze(2) + (keys @ W_k.T).unsqueeze(1)) @ v)


@misconception(
    "additive_score",
    "Your scores have a row for each key. A row belongs to a query, a column to a key: (B, T, S).",
)
def rows_of_keys(queries, keys, W_q, W_k, v):
    return torch.tanh((queries @ W_q.T).unsqueeze(1) + (keys @ W_k.T).unsqueeze(2)) @ v


@misconception(
    "additive_score",
    "You multiply the projections. Multiplicative attention does that (t08); here they are added.",
)
def product_of_the_projections(queries, keys, W_q, W_k, v):
    return torch.tanh((queries @ W_q.T).unsqueeze(2) * (keys @ W_k.T).unsqueeze(1)) @ v


@misconception(
    "additive_score",
    "You multiply by W_q and W_k the wrong way round: a row of each belongs to a hidden unit. Where every size is "
    "the same nothing complains.",
)
def matrices_turned_round(queries, keys, W_q, W_k, v):
    return torch.tanh((queries @ W_q).unsqueeze(2) + (keys @ W_k).unsqueeze(1)) @ v


# t09.2 concat_score


@misconception(
    "concat_score",
    "You put the key before the query. W's first columns belong to the query: in the other order, each "
    "vector is multiplied by the other's columns.",
)
def key_before_query(queries, keys, W, v):
    T, S = queries.shape[1], keys.shape[1]
    q = queries.unsqueeze(2).expand(-1, -1, S, -1)
    k = keys.unsqueeze(1).expand(-1, T, -1, -1)
    return torch.tanh(torch.cat([k, q], dim=-1) @ W.T) @ v


@misconception(
    "concat_score",
    "You apply no tanh to W [q; k]. Without it the score is linear, and the query adds the same number to "
    "all of its scores.",
)
def linear_concat(queries, keys, W, v):
    T, S = queries.shape[1], keys.shape[1]
    q = queries.unsqueeze(2).expand(-1, -1, S, -1)
    k = keys.unsqueeze(1).expand(-1, T, -1, -1)
    return torch.cat([q, k], dim=-1) @ W.T @ v


@misconception(
    "concat_score",
    "You add up the hidden units without v, which weighs them.",
)
def concat_without_v(queries, keys, W, v):
    T, S = queries.shape[1], keys.shape[1]
    q = queries.unsqueeze(2).expand(-1, -1, S, -1)
    k = keys.unsqueeze(1).expand(-1, T, -1, -1)
    return torch.tanh(torch.cat([q, k], dim=-1) @ W.T).sum(dim=-1)


@misconception(
    "concat_score",
    "You repeat queries and keys in the same order, so some pairs occur twice and others never. Each "
    "query must be paired with every key: repeat one of the two element by element and the other as a "
    "whole.",
)
def pairs_in_step(queries, keys, W, v):
    T, S = queries.shape[1], keys.shape[1]
    pairs = torch.cat([queries.repeat(1, S, 1), keys.repeat(1, T, 1)], dim=-1)
    return (torch.tanh(pairs @ W.T) @ v).view(-1, T, S)


@misconception(
    "concat_score",
    "You form all pairs, but in the wrong order: in your list the keys change slowest, while the last "
    "axis of the result, which changes fastest, belongs to the keys.",
)
def pairs_read_by_column(queries, keys, W, v):
    T, S = queries.shape[1], keys.shape[1]
    pairs = torch.cat([queries.repeat(1, S, 1), keys.repeat_interleave(T, dim=1)], dim=-1)
    return (torch.tanh(pairs @ W.T) @ v).view(-1, T, S)


@misconception(
    "concat_score",
    "You multiply by W the wrong way round: a row of W belongs to a hidden unit. Where W is square nothing complains.",
)
def matrix_turned_round(queries, keys, W, v):
    T, S = queries.shape[1], keys.shape[1]
    q = queries.unsqueeze(2).expand(-1, -1, S, -1)
    k = keys.unsqueeze(1).expand(-1, T, -1, -1)
    return torch.tanh(torch.cat([q, k], dim=-1) @ W) @ v


# t09.3 split_concat


@misconception(
    "split_concat",
    "You return the key's part first. The order is W_q, W_k.",
)
def key_part_first(W, query_size):
    return W[:, query_size:], W[:, :query_size]


@misconception(
    "split_concat",
    "You take the query's part from the end of W. In [q; k] the query comes first.",
)
def query_part_from_the_end(W, query_size):
    return W[:, -query_size:], W[:, :-query_size]


@misconception(
    "split_concat",
    "You cut across the rows. A row belongs to a hidden unit, and both parts need all of them; a column "
    "belongs to a number of the query or of the key.",
)
def cut_across_the_rows(W, query_size):
    return W[:query_size], W[query_size:]


@misconception(
    "split_concat",
    "You cut W in the middle. Queries and keys may differ in size: `query_size` says where to cut.",
)
def cut_in_the_middle(W, query_size):
    W_q, W_k = W.chunk(2, dim=1)
    return W_q, W_k


@misconception(
    "split_concat",
    "Your parts are transposed. They keep W's layout: a row for each hidden unit.",
)
def parts_transposed(W, query_size):
    return W[:, :query_size].T, W[:, query_size:].T


# t09.4 AdditiveAttention


@misconception(
    "AdditiveAttention",
    "Your linear layers have biases, because nn.Linear has one by default. W_q, W_k and v have none.",
    replaces="AdditiveAttention.__init__",
)
def biases_left_in(self, query_size, key_size, hidden_size):
    super().__init__()
    self.W_q = nn.Linear(query_size, hidden_size)
    self.W_k = nn.Linear(key_size, hidden_size)
    self.v = nn.Linear(hidden_size, 1)


@misconception(
    "AdditiveAttention",
    "You apply tanh to queries and projected keys separately and add the results. Apply tanh after the sum.",
    replaces="AdditiveAttention.forward",
)
def tanh_of_each_part(self, queries, projected_keys, values, mask=None):
    hidden = torch.tanh(self.W_q(queries)).unsqueeze(2) + torch.tanh(projected_keys).unsqueeze(1)
    scores = self.v(hidden).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "`forward` multiplies the projected keys by W_k once more. It gets the result of `project`, which has "
    "done this already.",
    replaces="AdditiveAttention.forward",
)
def keys_projected_twice(self, queries, projected_keys, values, mask=None):
    hidden = torch.tanh(self.W_q(queries).unsqueeze(2) + self.W_k(projected_keys).unsqueeze(1))
    scores = self.v(hidden).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "`project` returns the keys unchanged and `forward` projects them, so the same product is computed "
    "again for every word. It depends on the source alone: compute it once.",
)
class KeysProjectedAtEveryStep(nn.Module):
    def __init__(self, query_size, key_size, hidden_size):
        super().__init__()
        self.W_q = nn.Linear(query_size, hidden_size, bias=False)
        self.W_k = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def project(self, keys):
        return keys

    def forward(self, queries, projected_keys, values, mask=None):
        hidden = torch.tanh(self.W_q(queries).unsqueeze(2) + self.W_k(projected_keys).unsqueeze(1))
        scores = self.v(hidden).squeeze(-1)
        if mask is None:
            weights = scores.softmax(dim=-1)
        else:
            weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
        return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "Your weights add up to one over the queries. The weights of each query should add up to one over the "
    "keys: look at the axis of your softmax.",
    replaces="AdditiveAttention.forward",
)
def softmax_over_the_queries(self, queries, projected_keys, values, mask=None):
    hidden = torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))
    scores = self.v(hidden).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=1) * mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You add up the hidden units without v, which weighs them.",
    replaces="AdditiveAttention.forward",
)
def layer_without_v(self, queries, projected_keys, values, mask=None):
    scores = torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1)).sum(dim=-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You never use the mask, so padding receives attention.",
    replaces="AdditiveAttention.forward",
)
def mask_not_used(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "Your mask works the other way round: you hide the allowed positions. In this course True means that "
    "attention is allowed.",
    replaces="AdditiveAttention.forward",
)
def mask_inverted(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * ~mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "Where nothing is allowed you return NaN: a softmax over nothing but −∞ divides zero by zero. With "
    "nothing to attend to, the weights are zero.",
    replaces="AdditiveAttention.forward",
)
def nan_where_nothing_is_allowed(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "Your weights are right, but where nothing is allowed the gradients are NaN: you replace the NaN "
    "after the softmax, and the backward pass still goes through it. Avoid computing it at all.",
    replaces="AdditiveAttention.forward",
)
def nan_in_the_gradients(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1).nan_to_num(0.0)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "Where nothing is allowed you spread attention over all the hidden positions: equally low scores get "
    "equal weights. A hidden position never gets any weight.",
    replaces="AdditiveAttention.forward",
)
def uniform_where_nothing_is_allowed(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You build the context from the projected keys. Keys decide the weights; the context is a sum of the "
    "values.",
    replaces="AdditiveAttention.forward",
)
def context_of_the_keys(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ projected_keys, weights


@misconception(
    "AdditiveAttention",
    "You add one large negative number to every hidden score. Where nothing is allowed it is added to the whole "
    "row, and a softmax does not change when every score does: that row attends as if there were no mask.",
    replaces="AdditiveAttention.forward",
)
def number_added_to_hidden_scores(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e9
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You take 10,000 off every hidden score. A score may be that large by itself: a hidden key far above the "
    "allowed ones still wins, and where nothing is allowed the row attends as if there were no mask.",
    replaces="AdditiveAttention.forward",
)
def ten_thousand_taken_off(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e4
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You hide keys behind a score of −10,000. Allowed scores may be lower than that; the hidden keys then win the "
    "softmax, and when their share is taken away the allowed ones are left with nothing.",
    replaces="AdditiveAttention.forward",
)
def hidden_behind_minus_ten_thousand(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You shift no row before exp. With small scores that goes unnoticed, but where all scores of a row are far below "
    "zero every exponential is 0, and far above zero they overflow. Only differences between scores count.",
    replaces="AdditiveAttention.forward",
)
def no_shift(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    exp = scores.exp() if mask is None else scores.exp() * mask
    weights = exp / exp.sum(dim=-1, keepdim=True).clamp(min=1e-12)
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You give a mask of two axes one more in the middle, as if its first axis were that of the sentences. Masks line "
    "up from the last axis: two axes are (T, S), a row for each query.",
    replaces="AdditiveAttention.forward",
)
def rows_taken_for_sentences(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        mask = mask.unsqueeze(1) if mask.ndim == 2 else mask
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "AdditiveAttention",
    "You shift a row by its largest score before the mask hides anything. Where a hidden score is far above "
    "the allowed ones, all their exponentials are 0, and a row that should share one unit has none.",
    replaces="AdditiveAttention.forward",
)
def shifted_by_a_hidden_score(self, queries, projected_keys, values, mask=None):
    scores = self.v(torch.tanh(self.W_q(queries).unsqueeze(2) + projected_keys.unsqueeze(1))).squeeze(-1)
    exp = (scores - scores.amax(dim=-1, keepdim=True)).exp()
    exp = exp if mask is None else exp * mask
    total = exp.sum(dim=-1, keepdim=True)
    weights = exp / total.masked_fill(total == 0, 1.0)
    return weights @ values, weights
