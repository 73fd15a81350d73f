"""Wrong answers that students really write for t13, each with the sentence that the student is told."""

import math

import torch
from torch import nn

from attend.course.bank import misconception

# t13.1 scaled_dot_product_attention


@misconception(
    "scaled_dot_product_attention",
    "You do not scale the scores. Dot products of long vectors are large even by chance, and the softmax "
    "then gives nearly all the weight to one key.",
)
def scores_not_scaled(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You divide by the size itself. The variance of a dot product grows with the size, so its typical "
    "value grows with the square root of the size.",
)
def scaled_by_the_size(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / queries.shape[-1]
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You add the mask to the scores. True then counts as 1: allowed positions get slightly higher scores, "
    "and nothing is hidden.",
)
def mask_added_to_the_scores(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores + mask.to(scores.dtype)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "Your mask works the other way round: you hide the allowed positions. In this course True means that "
    "attention is allowed; in nn.MultiheadAttention it means the opposite.",
)
def mask_inverted(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * ~mask
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You mask the weights after the softmax. The hidden positions have already taken their share, and the "
    "remaining weights do not add up to one.",
)
def mask_after_the_softmax(queries, keys, values, mask=None):
    weights = (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(dim=-1)
    if mask is not None:
        weights = weights * mask
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "Your weights add up to one over the queries. The weights of each query should add up to one over the "
    "keys: look at the axis of your softmax.",
)
def softmax_over_the_queries(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-2)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-2) * mask
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "Where nothing is allowed you return NaN: a softmax over nothing but −∞ divides zero by zero. With "
    "nothing to attend to, the weights are zero.",
)
def nan_where_nothing_is_allowed(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "Where nothing is allowed you spread attention over all the hidden positions: equally low scores get equal "
    "weights. A hidden position never gets any weight.",
)
def uniform_where_nothing_is_allowed(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You add one large negative number to every hidden score. Where nothing is allowed it is added to the whole "
    "row, and a softmax does not change when every score does: that row attends as if there were no mask.",
)
def number_added_to_hidden_scores(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e9
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You take 10,000 off every hidden score. A score may be that large by itself: a hidden key far above the "
    "allowed ones still wins, and where nothing is allowed the row attends as if there were no mask.",
)
def ten_thousand_taken_off(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e4
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You hide keys behind a score of −10,000. Allowed scores may be lower than that; the hidden keys then win the "
    "softmax, and when their share is taken away the allowed ones are left with nothing.",
)
def hidden_behind_minus_ten_thousand(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    return weights @ values, weights


@misconception(
    "scaled_dot_product_attention",
    "You give a mask of two axes one more, as if its first axis were that of the sentences. A mask of two axes is "
    "(T, S): a row for each query, the same for all sentences.",
)
def rows_taken_for_sentences(queries, keys, values, mask=None):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        mask = mask.unsqueeze(1) if mask.dim() == 2 and scores.dim() == 3 else mask
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return weights @ values, weights


# t13.2 causal_mask


@misconception(
    "causal_mask",
    "You allow later positions and hide earlier ones: your triangle is the upper one. Row t says what "
    "position t sees.",
)
def future_visible(length):
    return torch.ones(length, length, dtype=torch.bool).triu()


@misconception(
    "causal_mask",
    "Your mask is True where attention is forbidden, as in PyTorch's transformer layers. In this course "
    "True means allowed.",
)
def true_where_it_is_hidden(length):
    return torch.ones(length, length, dtype=torch.bool).triu(diagonal=1)


@misconception(
    "causal_mask",
    "No position sees itself, and the first one sees nothing at all. The decoder's inputs are already "
    "shifted, so position t may look at its own input.",
)
def own_position_hidden(length):
    return torch.ones(length, length, dtype=torch.bool).tril(diagonal=-1)


@misconception(
    "causal_mask",
    "Your mask holds numbers. A mask of this course is boolean, True where attention is allowed.",
)
def numbers_for_booleans(length):
    return torch.ones(length, length).tril()


@misconception(
    "causal_mask",
    "Your mask holds 0 and −∞, to be added to scores. A mask of this course is boolean, True where attention "
    "is allowed.",
)
def minus_infinity_for_false(length):
    return torch.full((length, length), -torch.inf).triu(diagonal=1)


# t13.3 MultiHeadAttention


@misconception(
    "MultiHeadAttention",
    "You reshape (B, T, D) directly to (B, N, T, D/N). This keeps the numbers in their order, so a head "
    "gets whole words. A head should get a slice of every word: split the features first, then swap the "
    "axes.",
    replaces="MultiHeadAttention.forward",
)
def heads_cut_without_a_transpose(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.reshape(len(projected), self.num_heads, projected.shape[1], -1)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.reshape(queries.shape)), weights


@misconception(
    "MultiHeadAttention",
    "Your heads are right, but you join them without swapping the axes back, so a position gets numbers of "
    "other positions.",
    replaces="MultiHeadAttention.forward",
)
def heads_joined_without_a_transpose(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.reshape(queries.shape)), weights


@misconception(
    "MultiHeadAttention",
    "You give the features to the heads in turn, one by one. A head owns D/N neighbouring features: when "
    "you split, the heads' axis comes first, then the features within a head.",
    replaces="MultiHeadAttention.forward",
)
def features_dealt_out(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (-1, self.num_heads)).permute(0, 3, 1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.permute(0, 2, 3, 1).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "You pass a mask (B, T, S) on without adding an axis. Beside scores (B, N, T, S), its sentences are "
    "aligned with the heads: this is an error, or, if B = N, a wrong result without one.",
    replaces="MultiHeadAttention.forward",
)
def sentences_taken_for_heads(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "You return the mean of the heads' weights, as nn.MultiheadAttention does by default. Return the "
    "weights of every head: (B, N, T, S).",
    replaces="MultiHeadAttention.forward",
)
def weights_averaged(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.transpose(1, 2).flatten(-2)), weights.mean(dim=1)


@misconception(
    "MultiHeadAttention",
    "You join the heads but leave out the last projection, which combines their results.",
    replaces="MultiHeadAttention.forward",
)
def heads_not_projected(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return heads.transpose(1, 2).flatten(-2), weights


@misconception(
    "MultiHeadAttention",
    "You compute the values from the keys. In self-attention both are the same tensor, so it makes no "
    "difference; here they are different.",
    replaces="MultiHeadAttention.forward",
)
def values_taken_from_the_keys(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(keys))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "Your projections have no biases. The paper's formula shows none either, but in this course the four "
    "layers have them, as in PyTorch.",
    replaces="MultiHeadAttention.__init__",
)
def biases_left_out(self, d_model, num_heads):
    super().__init__()
    if d_model % num_heads:
        raise ValueError(f"d_model {d_model} is no multiple of num_heads {num_heads}")
    self.num_heads = num_heads
    self.q_proj = nn.Linear(d_model, d_model, bias=False)
    self.k_proj = nn.Linear(d_model, d_model, bias=False)
    self.v_proj = nn.Linear(d_model, d_model, bias=False)
    self.out_proj = nn.Linear(d_model, d_model, bias=False)


@misconception(
    "MultiHeadAttention",
    "You divide by the root of D, the model's size. A head's dot product runs over its own D/N features alone, and "
    "it is their number that sets the scale.",
    replaces="MultiHeadAttention.forward",
)
def scaled_by_the_models_size(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask
    return self.out_proj((weights @ v).transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "You `view` (B, T, D) as (B, N, T, D/N). A view keeps the numbers in their order and deals whole words out to "
    "heads; that you swap the axes back at the end does not undo it. A head gets a slice of every word.",
    replaces="MultiHeadAttention.forward",
)
def heads_split_by_view(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.reshape(len(projected), self.num_heads, projected.shape[1], -1)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "Your heads come after the positions, (B, T, N, D/N), when you multiply. So the heads of one position attend to each "
    "other, and no word sees another. The positions have to be the last axis but one.",
    replaces="MultiHeadAttention.forward",
)
def heads_attend_to_heads(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1))
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "Your scores and your masks list sentences and heads in two different orders: in one all sentences of the first "
    "head come first, in the other all heads of the first sentence. So masks fall on other sentences' scores.",
    replaces="MultiHeadAttention.forward",
)
def masks_repeated_beside_heads_in_front(self, queries, keys, values, mask=None):
    B, N = len(queries), self.num_heads
    q, k, v = (
        torch.cat(projected.chunk(N, dim=-1))
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.repeat_interleave(N, dim=0)
    elif mask is not None and mask.dim() == 4:
        mask = mask.expand(B, N, -1, -1).transpose(0, 1).flatten(0, 1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(torch.cat(heads.chunk(N), dim=-1)), torch.stack(weights.chunk(N), dim=1)


@misconception(
    "MultiHeadAttention",
    "Your scores and your masks list sentences and heads in two different orders: in one all sentences of the first "
    "head come first, in the other all heads of the first sentence. So masks fall on other sentences' scores.",
    replaces="MultiHeadAttention.forward",
)
def masks_tiled_beside_heads_behind(self, queries, keys, values, mask=None):
    B, N = len(queries), self.num_heads
    q, k, v = (
        projected.unflatten(-1, (N, -1)).transpose(1, 2).flatten(0, 1)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.repeat(N, 1, 1)
    elif mask is not None and mask.dim() == 4:
        mask = mask.expand(B, N, -1, -1).flatten(0, 1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.unflatten(0, (B, N)).transpose(1, 2).flatten(-2)), weights.unflatten(0, (B, N))


@misconception(
    "MultiHeadAttention",
    "You give a mask of two axes one more, as if its first axis were that of the sentences. A mask of two axes is "
    "(T, S): a row for each query, the same for all sentences.",
    replaces="MultiHeadAttention.forward",
)
def rows_taken_for_the_sentences_of_a_batch(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None:
        mask = mask[:, None, None] if mask.dim() == 2 else mask[:, None] if mask.dim() == 3 else mask
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(heads.transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "Where nothing is allowed your heads return NaN: a softmax of −∞ alone divides zero by zero. Nothing to attend to "
    "means weights of zero.",
    replaces="MultiHeadAttention.forward",
)
def nan_in_every_head(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1)
    return self.out_proj((weights @ v).transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "Where nothing is allowed your heads spread attention over all the hidden positions: equally low scores get equal "
    "weights. A hidden position never gets any weight.",
    replaces="MultiHeadAttention.forward",
)
def uniform_in_every_head(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = scores.softmax(dim=-1)
    return self.out_proj((weights @ v).transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "You add one large negative number to every hidden score. Where nothing is allowed it is added to the whole "
    "row, and a softmax does not change when every score does: that row attends as if there were no mask.",
    replaces="MultiHeadAttention.forward",
)
def number_added_in_every_head(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e9
    weights = scores.softmax(dim=-1)
    return self.out_proj((weights @ v).transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "You take 10,000 off every hidden score. A score may be that large by itself: a hidden key far above the "
    "allowed ones still wins, and where nothing is allowed the row attends as if there were no mask.",
    replaces="MultiHeadAttention.forward",
)
def ten_thousand_taken_off_in_every_head(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + (~mask).to(scores.dtype) * -1e4
    weights = scores.softmax(dim=-1)
    return self.out_proj((weights @ v).transpose(1, 2).flatten(-2)), weights


@misconception(
    "MultiHeadAttention",
    "You hide keys behind a score of −10,000. Allowed scores may be lower than that; the hidden keys then win the "
    "softmax, and when their share is taken away the allowed ones are left with nothing.",
    replaces="MultiHeadAttention.forward",
)
def hidden_behind_minus_ten_thousand_in_every_head(self, queries, keys, values, mask=None):
    q, k, v = (
        projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.unsqueeze(1)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, -1e4).softmax(dim=-1) * mask
    return self.out_proj((weights @ v).transpose(1, 2).flatten(-2)), weights


# t13.4 sinusoidal_positions


@misconception(
    "sinusoidal_positions",
    "You put all sines first and all cosines after them. In the paper's table they alternate: a sine in "
    "every even column, its cosine in the next.",
)
def halves_laid_end_to_end(length, d_model):
    t = torch.arange(length)[:, None]
    angles = t / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, :d_model]


@misconception(
    "sinusoidal_positions",
    "Your cosine comes before its sine. Even columns hold sines.",
)
def cosine_before_sine(length, d_model):
    t = torch.arange(length)[:, None]
    angles = t / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(1)[:, :d_model]


@misconception(
    "sinusoidal_positions",
    "Each of your columns has its own speed. A sine and the cosine next to it share one: only together do "
    "they describe a point on the circle.",
)
def each_column_its_own_speed(length, d_model):
    column = torch.arange(d_model)
    angles = torch.arange(length)[:, None] / 10000 ** (column / d_model)
    return torch.where(column % 2 == 0, angles.sin(), angles.cos())


@misconception(
    "sinusoidal_positions",
    "Your exponent has i instead of 2i: the wavelengths stop at 2π · 100 instead of 2π · 10000.",
)
def exponent_half_as_large(length, d_model):
    t = torch.arange(length)[:, None]
    angles = t / 10000 ** (torch.arange((d_model + 1) // 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model]


@misconception(
    "sinusoidal_positions",
    "You count positions from 1. The first position is 0: all its sines are 0 and all its cosines 1.",
)
def counted_from_one(length, d_model):
    t = torch.arange(1, length + 1)[:, None]
    angles = t / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model]


@misconception(
    "sinusoidal_positions",
    "You count in steps of two and double once more, so your exponent is 4i/D: the wavelengths grow twice as fast as "
    "they should. What steps by two is 2i already.",
)
def exponent_doubled_twice(length, d_model):
    t = torch.arange(length, dtype=torch.float64)[:, None]
    angles = t / 10000 ** (2 * torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model].float()


@misconception(
    "sinusoidal_positions",
    "You divide the position by a rate that is 1/10000^(2i/D) already, so the slow pairs turn fastest. One divides "
    "by a wavelength and multiplies by a rate.",
)
def divided_by_the_rate(length, d_model):
    t = torch.arange(length, dtype=torch.float64)[:, None]
    rate = torch.exp(torch.arange(0, d_model, 2, dtype=torch.float64) * (-math.log(10000.0) / d_model))
    angles = t / rate
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model].float()


@misconception(
    "sinusoidal_positions",
    "Your base is 1,000. The paper uses 10,000, and its slowest pairs turn more slowly than yours.",
)
def base_of_a_thousand(length, d_model):
    t = torch.arange(length, dtype=torch.float64)[:, None]
    angles = t / 1000 ** (torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model].float()


# t13.5 LayerNorm


@misconception(
    "LayerNorm",
    "Your variance is divided by D − 1, the default of `var` and `std`. LayerNorm divides by D.",
    replaces="LayerNorm.forward",
)
def unbiased_variance(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    return self.weight * (x - mean) / torch.sqrt(x.var(dim=-1, keepdim=True) + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You add ε to the standard deviation. Add it to the variance, inside the root.",
    replaces="LayerNorm.forward",
)
def epsilon_outside_the_root(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    deviation = torch.sqrt(x.var(dim=-1, keepdim=True, unbiased=False))
    return self.weight * (x - mean) / (deviation + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You normalise each feature over all positions, as in batch norm. Here each position is normalised "
    "over its own features, so the result does not depend on the rest of the batch.",
    replaces="LayerNorm.forward",
)
def normalised_over_the_batch(self, x):
    others = tuple(range(x.dim() - 1)) or (0,)
    mean = x.mean(dim=others, keepdim=True)
    variance = x.var(dim=others, keepdim=True, unbiased=False)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You take mean and variance over the whole input. Each position has its own, over the last axis.",
    replaces="LayerNorm.forward",
)
def one_mean_for_everything(self, x):
    variance = x.var(unbiased=False)
    return self.weight * (x - x.mean()) / torch.sqrt(variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You divide by the variance. Divide by its root, so that the result has variance one.",
    replaces="LayerNorm.forward",
)
def divided_by_the_variance(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, unbiased=False)
    return self.weight * (x - mean) / (variance + self.eps) + self.bias


@misconception(
    "LayerNorm",
    "You leave out weight and bias. They let a layer undo the normalisation where that helps.",
    replaces="LayerNorm.forward",
)
def scale_and_shift_left_out(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, unbiased=False)
    return (x - mean) / torch.sqrt(variance + self.eps)


# t13.6 FeedForward


@misconception(
    "FeedForward",
    "There is no ReLU between your two layers. Two linear layers in a row are equivalent to one linear layer.",
    replaces="FeedForward.forward",
)
def relu_left_out(self, x):
    return self.linear2(self.linear1(x))


@misconception(
    "FeedForward",
    "Your ReLU comes last, so the network can only add positive numbers, and its hidden layer is linear. "
    "It belongs between the two layers.",
    replaces="FeedForward.forward",
)
def relu_at_the_end(self, x):
    return torch.relu(self.linear2(self.linear1(x)))


@misconception(
    "FeedForward",
    "You have a ReLU after both layers. There is none after the second: its result is added to x and may "
    "be negative.",
    replaces="FeedForward.forward",
)
def relu_after_both(self, x):
    return torch.relu(self.linear2(torch.relu(self.linear1(x))))


@misconception(
    "FeedForward",
    "You use GELU, as many later models do. The paper's network has a ReLU.",
    replaces="FeedForward.forward",
)
def gelu_for_relu(self, x):
    return self.linear2(nn.functional.gelu(self.linear1(x)))


# t13.7 EncoderLayer


@misconception(
    "EncoderLayer",
    "You normalise the sublayer's output and then add x. Post-norm normalises the sum.",
    replaces="EncoderLayer.forward",
)
def residual_after_the_norm(self, x, mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, mask)[0])
        return x + self.dropout(self.feed_forward(self.norm2(x)))
    x = x + self.norm1(self.dropout(self.self_attention(x, x, x, mask)[0]))
    return x + self.norm2(self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "Your layer has no residual connections: add the result of each sublayer to its input x.",
    replaces="EncoderLayer.forward",
)
def residuals_left_out(self, x, mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = self.dropout(self.self_attention(y, y, y, mask)[0])
        return self.dropout(self.feed_forward(self.norm2(x)))
    x = self.norm1(self.dropout(self.self_attention(x, x, x, mask)[0]))
    return self.norm2(self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "In pre-norm you overwrite x with its normalised form and add to that. Only the sublayer reads the "
    "normalised x; add its result to the original x.",
    replaces="EncoderLayer.forward",
)
def normalised_x_in_the_residual(self, x, mask=None):
    if self.norm_first:
        x = self.norm1(x)
        x = x + self.dropout(self.self_attention(x, x, x, mask)[0])
        x = self.norm2(x)
        return x + self.dropout(self.feed_forward(x))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, mask)[0]))
    return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "You never use norm_first: your layer is always post-norm.",
    replaces="EncoderLayer.forward",
)
def norm_first_ignored(self, x, mask=None):
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, mask)[0]))
    return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "You do not pass the mask to the attention, so every position sees the padding.",
    replaces="EncoderLayer.forward",
)
def mask_not_handed_on(self, x, mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y)[0])
        return x + self.dropout(self.feed_forward(self.norm2(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x)[0]))
    return self.norm2(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "You use norm1 twice and never norm2. Each sublayer has its own norm with its own parameters.",
    replaces="EncoderLayer.forward",
)
def one_norm_for_both(self, x, mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, mask)[0])
        return x + self.dropout(self.feed_forward(self.norm1(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, mask)[0]))
    return self.norm1(x + self.dropout(self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "You apply dropout to the sum, so parts of x are dropped as well. Apply it to the sublayer's output "
    "before the sum.",
    replaces="EncoderLayer.forward",
)
def dropout_on_the_sum(self, x, mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = self.dropout(x + self.self_attention(y, y, y, mask)[0])
        return self.dropout(x + self.feed_forward(self.norm2(x)))
    x = self.norm1(self.dropout(x + self.self_attention(x, x, x, mask)[0]))
    return self.norm2(self.dropout(x + self.feed_forward(x)))


@misconception(
    "EncoderLayer",
    "You never use dropout. Apply it to the output of each sublayer.",
    replaces="EncoderLayer.forward",
)
def dropout_left_out(self, x, mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.self_attention(y, y, y, mask)[0]
        return x + self.feed_forward(self.norm2(x))
    x = self.norm1(x + self.self_attention(x, x, x, mask)[0])
    return self.norm2(x + self.feed_forward(x))


@misconception(
    "EncoderLayer",
    "You drop numbers in eval mode as well: `nn.functional.dropout` drops unless it is told that this is no training. "
    "train() and eval() set the mode of the module that you keep, and of it alone.",
    replaces="EncoderLayer.forward",
)
def dropped_in_eval_mode_too(self, x, mask=None):
    def drop(y):
        return nn.functional.dropout(y, self.dropout.p)

    if self.norm_first:
        y = self.norm1(x)
        x = x + drop(self.self_attention(y, y, y, mask)[0])
        return x + drop(self.feed_forward(self.norm2(x)))
    x = self.norm1(x + drop(self.self_attention(x, x, x, mask)[0]))
    return self.norm2(x + drop(self.feed_forward(x)))


# t13.8 DecoderLayer


@misconception(
    "DecoderLayer",
    "Your cross-attention takes its keys and values from the decoder, so the layer never reads the source. They "
    "come from the memory.",
    replaces="DecoderLayer.forward",
)
def keys_from_the_decoder(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        y = self.norm2(x)
        x = x + self.dropout(self.cross_attention(y, y, y, self_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    x = self.norm2(x + self.dropout(self.cross_attention(x, x, x, self_mask)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "You attend to the memory first and to the target afterwards. The self-attention comes first, then "
    "the cross-attention.",
    replaces="DecoderLayer.forward",
)
def memory_before_the_target(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        x = x + self.dropout(self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0])
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "In pre-norm you apply norm2 to the memory as well. That norm is for x only; the memory is used as "
    "the encoder returned it.",
    replaces="DecoderLayer.forward",
)
def memory_normalised(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        seen = self.norm2(memory)
        x = x + self.dropout(self.cross_attention(self.norm2(x), seen, seen, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "You do not use the memory's mask, so the source's padding receives attention.",
    replaces="DecoderLayer.forward",
)
def memory_mask_not_used(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        x = x + self.dropout(self.cross_attention(self.norm2(x), memory, memory)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "You do not use the self-attention's mask, so each word sees the words that come after it.",
    replaces="DecoderLayer.forward",
)
def self_mask_not_used(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y)[0])
        x = x + self.dropout(self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x)[0]))
    x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "The result of your cross-attention replaces x. Add it to x, like the result of every sublayer.",
    replaces="DecoderLayer.forward",
)
def no_residual_around_the_memory(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        x = self.dropout(self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    x = self.norm2(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "You normalise the sublayers' outputs and then add x. Post-norm normalises the sum.",
    replaces="DecoderLayer.forward",
)
def decoder_residual_after_the_norm(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        x = x + self.dropout(self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = x + self.norm1(self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    x = x + self.norm2(self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return x + self.norm3(self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "Your two masks have changed places. `self_mask` says what of x is seen and belongs to the self-attention, "
    "`memory_mask` says it of the memory.",
    replaces="DecoderLayer.forward",
)
def masks_exchanged(self, x, memory, self_mask=None, memory_mask=None):
    self_mask, memory_mask = memory_mask, self_mask
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
        x = x + self.dropout(self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0])
        return x + self.dropout(self.feed_forward(self.norm3(x)))
    x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
    x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
    return self.norm3(x + self.dropout(self.feed_forward(x)))


@misconception(
    "DecoderLayer",
    "You never use dropout. It falls on what each of the three sublayers returns, while training.",
    replaces="DecoderLayer.forward",
)
def decoder_dropout_left_out(self, x, memory, self_mask=None, memory_mask=None):
    if self.norm_first:
        y = self.norm1(x)
        x = x + self.self_attention(y, y, y, self_mask)[0]
        x = x + self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0]
        return x + self.feed_forward(self.norm3(x))
    x = self.norm1(x + self.self_attention(x, x, x, self_mask)[0])
    x = self.norm2(x + self.cross_attention(x, memory, memory, memory_mask)[0])
    return self.norm3(x + self.feed_forward(x))


# t13.9 Transformer


@misconception(
    "Transformer",
    "You do not multiply the embeddings by √D, so the positions count too much beside them.",
    replaces="Transformer._embed",
)
def embeddings_not_scaled(self, embedding, tokens):
    x = embedding(tokens)
    return x + sinusoidal_positions(tokens.shape[1], x.shape[-1]).to(x)


@misconception(
    "Transformer",
    "You scale the positions along with the embeddings. Only the embeddings are multiplied by √D.",
    replaces="Transformer._embed",
)
def positions_scaled_too(self, embedding, tokens):
    x = embedding(tokens)
    return math.sqrt(x.shape[-1]) * (x + sinusoidal_positions(tokens.shape[1], x.shape[-1]).to(x))


@misconception(
    "Transformer",
    "You add no positions. Attention does not see order: for this model a sentence is a set of words.",
    replaces="Transformer._embed",
)
def positions_left_out(self, embedding, tokens):
    x = embedding(tokens)
    return math.sqrt(x.shape[-1]) * x


@misconception(
    "Transformer",
    "Your decoder sees the words that it should predict: its self-attention lacks the causal mask.",
    replaces="Transformer.decode",
)
def decoder_sees_the_future(self, inputs, memory, source_mask):
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, (inputs != self.pad)[:, None], source_mask[:, None])
    return self.output(x)


@misconception(
    "Transformer",
    "Your decoder hides later words but not the padding among its own inputs.",
    replaces="Transformer.decode",
)
def target_padding_visible(self, inputs, memory, source_mask):
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, causal_mask(inputs.shape[1]), source_mask[:, None])
    return self.output(x)


@misconception(
    "Transformer",
    "In your encoder every word sees the padding. Use the source mask there, too.",
    replaces="Transformer.encode",
)
def encoder_sees_padding(self, source):
    x = self._embed(self.source_embedding, source)
    for layer in self.encoder:
        x = layer(x)
    return x, source != self.pad


@misconception(
    "Transformer",
    "Your decoder attends to the source's padding: pass the source mask to the cross-attention of every "
    "layer.",
    replaces="Transformer.decode",
)
def decoder_sees_source_padding(self, inputs, memory, source_mask):
    visible = causal_mask(inputs.shape[1]) & (inputs != self.pad)[:, None]
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, visible)
    return self.output(x)


@misconception(
    "Transformer",
    "You return probabilities. Logits are the scores of the words before any softmax.",
    replaces="Transformer.decode",
)
def probabilities_for_logits(self, inputs, memory, source_mask):
    visible = causal_mask(inputs.shape[1]) & (inputs != self.pad)[:, None]
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, visible, source_mask[:, None])
    return self.output(x).softmax(dim=-1)


@misconception(
    "Transformer",
    "Your decoder hands the source mask (B, S) to the cross-attention as it is. There a mask of two axes is (T, S), a row "
    "for each query: query number b is masked like sentence number b. Give it the axis of the queries.",
    replaces="Transformer.decode",
)
def sentences_taken_for_rows(self, inputs, memory, source_mask):
    visible = causal_mask(inputs.shape[1]) & (inputs != self.pad)[:, None]
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, visible, source_mask)
    return self.output(x)


# t13.10 noam_rate


@misconception(
    "noam_rate",
    "Your rate has no warm-up: it is highest in the first step, when the gradients are least reliable.",
)
def no_warm_up(step, d_model, warmup):
    return d_model**-0.5 * max(step, 1) ** -0.5


@misconception(
    "noam_rate",
    "You take the larger of the two expressions, so the rate first falls and then rises without end.",
)
def the_larger_of_the_two(step, d_model, warmup):
    step = max(step, 1)
    return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_rate",
    "Your rate does not depend on the model's size. A larger model gets a smaller rate.",
)
def size_left_out(step, d_model, warmup):
    step = max(step, 1)
    return min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_rate",
    "Your warm-up ends in a jump: the rising and the falling part do not meet, because the exponent of "
    "`warmup` is wrong.",
)
def warm_up_too_steep(step, d_model, warmup):
    step = max(step, 1)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-0.5)


# t13.11 label_smoothing_loss


@misconception(
    "label_smoothing_loss",
    "You give padding a share of ε, as if it were a word. Its target probability is 0, and only the other "
    "words share.",
)
def share_for_padding(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, smoothing / (logits.shape[-1] - 1))
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    real = targets != pad
    return (-(q * log_probs).sum(dim=-1) * real).sum() / real.sum().clamp(min=1)


@misconception(
    "label_smoothing_loss",
    "You spread ε over all V words, the right one and padding included, as F.cross_entropy does. Here "
    "only the V − 2 words that are neither share it.",
)
def share_for_everyone(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    right = log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    loss = -(1.0 - smoothing) * right - smoothing * log_probs.mean(dim=-1)
    real = targets != pad
    return (loss * real).sum() / real.sum().clamp(min=1)


@misconception(
    "label_smoothing_loss",
    "You never smooth: the right word has target probability 1 for every ε.",
)
def no_smoothing(logits, targets, smoothing, pad):
    loss = -logits.log_softmax(dim=-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    real = targets != pad
    return (loss * real).sum() / real.sum().clamp(min=1)


@misconception(
    "label_smoothing_loss",
    "You divide by the number of all positions. Divide by the number of real tokens.",
)
def mean_over_padding(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, smoothing / (logits.shape[-1] - 2))
    q[..., pad] = 0.0
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    return (-(q * log_probs).sum(dim=-1) * (targets != pad)).mean()


@misconception(
    "label_smoothing_loss",
    "Positions whose target is padding count in your loss, so the model learns to write padding.",
)
def padding_learned(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, smoothing / (logits.shape[-1] - 2))
    q[..., pad] = 0.0
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    return -(q * log_probs).sum(dim=-1).mean()


@misconception(
    "label_smoothing_loss",
    "A batch of nothing but padding gives NaN: you divide by zero tokens. Its loss is 0.",
)
def nan_without_a_real_token(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, smoothing / (logits.shape[-1] - 2))
    q[..., pad] = 0.0
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    real = targets != pad
    return -(q * log_probs).sum(dim=-1)[real].mean()


@misconception(
    "label_smoothing_loss",
    "You take the logarithm of a softmax that has rounded to zero. Logits of ±10,000 make it infinite: there is a "
    "function that does both at once.",
)
def logarithm_of_zero(logits, targets, smoothing, pad):
    log_probs = logits.softmax(dim=-1).log()
    q = torch.full_like(log_probs, smoothing / (logits.shape[-1] - 2))
    q[..., pad] = 0.0
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    real = targets != pad
    return (-(q * log_probs).sum(dim=-1) * real).sum() / real.sum().clamp(min=1)


@misconception(
    "label_smoothing_loss",
    "Each other word is expected with a whole share of 1, where together they should get ε: what you add to the loss "
    "lacks its ε.",
)
def share_without_epsilon(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, 1.0 / (logits.shape[-1] - 2))
    q[..., pad] = 0.0
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    real = targets != pad
    return (-(q * log_probs).sum(dim=-1) * real).sum() / real.sum().clamp(min=1)


@misconception(
    "label_smoothing_loss",
    "You add the mean over all V words without weighing it: it should count with ε, and only over the words that are neither "
    "right nor padding.",
)
def mean_of_all_words_not_weighed(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    right = log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    loss = -(1.0 - smoothing) * right - log_probs.mean(dim=-1)
    real = targets != pad
    return (loss * real).sum() / real.sum().clamp(min=1)


@misconception(
    "label_smoothing_loss",
    "Each word is expected with 1/V, the right one with 1 − ε: your ε is not what is shared out. A target adds up to 1, "
    "and the others have ε between them.",
)
def one_share_of_v(logits, targets, smoothing, pad):
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, 1.0 / logits.shape[-1])
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)
    real = targets != pad
    return (-(q * log_probs).sum(dim=-1) * real).sum() / real.sum().clamp(min=1)
