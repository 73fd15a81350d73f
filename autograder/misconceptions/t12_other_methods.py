"""Wrong answers to t12, each with the sentence its author is told."""

import math

import torch
import torch.nn.functional as F

from attend.course.bank import misconception

# t12.1 local_mask


@misconception(
    "local_mask",
    "Your window is one position too narrow: a neighbour exactly `window` away is still allowed.",
)
def window_off_by_one(length, window, causal=False):
    i, j = torch.arange(length)[:, None], torch.arange(length)
    allowed = (i - j).abs() < window
    return allowed & (j <= i) if causal else allowed


@misconception(
    "local_mask",
    "You split the window between the two sides. Here `window` is the distance that a position sees on "
    "either side.",
)
def window_halved(length, window, causal=False):
    i, j = torch.arange(length)[:, None], torch.arange(length)
    allowed = (i - j).abs() <= window // 2
    return allowed & (j <= i) if causal else allowed


@misconception(
    "local_mask",
    "You do not use `causal`: positions still see what comes after them.",
)
def causal_not_used(length, window, causal=False):
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return (i - j).abs() <= window


@misconception(
    "local_mask",
    "Your causal window looks ahead: it keeps later positions and hides earlier ones.",
)
def window_ahead(length, window, causal=False):
    i, j = torch.arange(length)[:, None], torch.arange(length)
    allowed = (i - j).abs() <= window
    return allowed & (j >= i) if causal else allowed


@misconception(
    "local_mask",
    "Your window looks back only, even without `causal`. It should reach to both sides.",
)
def one_sided_window(length, window, causal=False):
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return ((i - j) <= window) & (j <= i)


@misconception(
    "local_mask",
    "Your mask is inverted: it is True where you hide. In this course True means that attention is allowed.",
)
def window_inverted(length, window, causal=False):
    i, j = torch.arange(length)[:, None], torch.arange(length)
    far = (i - j).abs() > window
    return far | (j > i) if causal else far


# t12.2 linear_attention


@misconception(
    "linear_attention",
    "You do not divide by the normaliser. Without it the weights of a query do not add up to one, and its "
    "output grows with the length of the text.",
)
def normaliser_forgotten(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries) + 1, F.elu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        return (phi_q.unsqueeze(-2) @ summary).squeeze(-2)
    return phi_q @ (phi_k.transpose(-2, -1) @ values)


@misconception(
    "linear_attention",
    "Your feature map lacks its + 1, so features can be negative, and so can weights.",
)
def feature_map_without_one(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries), F.elu(keys)
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        output = (phi_q.unsqueeze(-2) @ summary).squeeze(-2)
        normaliser = (phi_q * phi_k.cumsum(dim=-2)).sum(dim=-1, keepdim=True)
    else:
        output = phi_q @ (phi_k.transpose(-2, -1) @ values)
        normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / torch.where(normaliser == 0, 1.0, normaliser)


@misconception(
    "linear_attention",
    "Your feature map is a ReLU plus one: all negative numbers get the same feature and no gradient. Use "
    "the ELU, which still falls on the left side.",
)
def relu_for_elu(queries, keys, values, causal=False):
    phi_q, phi_k = F.relu(queries) + 1, F.relu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        output = (phi_q.unsqueeze(-2) @ summary).squeeze(-2)
        normaliser = (phi_q * phi_k.cumsum(dim=-2)).sum(dim=-1, keepdim=True)
    else:
        output = phi_q @ (phi_k.transpose(-2, -1) @ values)
        normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / normaliser


