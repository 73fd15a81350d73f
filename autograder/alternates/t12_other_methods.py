"""Correct answers to t12 of another shape than the reference: all of them get full marks."""

import math

import torch
import torch.nn.functional as F

from attend.course.bank import alternate

# t12.1 local_mask


@alternate(
    "local_mask",
    why=(
        "`tril` and `triu` cut a band out of ones, without indices. "
        "The sign of a diagonal is easy to get wrong."
    ),
)
def local_mask_from_triangles(length, window, causal=False):
    everything = torch.ones(length, length, dtype=torch.bool)
    return everything.tril(0 if causal else window).triu(-window)


@alternate(
    "local_mask",
    why="A slice shows which positions each row may see. Python loops over T rows.",
)
def local_mask_row_by_row(length, window, causal=False):
    mask = torch.full((length, length), False)
    for i in range(length):
        mask[i, max(i - window, 0) : i + 1 + (0 if causal else window)] = True
    return mask


# t12.2 linear_attention


@alternate(
    "linear_attention",
    why=(
        "A column of ones in the values makes the normaliser part of the same sum. "
        "The values are copied to add it."
    ),
)
def linear_attention_by_einsum(queries, keys, values, causal=False):
    def phi(x):
        return torch.where(x > 0, x + 1, torch.exp(x.clamp(max=0)))

    q, k = phi(queries), phi(keys)
    with_ones = F.pad(values, (0, 1), value=1.0)  # a value of 1 more: its sum is the normaliser
    if causal:
        sums = torch.einsum("...sd,...sv->...sdv", k, with_ones).cumsum(-3)
        both = torch.einsum("...td,...tdv->...tv", q, sums)
    else:
        both = torch.einsum("...td,...dv->...tv", q, torch.einsum("...sd,...sv->...dv", k, with_ones))
    output, normaliser = both[..., :-1], both[..., -1:]
    return output / normaliser.masked_fill(normaliser == 0, 1.0)


@alternate(
    "linear_attention",
    why=(
        "Without gradients the causal sum holds D × Dv numbers at a time, not T × D × Dv. "
        "Python loops over T steps."
    ),
)
def linear_attention_like_a_recurrent_network(queries, keys, values, causal=False):
    q, k = F.elu(queries) + 1, F.elu(keys) + 1
    if not causal:
        summary, total = torch.matmul(k.mT, values), k.sum(-2)
        normaliser = (q @ total[..., None]).clamp(min=1e-300 if q.dtype == torch.float64 else 1e-37)
        return q @ summary / normaliser
    summary, total, rows = 0.0, 0.0, []
    for t in range(q.shape[-2]):
        summary = summary + k[..., t, :, None] * values[..., t, None, :]
        total = total + k[..., t, :]
        normaliser = (q[..., t, :] * total).sum(-1, keepdim=True)
        empty = normaliser == 0
        rows.append((q[..., t, None, :] @ summary)[..., 0, :] / (normaliser + empty))
    return torch.stack(rows, -2)


# t12.3 online_softmax_attention


@alternate(
    "online_softmax_attention",
    why=(
        "One number for each row replaces maximum and sum. "
        "It takes the exponentials of a block twice, in `logsumexp` and in `softmax`."
    ),
)
def attention_in_blocks_by_logsumexp(queries, keys, values, block_size, mask=None):
    lowest = torch.finfo(queries.dtype).min
    starts = range(0, keys.shape[-2], block_size)
    if mask is not None and mask.shape[-1] == 1:
        mask = mask.expand(*mask.shape[:-1], keys.shape[-2])
    scale = queries.shape[-1] ** -0.5
    total = output = None
    for start in starts:
        k, v = keys[..., start : start + block_size, :], values[..., start : start + block_size, :]
        e = torch.einsum("...td,...sd->...ts", queries * scale, k)
        if mask is not None:
            e = e.masked_fill(~mask[..., start : start + block_size], lowest)
        here = e.logsumexp(dim=-1, keepdim=True)  # the log of the block's sum
        part = e.softmax(dim=-1) @ v
        if output is None:
            total, output = here, part
            continue
        both = torch.logaddexp(total, here)
        output = output * (total - both).exp() + part * (here - both).exp()
        total = both
    if mask is None:
        return output
    nothing = ~mask.any(dim=-1, keepdim=True)
    return output.masked_fill(nothing, 0.0)


