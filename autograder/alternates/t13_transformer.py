"""Correct answers to t13 of another shape than the reference: all of them get full marks."""

import math

import torch
from torch import nn

from attend.course.bank import alternate

# t13.1 scaled_dot_product_attention


@alternate(
    "scaled_dot_product_attention",
    why=(
        "The letters name every axis, so no matrix is transposed. "
        "`nan_to_num` hides every NaN, also that of another error."
    ),
)
def attention_by_einsum(queries, keys, values, mask=None):
    scores = torch.einsum("...td,...sd->...ts", queries, keys) * queries.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = torch.where(mask.any(dim=-1, keepdim=True), weights, 0.0).nan_to_num(0.0)
    return torch.einsum("...ts,...sv->...tv", weights, values), weights


@alternate(
    "scaled_dot_product_attention",
    why=(
        "The softmax is written out, so each step can be printed, and hidden scores never reach `exp`. "
        "PyTorch's `softmax` does it in one call."
    ),
)
def attention_from_exponentials(queries, keys, values, mask=None):
    scores = torch.matmul(queries / math.sqrt(queries.size(-1)), keys.mT)
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.broadcast_to(scores.shape)
    highest = scores.detach().masked_fill(~allowed, torch.finfo(scores.dtype).min).amax(dim=-1, keepdim=True)
    exp = torch.exp((scores - highest).masked_fill(~allowed, 0.0)) * allowed
    total = exp.sum(dim=-1, keepdim=True)
    weights = exp / torch.where(total == 0, 1.0, total)
    return torch.matmul(weights, values), weights


# t13.2 causal_mask


@alternate(
    "causal_mask",
    why="It states the rule: t may see s if t ≥ s. A reader must see how (T, 1) and (1, T) broadcast.",
)
def causal_mask_by_comparison(length):
    position = torch.arange(length)
    return position[:, None] >= position[None, :]


@alternate(
    "causal_mask",
    why="It reads like the definition, entry by entry. Python computes T × T entries one by one.",
)
def causal_mask_row_by_row(length):
    return torch.tensor([[s <= t for s in range(length)] for t in range(length)])


# t13.3 MultiHeadAttention