@misconception(
    "linear_attention",
    "You map the keys but not the queries. Both need features, or weights can be negative.",
)
def queries_not_mapped(queries, keys, values, causal=False):
    phi_k = F.elu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        output = (queries.unsqueeze(-2) @ summary).squeeze(-2)
        normaliser = (queries * phi_k.cumsum(dim=-2)).sum(dim=-1, keepdim=True)
    else:
        output = queries @ (phi_k.transpose(-2, -1) @ values)
        normaliser = (queries * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / torch.where(normaliser == 0, 1.0, normaliser)


@misconception(
    "linear_attention",
    "You do not use `causal`: your sums run over all positions for every query.",
)
def sums_not_causal(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries) + 1, F.elu(keys) + 1
    output = phi_q @ (phi_k.transpose(-2, -1) @ values)
    normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / torch.where(normaliser == 0, 1.0, normaliser)


@misconception(
    "linear_attention",
    "Your causal sum of values ends at the query, but your normaliser runs over all keys: the weights add "
    "up to less than one.",
)
def normaliser_sees_the_future(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries) + 1, F.elu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        output = (phi_q.unsqueeze(-2) @ summary).squeeze(-2)
    else:
        output = phi_q @ (phi_k.transpose(-2, -1) @ values)
    normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / torch.where(normaliser == 0, 1.0, normaliser)


@misconception(
    "linear_attention",
    "Your causal sums end one position before the query. A position sees itself as well.",
)
def sums_end_before_the_query(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries) + 1, F.elu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3).roll(1, dims=-3)
        total = phi_k.cumsum(dim=-2).roll(1, dims=-2)
        later = (torch.arange(keys.shape[-2]) > 0).to(phi_k)[:, None]
        output = (phi_q.unsqueeze(-2) @ (summary * later.unsqueeze(-1))).squeeze(-2)
        normaliser = (phi_q * total * later).sum(dim=-1, keepdim=True)
    else:
        output = phi_q @ (phi_k.transpose(-2, -1) @ values)
        normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / torch.where(normaliser == 0, 1.0, normaliser)


@misconception(
    "linear_attention",
    "You scale the queries by √D, as softmax attention does. Linear attention has no exponential and is "
    "not scaled: apply the features to queries and keys directly.",
)
def scaled_like_softmax(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries / math.sqrt(queries.shape[-1])) + 1, F.elu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        output = (phi_q.unsqueeze(-2) @ summary).squeeze(-2)
        normaliser = (phi_q * phi_k.cumsum(dim=-2)).sum(dim=-1, keepdim=True)
    else:
        output = phi_q @ (phi_k.transpose(-2, -1) @ values)
        normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / torch.where(normaliser == 0, 1.0, normaliser)


@misconception(
    "linear_attention",
    "Where all features of a query have rounded to zero, you divide zero by zero. The output there is zero.",
)
def nan_where_features_vanish(queries, keys, values, causal=False):
    phi_q, phi_k = F.elu(queries) + 1, F.elu(keys) + 1
    if causal:
        summary = (phi_k.unsqueeze(-1) * values.unsqueeze(-2)).cumsum(dim=-3)
        output = (phi_q.unsqueeze(-2) @ summary).squeeze(-2)
        normaliser = (phi_q * phi_k.cumsum(dim=-2)).sum(dim=-1, keepdim=True)
    else:
        output = phi_q @ (phi_k.transpose(-2, -1) @ values)
        normaliser = (phi_q * phi_k.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return output / normaliser


# t12.3 online_softmax_attention


@misconception(
    "online_softmax_attention",
    "When a block has a larger maximum, you keep adding to the old sum and the old output without "
    "rescaling them. Both were computed relative to the old maximum.",
)
def old_blocks_not_rescaled(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - m) * mask[..., block]
        total = total + raised.sum(dim=-1, keepdim=True)
        output = output + raised @ values[..., block, :]
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "When the maximum changes, you rescale the output but not the running sum that divides it in the end.",
)
def running_sum_not_rescaled(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "When the maximum changes, you rescale the running sum but not the output.",
)
def output_not_rescaled(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You take a softmax of each block and average the results. Then a block of low scores counts as much "
    "as a block of high ones; the weights of all blocks together should add up to one.",
)
def softmax_of_each_block(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    outputs = []
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        weights = scores.masked_fill(~mask[..., block], lowest).softmax(dim=-1) * mask[..., block]
        outputs.append(weights @ values[..., block, :])
    return sum(outputs) / len(outputs)


@misconception(
    "online_softmax_attention",
    "You leave out the keys at the end that do not fill a whole block.",
)
def last_block_left_out(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m = queries.new_full((*queries.shape[:-1], 1), lowest)
    total, output = torch.zeros_like(m), m.new_zeros(*queries.shape[:-1], values.shape[-1])
    for start in range(0, S - block_size + 1, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You add up exponentials of the scores without subtracting a maximum, and large scores overflow. "
    "Subtract the running maximum.",
)
def no_maximum(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    total, output = 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        raised = torch.exp(scores) * mask[..., block]
        total = total + raised.sum(dim=-1, keepdim=True)
        output = output + raised @ values[..., block, :]
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You use each block's own maximum, which may be far below the one before: then the factor for the old "
    "blocks overflows. The running maximum never decreases.",
)
def maximum_may_fall(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = e.amax(dim=-1, keepdim=True)
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "Your maximum includes hidden scores. A large one makes all allowed exponentials zero.",
)
def maximum_of_hidden_scores(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), torch.finfo(queries.dtype).min), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        e = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You do not divide the scores by √D.",
)
def blocks_not_scaled(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        e = (queries @ keys[..., block, :].transpose(-2, -1)).masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You never use the mask, so hidden positions receive attention.",
)
def mask_left_out(queries, keys, values, block_size, mask=None):
    m, total, output = queries.new_full((queries.shape[-2], 1), torch.finfo(queries.dtype).min), 0.0, 0.0
    for start in range(0, keys.shape[-2], block_size):
        block = slice(start, start + block_size)
        e = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m)
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / total