@alternate(
    "online_softmax_attention",
    why="The first pass finds the maximum, so the second never rescales. All scores are computed twice.",
)
def attention_in_two_passes(queries, keys, values, block_size, mask=None):
    T, S = queries.shape[-2], keys.shape[-2]
    mask = torch.tensor(True) if mask is None else mask
    mask = torch.broadcast_to(mask, torch.broadcast_shapes(mask.shape, (T, S)))

    def blocks():
        for k, v, allowed in zip(
            keys.split(block_size, dim=-2),
            values.split(block_size, dim=-2),
            mask.split(block_size, dim=-1),
            strict=True,
        ):
            yield queries @ k.mT / math.sqrt(k.shape[-1]), v, allowed

    with torch.no_grad():
        highest = torch.full((T, 1), torch.finfo(queries.dtype).min, dtype=queries.dtype)
        for scores, _, allowed in blocks():
            block = torch.where(allowed, scores, torch.finfo(queries.dtype).min)
            highest = torch.maximum(highest, block.amax(dim=-1, keepdim=True))
    total, output = 0, 0
    for scores, v, allowed in blocks():
        raised = torch.where(allowed, scores - highest, -math.inf).exp()
        total, output = total + raised.sum(dim=-1, keepdim=True), output + raised @ v
    return output / total.masked_fill(total == 0, 1)


# t12.4 alibi_bias


@alternate(
    "alibi_bias",
    why=(
        "Each slope is the one before times the first, and `cdist` names the distances. "
        "Its list ends at 128 heads."
    ),
)
def alibi_bias_by_powers_of_the_first_slope(num_heads, length):
    if num_heads not in (1, 2, 4, 8, 16, 32, 64, 128):
        raise ValueError("num_heads has to be a power of two")
    first = 2 ** (-8 / num_heads)
    slopes = torch.tensor([first ** (h + 1) for h in range(num_heads)])
    places = torch.arange(length, dtype=torch.float32)
    return -torch.einsum("h,ij->hij", slopes, torch.cdist(places[:, None], places[:, None], p=1))


@alternate(
    "alibi_bias",
    why="Every entry is the formula with plain numbers. Python computes N × T × T entries one by one.",
)
def alibi_bias_number_by_number(num_heads, length):
    if num_heads <= 0 or math.log2(num_heads) % 1:
        raise ValueError("num_heads has to be a power of two")
    heads = range(1, num_heads + 1)
    places = range(length)
    return torch.tensor(
        [[[-(2 ** (-8 * h / num_heads)) * abs(i - j) for j in places] for i in places] for h in heads]
    )


# t12.5 rotary_embedding