@alternate(
    "MultiHeadAttention",
    why=(
        "Each head is plain attention on its three parts, so no axis for heads is needed. "
        "Python loops over N heads."
    ),
)
class heads_in_a_loop(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        if d_model // num_heads * num_heads != d_model:
            raise ValueError("d_model must be a multiple of num_heads")
        self.size = d_model // num_heads
        self.out_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.q_proj = nn.Linear(d_model, d_model)

    def forward(self, queries, keys, values, mask=None):
        parts = [
            projected.split(self.size, dim=-1)
            for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
        ]
        outputs, weights = [], []
        for head, (q, k, v) in enumerate(zip(*parts, strict=True)):
            seen = mask
            if mask is not None and mask.dim() == 4:
                seen = mask[:, head if mask.shape[1] > 1 else 0]
            output, weight = scaled_dot_product_attention(q, k, v, seen)
            outputs.append(output)
            weights.append(weight)
        return self.out_proj(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


@alternate(
    "MultiHeadAttention",
    replaces="MultiHeadAttention.forward",
    why=(
        "`view` and `permute` write all four sizes out. "
        "`contiguous` copies queries, keys, values and the output."
    ),
)
def heads_by_view_and_permute(self, queries, keys, values, mask=None):
    B, T, D = queries.shape
    S, N = keys.shape[1], self.num_heads

    def cut(x, length):
        return x.view(B, length, N, D // N).permute(0, 2, 1, 3).contiguous()

    if mask is not None:
        while mask.dim() < 3:
            mask = mask[None]
        if mask.dim() == 3:
            mask = mask[:, None]
        mask = mask.expand(B, N, T, S)
    q, k, v = cut(self.q_proj(queries), T), cut(self.k_proj(keys), S), cut(self.v_proj(values), S)
    context, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(context.permute(0, 2, 1, 3).contiguous().view(B, T, D)), weights


@alternate(
    "MultiHeadAttention",
    replaces="MultiHeadAttention.forward",
    why=(
        "Heads are one larger batch of N × B sentences, with three axes only. "
        "The mask must be repeated and ordered in the same way."
    ),
)
def heads_in_front_of_the_batch(self, queries, keys, values, mask=None):
    B, N = len(queries), self.num_heads
    q, k, v = (
        torch.cat(projected.chunk(N, dim=-1))  # (N · B, T or S, D / N)
        for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
    )
    if mask is not None and mask.dim() == 3:
        mask = mask.repeat(N, 1, 1)
    elif mask is not None and mask.dim() == 4:
        mask = mask.expand(B, N, -1, -1).transpose(0, 1).flatten(0, 1)
    heads, weights = scaled_dot_product_attention(q, k, v, mask)
    return self.out_proj(torch.cat(heads.chunk(N), dim=-1)), torch.stack(weights.chunk(N), dim=1)


# t13.4 sinusoidal_positions


@alternate(
    "sinusoidal_positions",
    why=(
        "Two slices fill even and odd columns, as the formula says. "
        "Angles in float32 get rough at far positions."
    ),
)
def positions_by_slices(length, d_model):
    position = torch.arange(length, dtype=torch.float).unsqueeze(1)
    speed = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * speed)
    table[:, 1::2] = torch.cos(position * speed)[:, : d_model // 2]
    return table


@alternate(
    "sinusoidal_positions",
    why=(
        "A cosine is a sine shifted by π/2, so one formula fills all columns. "
        "It computes every angle twice, for T × D angles in all."
    ),
)
def positions_by_shifted_sines(length, d_model):
    column = torch.arange(d_model, dtype=torch.float64)
    pair = 2 * torch.div(column, 2, rounding_mode="floor")
    angles = torch.arange(length, dtype=torch.float64).unsqueeze(1) * torch.pow(10000.0, -pair / d_model)
    return torch.sin(angles + math.pi / 2 * (column % 2)).to(torch.float32)


# t13.5 LayerNorm


@alternate(
    "LayerNorm",
    why=(
        "x − mean is computed once and used for both the variance and the result. "
        "Few readers know `addcmul`, which scales and shifts."
    ),
)
class norm_of_centred_values(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.pow(2).mean(-1, keepdim=True)
        return torch.addcmul(self.bias, self.weight, centred * torch.rsqrt(variance + self.eps))


@alternate(
    "LayerNorm",
    replaces="LayerNorm.forward",
    why=(
        "`var_mean` returns variance and mean in one call. "
        "A reader must remember that `correction=0` is the biased variance."
    ),
)
def norm_by_var_mean(self, x):
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return (x - mean) / (variance + self.eps) ** 0.5 * self.weight + self.bias


# t13.6 FeedForward


@alternate(
    "FeedForward",
    why="The two products and biases are visible, as in the formula. It repeats what `nn.Linear` does.",
)
class products_and_a_clamp(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.linear2 = nn.Linear(d_ff, d_model)
        self.linear1 = nn.Linear(d_model, d_ff)

    def forward(self, x):
        hidden = torch.einsum("...d,hd->...h", x, self.linear1.weight) + self.linear1.bias
        return hidden.clamp(min=0.0) @ self.linear2.weight.mT + self.linear2.bias


@alternate(
    "FeedForward",
    replaces="FeedForward.forward",
    why=(
        "Two convolutions of width 1 are the same network, as the paper says. "
        "Positions must become the last axis and go back again."
    ),
)
def network_as_convolutions(self, x):
    columns = x.reshape(-1, x.shape[-1]).T  # (D, positions)
    hidden = nn.functional.conv1d(columns, self.linear1.weight.unsqueeze(-1), self.linear1.bias)
    written = nn.functional.conv1d(hidden.relu(), self.linear2.weight.unsqueeze(-1), self.linear2.bias)
    return written.T.reshape(x.shape)


@alternate("FeedForward", replaces="FeedForward.forward")
def network_by_functions(self, x):
    hidden = nn.functional.relu(nn.functional.linear(x, self.linear1.weight, self.linear1.bias))
    return nn.functional.linear(hidden, self.linear2.weight, self.linear2.bias)


# t13.7 EncoderLayer


@alternate(
    "EncoderLayer",
    why=(
        "One method holds norm, dropout and residual, so pre-norm and post-norm are decided once. "
        "A reader must follow functions as arguments."
    ),
)
class encoder_sublayers_wrapped(nn.Module):
    def __init__(self, d_model, num_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.self_attention = MultiHeadAttention(d_model, num_heads)

    def around(self, x, norm, sublayer):
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))

    def forward(self, x, mask=None):
        x = self.around(x, self.norm1, lambda y: self.self_attention(y, y, y, mask)[0])
        return self.around(x, self.norm2, self.feed_forward)


@alternate(
    "EncoderLayer",
    replaces="EncoderLayer.forward",
    why=(
        "`nn.Identity` stands for the norm that is not used, so both kinds share their lines. "
        "Two tuples of norms must be kept apart."
    ),
)
def encoder_layer_step_by_step(self, x, mask=None):
    before, after = (self.norm1, self.norm2), (nn.Identity(), nn.Identity())
    if not self.norm_first:
        before, after = after, before
    y = before[0](x)
    attended, _ = self.self_attention(queries=y, keys=y, values=y, mask=mask)
    x = after[0](x + self.dropout(attended))
    x = after[1](x + self.dropout(self.feed_forward(before[1](x))))
    return x


# t13.8 DecoderLayer


@alternate(
    "DecoderLayer",
    why=(
        "A loop over three sublayers shows that norm, dropout and residual are the same for all. "
        "Two inner functions fix the masks."
    ),
)
class decoder_sublayers_in_a_loop(nn.Module):
    def __init__(self, d_model, num_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.norm_first = norm_first
        self.cross_attention = MultiHeadAttention(d_model, num_heads)
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        for number in (1, 2, 3):
            setattr(self, f"norm{number}", LayerNorm(d_model))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        def look(y):
            return self.self_attention(y, y, y, self_mask)[0]

        def ask(y):
            return self.cross_attention(y, memory, memory, memory_mask)[0]

        norms = (self.norm1, self.norm2, self.norm3)
        for norm, sublayer in zip(norms, (look, ask, self.feed_forward), strict=True):
            if self.norm_first:
                x = x + self.dropout(sublayer(norm(x)))
            else:
                x = norm(x + self.dropout(sublayer(x)))
        return x


@alternate(
    "DecoderLayer",
    replaces="DecoderLayer.forward",
    why=(
        "`nn.Identity` stands for the norm that is not used, so both kinds share their lines. "
        "Two tuples of norms must be kept apart."
    ),
)
def decoder_layer_step_by_step(self, x, memory, self_mask=None, memory_mask=None):
    before, after = (self.norm1, self.norm2, self.norm3), (nn.Identity(),) * 3
    if not self.norm_first:
        before, after = after, before
    y = before[0](x)
    x = after[0](x + self.dropout(self.self_attention(y, y, y, mask=self_mask)[0]))
    y = before[1](x)
    x = after[1](x + self.dropout(self.cross_attention(y, memory, memory, mask=memory_mask)[0]))
    return after[2](x + self.dropout(self.feed_forward(before[2](x))))


# t13.9 Transformer


@alternate(
    "Transformer",
    why=(
        "Embeddings plus positions get dropout too, as in section 5.4 of the paper. "
        "In training, the first layers then read words with numbers missing."
    ),
)
class dropout_on_the_embeddings(nn.Module):
    def __init__(
        self,
        source_vocab,
        target_vocab,
        d_model,
        num_heads,
        num_layers,
        d_ff,
        dropout=0.0,
        pad=0,
    ):
        super().__init__()
        sizes = d_model, num_heads, d_ff, dropout
        self.pad, self.scale = pad, d_model**0.5
        self.output = nn.Linear(d_model, target_vocab)
        self.decoder = nn.ModuleList([DecoderLayer(*sizes) for _ in range(num_layers)])
        self.encoder = nn.ModuleList([EncoderLayer(*sizes) for _ in range(num_layers)])
        self.source_embedding = nn.Embedding(source_vocab, d_model, padding_idx=pad)
        self.target_embedding = nn.Embedding(target_vocab, d_model, padding_idx=pad)
        self.embedding_dropout = nn.Dropout(dropout)

    def with_positions(self, embedded):
        positions = sinusoidal_positions(embedded.shape[1], embedded.shape[2])
        return self.embedding_dropout(embedded * self.scale + positions.to(embedded.dtype))

    def encode(self, source):
        x, mask = self.with_positions(self.source_embedding(source)), source.ne(self.pad)
        for layer in self.encoder:
            x = layer(x, mask[:, None, None, :])
        return x, mask

    def decode(self, inputs, memory, source_mask):
        x = self.with_positions(self.target_embedding(inputs))
        self_mask = causal_mask(inputs.shape[1])[None, None] & inputs.ne(self.pad)[:, None, None, :]
        for layer in self.decoder:
            x = layer(x, memory, self_mask=self_mask, memory_mask=source_mask[:, None, None, :])
        return self.output(x)

    def forward(self, source, inputs):
        return self.decode(inputs, *self.encode(source))


@alternate(
    "Transformer",
    replaces="Transformer.decode",
    why=(
        "Both masks have their full sizes, so a reader need not think of broadcasting. "
        "B, T and S must be written out for it."
    ),
)
def decode_with_full_masks(self, inputs, memory, source_mask):
    B, T = inputs.shape
    real = (inputs != self.pad).unsqueeze(1).expand(B, T, T)
    visible = torch.logical_and(real, causal_mask(T).unsqueeze(0))
    seen = source_mask.unsqueeze(1).expand(B, T, memory.shape[1])
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, self_mask=visible, memory_mask=seen)
    return self.output(x)


@alternate(
    "Transformer",
    replaces="Transformer.decode",
    why=(
        "Padding attends to nothing, so one rule holds: real words attend to real words. "
        "Its own logits change, which no loss reads."
    ),
)
def decode_among_real_words_only(self, inputs, memory, source_mask):
    real = inputs != self.pad
    visible = causal_mask(inputs.shape[1]) & real[:, None, :] & real[:, :, None]  # at padding, nothing at all
    x = self._embed(self.target_embedding, inputs)
    for layer in self.decoder:
        x = layer(x, memory, visible, real[:, :, None] & source_mask[:, None, :])
    return self.output(x)


# t13.10 noam_rate


@alternate(
    "noam_rate",
    why="Two cases show when the rate rises and when it falls. Two formulas must agree at the peak.",
)
def noam_rate_by_cases(step, d_model, warmup):
    step = step or 1
    if step <= warmup:
        return step / (math.sqrt(d_model) * warmup * math.sqrt(warmup))
    return 1 / math.sqrt(d_model * step)


@alternate(
    "noam_rate",
    why=(
        "The first factor is the highest rate, and progress is 1 there. "
        "A reader must work out that it is the formula of the paper."
    ),
)
def noam_rate_from_its_peak(step, d_model, warmup):
    progress = max(1, step) / warmup
    return (d_model * warmup) ** -0.5 * min(progress, progress**-0.5)


# t13.11 label_smoothing_loss


@alternate(
    "label_smoothing_loss",
    why=(
        "The smoothed distribution is never made: three sums replace B × T × V numbers. "
        "The formula is harder to recognise."
    ),
)
def smoothing_by_sums(logits, targets, smoothing, pad):
    log_probs = logits - logits.logsumexp(dim=-1, keepdim=True)
    right = log_probs.gather(-1, targets[..., None])[..., 0]
    others = log_probs.sum(dim=-1) - right - log_probs[..., pad]
    loss = -(1 - smoothing) * right - smoothing / (logits.shape[-1] - 2) * others
    real = targets != pad
    return loss.masked_fill(~real, 0.0).sum() / max(int(real.sum()), 1)


@alternate(
    "label_smoothing_loss",
    why=(
        "Padding is removed first, and the loss is KL divergence plus entropy. "
        "Indexing copies the logits, and a batch of padding is a special case."
    ),
)
def smoothing_of_real_tokens_only(logits, targets, smoothing, pad):
    real = targets != pad
    if not real.any():
        return (logits * 0.0).sum()
    log_probs, words = nn.functional.log_softmax(logits[real], dim=-1), targets[real]
    q = torch.zeros_like(log_probs) + smoothing / (log_probs.shape[-1] - 2)
    q[:, pad] = 0
    q[torch.arange(len(words)), words] = 1 - smoothing
    return nn.functional.kl_div(log_probs, q, reduction="sum") / len(words) + torch.special.entr(
        q
    ).sum() / len(words)