@misconception(
    "online_softmax_attention",
    "Where nothing is allowed you divide zero by zero. With nothing to attend to, the output is zero.",
)
def nan_where_all_is_hidden(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / total


@misconception(
    "online_softmax_attention",
    "Where nothing is allowed you return the mean of all values: equally low scores get equal weights. A hidden position "
    "never gets any weight.",
)
def mean_where_all_is_hidden(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, 0.0
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m)
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / total


@misconception(
    "online_softmax_attention",
    "Your output begins as zeros in the shape of the queries. It holds sums of values, so it is as long as a value, "
    "which need not be as long as a query.",
)
def output_shaped_like_the_queries(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, torch.zeros_like(queries)
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You add one large negative number to every hidden score. Where nothing is allowed it is added to all scores of the "
    "query, and a softmax does not change when every score does: that query attends as if there were no mask.",
)
def number_added_to_hidden_scores(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, queries.new_zeros(T, values.shape[-1])
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores + (~mask[..., block]).to(scores.dtype) * -1e9
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m)
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You take 10,000 off every hidden score. A score may be that large by itself: a hidden key far above the allowed ones "
    "still wins, and where nothing is allowed the query attends as if there were no mask.",
)
def ten_thousand_taken_off(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, queries.new_zeros(T, values.shape[-1])
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores + (~mask[..., block]).to(scores.dtype) * -1e4
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m)
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "You hide keys behind a score of −10,000. Allowed scores may be lower than that; the hidden keys then set the maximum, "
    "and all the allowed exponentials are 0.",
)
def hidden_behind_minus_ten_thousand(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, queries.new_zeros(T, values.shape[-1])
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], -1e4)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "Before a query has seen an allowed key its maximum is −∞, and −∞ − (−∞) is not a number. A first block with nothing "
    "allowed spoils everything that follows.",
)
def infinity_minus_infinity(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), -math.inf), 0.0, queries.new_zeros(T, values.shape[-1])
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], -math.inf)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m)
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / total