@alternate(
    "rotary_embedding",
    why=(
        "To turn a pair is to multiply one complex number. x is copied into complex numbers of float64 and "
        "back."
    ),
)
def rotary_embedding_by_complex_numbers(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2 == 1:
        raise ValueError("D has to be even")
    frequencies = base ** -(torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = torch.outer(positions.double(), frequencies)
    turns = torch.polar(torch.ones_like(angles), angles)
    turned = torch.view_as_complex(x.double().unflatten(-1, (D // 2, 2)).contiguous()) * turns
    return torch.view_as_real(turned).flatten(-2).to(x.dtype)


@alternate(
    "rotary_embedding",
    why=(
        "The whole of x is one sum: x cos θ plus its quarter turn times sin θ. "
        "Each cosine and sine is computed twice, (T, D) in all."
    ),
)
def rotary_embedding_by_a_quarter_turn(x, positions, base=10000.0):
    D = x.shape[-1]
    if D % 2 != 0:
        raise ValueError("D has to be even")
    exponents = torch.arange(D // 2, dtype=x.dtype).repeat_interleave(2) * 2 / D
    theta = positions.to(x.dtype)[:, None] / base**exponents
    pairs = x.reshape(*x.shape[:-1], D // 2, 2)
    quarter = torch.stack((-pairs[..., 1], pairs[..., 0]), dim=-1).reshape(x.shape)
    return x * torch.cos(theta) + quarter * torch.sin(theta)


@alternate(
    "rotary_embedding",
    why=(
        "It shows the rotation as a matrix. "
        "Each position multiplies by D × D numbers, of which only 2D are not 0."
    ),
)
def rotary_embedding_by_matrices(x, positions, base=10000.0):
    D = x.size(-1)
    if D & 1:
        raise ValueError("D has to be even")
    rows = []
    for t, position in enumerate(positions.tolist()):
        theta = [position * base ** (-2 * i / D) for i in range(D // 2)]
        c, s = math.cos, math.sin
        turns = [torch.tensor([[c(a), -s(a)], [s(a), c(a)]], dtype=x.dtype) for a in theta]
        rows.append(x[..., t, :] @ torch.block_diag(*turns).T)
    return torch.stack(rows, dim=-2)


# t12.6 grouped_query_attention


@alternate(
    "grouped_query_attention",
    why=(
        "The letter g pairs each group of queries with its keys, so no keys are repeated by hand. "
        "A reader must keep seven letters apart."
    ),
)
def grouped_query_attention_by_einsum(queries, keys, values):
    (_, N, _, D), G = queries.shape, keys.shape[1]
    if N % G:
        raise ValueError("N has to be a multiple of G")
    scores = torch.einsum("bgntd,bgsd->bgnts", queries.unflatten(1, (G, N // G)), keys) / math.sqrt(D)
    return torch.einsum("bgnts,bgsv->bgntv", torch.softmax(scores, dim=-1), values).flatten(1, 2)


@alternate(
    "grouped_query_attention",
    why="Each head is plain attention, and one index says whose keys it uses. Python loops over N heads.",
)
def grouped_query_attention_head_by_head(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    if N != N // G * G:
        raise ValueError("N has to be a multiple of G")
    heads = []
    for n in range(N):
        k, v = keys[:, n // (N // G)], values[:, n // (N // G)]
        heads.append(torch.softmax(queries[:, n] @ k.mT * queries.shape[-1] ** -0.5, dim=-1) @ v)
    return torch.stack(heads, dim=1)


@alternate(
    "grouped_query_attention",
    why=(
        "PyTorch chooses a fast kernel, which may never store the scores. You see neither scores nor weights."
    ),
)
def grouped_query_attention_of_pytorch(queries, keys, values):
    if queries.shape[1] % keys.shape[1]:
        raise ValueError("N has to be a multiple of G")
    return F.scaled_dot_product_attention(queries, keys, values, enable_gqa=True)


# t12.7 pointer_distribution


@alternate(
    "pointer_distribution",
    why=(
        "Copying is one matrix product, and repeated words add up by themselves. "
        "The one-hot words need B × S × X numbers."
    ),
)
def pointer_distribution_by_one_hot(vocab_probs, weights, source_ids, p_gen, extended_size):
    words = F.one_hot(source_ids, extended_size).to(weights.dtype)  # (B, S, X)
    generated = torch.zeros(len(weights), extended_size, dtype=weights.dtype)
    generated[:, : vocab_probs.shape[1]] = vocab_probs
    return p_gen * generated + (1 - p_gen) * torch.einsum("bs,bsx->bx", weights, words)


@alternate(
    "pointer_distribution",
    why="For one sentence, `index_add` adds each weight at its word. Python loops over B sentences.",
)
def pointer_distribution_by_index_add(vocab_probs, weights, source_ids, p_gen, extended_size):
    rows = []
    for b in range(vocab_probs.shape[0]):
        extra = vocab_probs.new_zeros(extended_size - vocab_probs.shape[1])
        row = torch.cat([p_gen[b] * vocab_probs[b], extra])
        rows.append(row.index_add(0, source_ids[b], (1 - p_gen[b]) * weights[b]))
    return torch.stack(rows)