@misconception(
    "online_softmax_attention",
    "You give a mask of two axes one more in the middle, as if its first axis were that of the sentences. Masks line up "
    "from the last axis: two axes are (T, S), a row for each query.",
)
def rows_taken_for_sentences(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.unsqueeze(1) if mask.ndim == 2 and queries.ndim == 3 else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_full((T, 1), lowest), 0.0, queries.new_zeros(T, values.shape[-1])
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


@misconception(
    "online_softmax_attention",
    "Your running maximum begins at 0. Where all scores are far below zero it stays there, every exponential is 0, and "
    "nothing is left to be shared out. Which number is below every score?",
)
def maximum_begins_at_zero(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    lowest = torch.finfo(queries.dtype).min
    mask = torch.ones((), dtype=torch.bool) if mask is None else mask
    mask = mask.expand(torch.broadcast_shapes(mask.shape, (T, S)))
    m, total, output = queries.new_zeros(T, 1), 0.0, queries.new_zeros(T, values.shape[-1])
    for start in range(0, S, block_size):
        block = slice(start, start + block_size)
        scores = queries @ keys[..., block, :].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        e = scores.masked_fill(~mask[..., block], lowest)
        new_m = torch.maximum(m, e.amax(dim=-1, keepdim=True))
        raised = torch.exp(e - new_m) * mask[..., block]
        total = total * torch.exp(m - new_m) + raised.sum(dim=-1, keepdim=True)
        output = output * torch.exp(m - new_m) + raised @ values[..., block, :]
        m = new_m
    return output / torch.where(total == 0, 1.0, total)


# t12.4 alibi_bias


@misconception(
    "alibi_bias",
    "Your slopes are in the wrong order: the first head has the steepest, the last one the gentlest.",
)
def slopes_in_the_wrong_order(num_heads, length):
    if num_heads < 1 or num_heads.bit_count() != 1:
        raise ValueError("no power of two")
    m = 2.0 ** (-8 * torch.arange(num_heads, 0, -1) / num_heads)
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return m[:, None, None] * -(i - j).abs()


@misconception(
    "alibi_bias",
    "You count the heads from 0, so your first slope is 1 and every slope is too steep. Count them from 1.",
)
def heads_counted_from_zero(num_heads, length):
    if num_heads < 1 or num_heads.bit_count() != 1:
        raise ValueError("no power of two")
    m = 2.0 ** (-8 * torch.arange(num_heads) / num_heads)
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return m[:, None, None] * -(i - j).abs()


@misconception(
    "alibi_bias",
    "Your slopes are those of eight heads, 1/2, 1/4, 1/8 and so on, for any number of heads. With fewer "
    "heads the ratio between neighbouring slopes is larger, with more heads smaller.",
)
def slopes_of_eight_heads(num_heads, length):
    if num_heads < 1 or num_heads.bit_count() != 1:
        raise ValueError("no power of two")
    m = 2.0 ** -torch.arange(1, num_heads + 1)
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return m[:, None, None] * -(i - j).abs()


@misconception(
    "alibi_bias",
    "Your bias grows with the distance, so it favours distant words. It should be a penalty.",
)
def far_is_rewarded(num_heads, length):
    if num_heads < 1 or num_heads.bit_count() != 1:
        raise ValueError("no power of two")
    m = 2.0 ** (-8 * torch.arange(1, num_heads + 1) / num_heads)
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return m[:, None, None] * (i - j).abs()


@misconception(
    "alibi_bias",
    "Your distance has a sign, so later positions are favoured. A distance is never negative.",
)
def signed_distance(num_heads, length):
    if num_heads < 1 or num_heads.bit_count() != 1:
        raise ValueError("no power of two")
    m = 2.0 ** (-8 * torch.arange(1, num_heads + 1) / num_heads)
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return m[:, None, None] * (j - i)


@misconception(
    "alibi_bias",
    "You accept any number of heads. The slopes are defined for powers of two; any other number is a "
    "ValueError.",
)
def any_number_of_heads(num_heads, length):
    m = 2.0 ** (-8 * torch.arange(1, max(num_heads, 0) + 1) / max(num_heads, 1))
    i, j = torch.arange(length)[:, None], torch.arange(length)
    return m[:, None, None] * -(i - j).abs()


# t12.5 rotary_embedding


@misconception(
    "rotary_embedding",
    "You pair each number with the one half a vector further on. Here neighbours are a pair: 0 and 1, 2 "
    "and 3. (Some models use your pairs; their weights do not fit here.)",
)
def pairs_half_a_vector_apart(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()], dim=-1)


@misconception(
    "rotary_embedding",
    "You rotate the right pairs, but put all first numbers before all second ones. Each pair has to go "
    "back to its place.",
)
def pairs_torn_apart(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.cat([a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()], dim=-1)


@misconception(
    "rotary_embedding",
    "You use 10,000 for every `base`.",
)
def base_not_used(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * 10000.0 ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = [a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "Your exponents are half as large as they should be, so slow pairs rotate too fast. The number of the "
    "pair is doubled before it is divided by D.",
)
def exponents_halved(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(D // 2, dtype=x.dtype) / D)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = [a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You rotate clockwise. Dot products do not change, but weights that others have trained would not fit.",
)
def turned_backwards(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = [a * theta.cos() + b * theta.sin(), b * theta.cos() - a * theta.sin()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You count positions 0, 1, 2, … yourself and never use `positions`, which may begin anywhere and come "
    "in any order.",
)
def positions_not_used(x, positions, base=10000.0):
    T, D = x.shape[-2:]
    if D % 2:
        raise ValueError("odd")
    theta = torch.arange(T)[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = [a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You add sines and cosines to x, as in the transformer's positions. Here x is rotated, so its length "
    "does not change.",
)
def positions_added(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    return x + torch.stack([theta.sin(), theta.cos()], dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You compute the angles in float32 for every dtype of x. At position 10,000 their fourth decimal is "
    "then wrong.",
)
def angles_in_float32(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None].float() * base ** (-torch.arange(0, D, 2).float() / D)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = [a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception(
    "rotary_embedding",
    "You pad or cut a vector of odd size. A number without a partner cannot be rotated: raise a ValueError.",
)
def odd_sizes_taken(x, positions, base=10000.0):
    D = x.shape[-1]
    padded = F.pad(x, (0, D % 2))
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    a, b = padded[..., 0::2], padded[..., 1::2]
    turned = [a * theta.cos() - b * theta.sin(), a * theta.sin() + b * theta.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)[..., :D]


@misconception(
    "rotary_embedding",
    "Two conventions meet here: your angles come in twos, as for pairs of neighbours, but you exchange the two halves of x, as "
    "for pairs half a vector apart. The angles and the exchange have to agree on what a pair is.",
)
def halves_exchanged_beside_angles_in_twos(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    theta = theta.repeat_interleave(2, dim=-1)
    a, b = x.chunk(2, dim=-1)
    return x * theta.cos() + torch.cat([-b, a], dim=-1) * theta.sin()


@misconception(
    "rotary_embedding",
    "Two conventions meet here: you exchange neighbours, but your angles come as one row of D / 2 laid down twice, as for "
    "pairs half a vector apart. The angles and the exchange have to agree on what a pair is.",
)
def neighbours_exchanged_beside_angles_laid_twice(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2:
        raise ValueError("odd")
    theta = positions[:, None] * base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    theta = torch.cat([theta, theta], dim=-1)
    exchanged = torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).flatten(-2)
    return x * theta.cos() + exchanged * theta.sin()


# t12.6 grouped_query_attention


@misconception(
    "grouped_query_attention",
    "You tile the heads: your heads 0, 1, 2, 3 read the keys 0, 1, 0, 1. Neighbouring heads share, so they read "
    "0, 0, 1, 1.",
)
def heads_tiled(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    if N % G:
        raise ValueError("no multiple")
    rows = queries.unflatten(1, (N // G, G)).transpose(1, 2)
    T = queries.shape[2]
    weights = (rows.flatten(2, 3) @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(dim=-1)
    return (weights @ values).unflatten(2, (N // G, T)).transpose(1, 2).flatten(1, 2)


@misconception(
    "grouped_query_attention",
    "You read the right keys but tile the values: weights and values of a head have to come from the same group.",
)
def values_tiled(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    if N % G:
        raise ValueError("no multiple")
    rows = queries.unflatten(1, (G, N // G)).flatten(2, 3)
    weights = (rows @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(dim=-1)
    weights = weights.unflatten(2, (N // G, queries.shape[2])).flatten(1, 2)
    rows = weights.unflatten(1, (N // G, G)).transpose(1, 2).flatten(2, 3)
    output = (rows @ values).unflatten(2, (N // G, queries.shape[2]))
    return output.transpose(1, 2).flatten(1, 2)


@misconception(
    "grouped_query_attention",
    "All your heads read the keys and values of the first group.",
)
def one_group_for_all(queries, keys, values):
    if queries.shape[1] % keys.shape[1]:
        raise ValueError("no multiple")
    rows = queries.flatten(1, 2)
    weights = (rows @ keys[:, 0].transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(dim=-1)
    return (weights @ values[:, 0]).unflatten(1, queries.shape[1:3])


@misconception(
    "grouped_query_attention",
    "You do not divide the scores by √D.",
)
def groups_not_scaled(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    if N % G:
        raise ValueError("no multiple")
    group = queries.unflatten(1, (G, N // G))
    weights = (group.flatten(2, 3) @ keys.transpose(-2, -1)).softmax(dim=-1)
    return (weights @ values).unflatten(2, group.shape[2:4]).flatten(1, 2)


@misconception(
    "grouped_query_attention",
    "Your weights add up to one over the queries of a group. The weights of each query should add up to "
    "one over the keys: look at the axis of your softmax.",
)
def shared_over_the_group(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    if N % G:
        raise ValueError("no multiple")
    group = queries.unflatten(1, (G, N // G))
    scores = group.flatten(2, 3) @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    return (scores.softmax(dim=-2) @ values).unflatten(2, group.shape[2:4]).flatten(1, 2)


@misconception(
    "grouped_query_attention",
    "You accept any number of heads and leave some keys unused. An N that is not a multiple of G is a "
    "ValueError.",
)
def groups_of_unequal_size(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    share = max(N // G, 1)
    heads = []
    for n in range(N):
        g = min(n // share, G - 1)
        scores = queries[:, n] @ keys[:, g].transpose(-2, -1) / math.sqrt(queries.shape[-1])
        heads.append(scores.softmax(dim=-1) @ values[:, g])
    return torch.stack(heads, dim=1)


# t12.7 pointer_distribution


@misconception(
    "pointer_distribution",
    "A word that occurs twice in the source gets only one of its weights, because the later one "
    "overwrites the earlier one. They have to be added.",
)
def repeated_words_overwritten(vocab_probs, weights, source_ids, p_gen, extended_size):
    generated = F.pad(p_gen * vocab_probs, (0, extended_size - vocab_probs.shape[1]))
    copied = weights.new_zeros(len(weights), extended_size)
    for s in range(weights.shape[1]):
        copied = copied.scatter(1, source_ids[:, s : s + 1], (1 - p_gen) * weights[:, s : s + 1])
    return generated + copied


@misconception(
    "pointer_distribution",
    "You use p_gen the wrong way round: it is the probability of generating a word, and 1 − p_gen that of "
    "copying.",
)
def gate_the_wrong_way_round(vocab_probs, weights, source_ids, p_gen, extended_size):
    generated = F.pad((1 - p_gen) * vocab_probs, (0, extended_size - vocab_probs.shape[1]))
    return generated.scatter_add(1, source_ids, p_gen * weights)


@misconception(
    "pointer_distribution",
    "You add the weights in full to what is generated, so the probabilities add up to more than one. "
    "Copying has the probability that p_gen leaves.",
)
def copying_not_gated(vocab_probs, weights, source_ids, p_gen, extended_size):
    generated = F.pad(p_gen * vocab_probs, (0, extended_size - vocab_probs.shape[1]))
    return generated.scatter_add(1, source_ids, weights)


@misconception(
    "pointer_distribution",
    "You add the vocabulary's probabilities in full to what is copied, so the probabilities add up to "
    "more than one.",
)
def generating_not_gated(vocab_probs, weights, source_ids, p_gen, extended_size):
    generated = F.pad(vocab_probs, (0, extended_size - vocab_probs.shape[1]))
    return generated.scatter_add(1, source_ids, (1 - p_gen) * weights)


@misconception(
    "pointer_distribution",
    "You drop words copied from beyond the vocabulary. The pointer exists to write exactly those unknown "
    "words.",
)
def unknown_words_lost(vocab_probs, weights, source_ids, p_gen, extended_size):
    generated = F.pad(p_gen * vocab_probs, (0, extended_size - vocab_probs.shape[1]))
    known = (source_ids < vocab_probs.shape[1]).to(weights)
    return generated.scatter_add(1, source_ids, (1 - p_gen) * weights * known)


@misconception(
    "pointer_distribution",
    "You copy only unknown words. A word of the vocabulary may be copied as well, and then gets both parts.",
)
def known_words_not_copied(vocab_probs, weights, source_ids, p_gen, extended_size):
    generated = F.pad(p_gen * vocab_probs, (0, extended_size - vocab_probs.shape[1]))
    unknown = (source_ids >= vocab_probs.shape[1]).to(weights)
    return generated.scatter_add(1, source_ids, (1 - p_gen) * weights * unknown)


@misconception(
    "pointer_distribution",
    "You give each position of the source a new word of its own and never use `source_ids`, which say "
    "which word is at each position.",
)
def positions_for_words(vocab_probs, weights, source_ids, p_gen, extended_size):
    P = torch.cat([p_gen * vocab_probs, (1 - p_gen) * weights], dim=1)
    return F.pad(P, (0, extended_size - P.shape[1]))
