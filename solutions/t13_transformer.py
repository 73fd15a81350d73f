"""The transformer: every word attends to every other word, with no recurrence.

Several heads attend in parallel, and a small network works on each position. Residual connections and layer norms make
deep stacks trainable; sinusoids encode the positions.
Where nothing else is said, answers have the dtype of the inputs and let gradients through to all of them.

Papers: Vaswani et al. 2017; Ba et al. 2016 (layer normalisation); Szegedy et al. 2016 and Rush 2018 (label smoothing);
Xiong et al. 2020 (pre-norm).
Page:   docs/topics/t13_transformer
Check:  attend check t13
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def scaled_dot_product_attention(
    queries: Float[Tensor, "... T D"],
    keys: Float[Tensor, "... S D"],
    values: Float[Tensor, "... S Dv"],
    mask: Bool[Tensor, "... #T #S"] | None = None,
) -> tuple[Float[Tensor, "... T Dv"], Float[Tensor, "... T S"]]:
    """Attend with every query to the values.

        Attention(Q, K, V) = softmax(Q Kᵀ / √D) V

    Args:
        queries: Q (..., T, D). In a head, this D is the size of the head.
        keys: K (..., S, D).
        values: V (..., S, Dv).
        mask: broadcasts to (..., T, S), True where attention is allowed. None allows everything.

    Returns:
        The output (..., T, Dv) and the weights (..., T, S); both zero where nothing is allowed, with gradients that
        are finite there too. Scores of ±100,000 are ordinary, hidden or not.

    Source: Vaswani et al. 2017, equation 1.

    >>> keys = torch.tensor([[0.0, 0.0], [1.5537, 0.0]])  # 1.5537 / √2 is ln 3
    >>> output, weights = scaled_dot_product_attention(torch.tensor([[1.0, 0.0]]), keys, torch.tensor([[8.0], [4.0]]))
    >>> output.round(decimals=3), weights.round(decimals=3)
    (tensor([[5.]]), tensor([[0.2500, 0.7500]]))
    """
    # BEGIN SOLUTION
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])  # (..., T, S)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        lowest = torch.finfo(scores.dtype).min  # finite: a row of -inf alone would become NaN
        weights = scores.masked_fill(~mask, lowest).softmax(dim=-1) * mask
    return weights @ values, weights
    # END SOLUTION


def causal_mask(length: int) -> Bool[Tensor, "T T"]:
    """True where position t may see position s: itself and all positions before it.

    Source: Vaswani et al. 2017, section 3.2.3.

    >>> causal_mask(3)
    tensor([[ True, False, False],
            [ True,  True, False],
            [ True,  True,  True]])
    """
    # BEGIN SOLUTION
    return torch.ones(length, length, dtype=torch.bool).tril()
    # END SOLUTION


class MultiHeadAttention(nn.Module):
    """Attention in N heads of size D / N, each on its own projections.

        head_n = Attention(Q W_n^Q, K W_n^K, V W_n^V)        output = [head_1; …; head_N] W^O

    `q_proj`, `k_proj`, `v_proj` and `out_proj` are `nn.Linear` of size D × D with bias. Of what the first three return,
    the first head reads the first D / N features, the second head the next D / N, and so on.

    Args:
        d_model: D, a multiple of `num_heads`.
        num_heads: N.

    Raises:
        ValueError: `d_model` is not a multiple of `num_heads`.

    Source: Vaswani et al. 2017, section 3.2.2, with biases as in PyTorch.

    Two heads of size 1: only the keys of the first head differ.

    >>> attention = MultiHeadAttention(d_model=2, num_heads=2)
    >>> for linear in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj):
    ...     _ = nn.init.eye_(linear.weight), nn.init.zeros_(linear.bias)
    >>> memory = torch.tensor([[[0.0, 8.0], [1.0986, 8.0]]])  # 1.0986 is ln 3
    >>> output, weights = attention(torch.tensor([[[1.0, 1.0]]]), memory, memory)
    >>> weights.detach().round(decimals=3)
    tensor([[[[0.2500, 0.7500]],
    <BLANKLINE>
             [[0.5000, 0.5000]]]])
    >>> output.detach().round(decimals=3)
    tensor([[[0.8240, 8.0000]]])
    """

    def __init__(self, d_model: int, num_heads: int):
        super().__init__()
        # BEGIN SOLUTION
        if d_model % num_heads:
            raise ValueError(f"d_model {d_model} is no multiple of num_heads {num_heads}")
        self.num_heads = num_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)
        # END SOLUTION

    def forward(
        self,
        queries: Float[Tensor, "B T D"],
        keys: Float[Tensor, "B S D"],
        values: Float[Tensor, "B S D"],
        mask: Bool[Tensor, "..."] | None = None,
    ) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B N T S"]]:
        """Attend with all heads at once.

        Args:
            queries: (B, T, D).
            keys: (B, S, D).
            values: (B, S, D).
            mask: (T, S) for all, (B, T, S) for each sentence, (B, N, T, S) for each head, or what broadcasts to
                one of these; True where attention is allowed.

        Returns:
            The output (B, T, D) and the weights (B, N, T, S). Where nothing is allowed, with large scores and in the
            gradients, each head does what `scaled_dot_product_attention` does.
        """
        # BEGIN SOLUTION
        q, k, v = (
            projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)  # (B, N, T or S, D / N)
            for projected in (self.q_proj(queries), self.k_proj(keys), self.v_proj(values))
        )
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)  # (B, 1, T, S)
        heads, weights = scaled_dot_product_attention(q, k, v, mask)
        return self.out_proj(heads.transpose(1, 2).flatten(-2)), weights
        # END SOLUTION


def sinusoidal_positions(length: int, d_model: int) -> Float[Tensor, "T D"]:
    """Sines and cosines of many wavelengths, interleaved.

        PE(t, 2i) = sin(t / 10000^(2i/D))        PE(t, 2i + 1) = cos(t / 10000^(2i/D))

    Args:
        length: T; the positions t are 0 … T − 1.
        d_model: D; if it is odd, the last sine has no cosine.

    Returns:
        PE (T, D), float32.

    Source: Vaswani et al. 2017, section 3.5.

    >>> sinusoidal_positions(2, 4)
    tensor([[0.0000, 1.0000, 0.0000, 1.0000],
            [0.8415, 0.5403, 0.0100, 0.9999]])
    """
    # BEGIN SOLUTION
    t = torch.arange(length, dtype=torch.float64)[:, None]  # in float32, angles far out would be rough
    even = torch.arange(0, d_model, 2, dtype=torch.float64)  # 2i
    angles = t / 10000 ** (even / d_model)  # (T, D / 2, rounded up)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :d_model].float()
    # END SOLUTION


class LayerNorm(nn.Module):
    """Give the features of every position mean 0 and variance 1, then apply a learned scale and shift.

        y = weight · (x − mean) / √(var + ε) + bias        (the biased variance, over the last axis)

    The parameters `weight` and `bias` have size D, ones and zeros at first.

    Args:
        d_model: D.
        eps: ε.

    Source: Ba et al. 2016, equation 3 and equation 4, with an ε as in PyTorch.

    >>> LayerNorm(3)(torch.tensor([0.0, 4.0, 8.0])).detach().round(decimals=4)  # 4 / √(32/3)
    tensor([-1.2247,  0.0000,  1.2247])
    """

    def __init__(self, d_model: int, eps: float = 1e-5):
        super().__init__()
        # BEGIN SOLUTION
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps = eps
        # END SOLUTION

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... D"]:
        """Normalise x (..., D) over its last axis."""
        # BEGIN SOLUTION
        mean = x.mean(dim=-1, keepdim=True)
        variance = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias
        # END SOLUTION


class FeedForward(nn.Module):
    """The same two-layer network at every position.

        FFN(x) = max(0, x W_1 + b_1) W_2 + b_2

    W_1 and b_1 are those of `linear1`, W_2 and b_2 those of `linear2`, both `nn.Linear`.

    Args:
        d_model: D.
        d_ff: the hidden layer's size.

    Source: Vaswani et al. 2017, equation 2.

    >>> network = FeedForward(d_model=1, d_ff=2)
    >>> _ = nn.init.zeros_(network.linear1.bias), nn.init.zeros_(network.linear2.bias)
    >>> _ = network.linear1.weight.data.copy_(torch.tensor([[1.0], [-1.0]]))  # x and −x: ReLU keeps one of them
    >>> _ = network.linear2.weight.data.copy_(torch.tensor([[10.0, 100.0]]))
    >>> network(torch.tensor([[2.0], [-3.0]])).detach()
    tensor([[ 20.],
            [300.]])
    """

    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        # BEGIN SOLUTION
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        # END SOLUTION

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... D"]:
        """x (..., D) → (..., D)."""
        # BEGIN SOLUTION
        return self.linear2(torch.relu(self.linear1(x)))
        # END SOLUTION


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network, each with a residual connection.

        post-norm (the paper):  x = norm(x + dropout(sublayer(x)))
        pre-norm:               x = x + dropout(sublayer(norm(x)))

    The sublayers are `self_attention` with `norm1` and `feed_forward` with `norm2`, of this module's own classes.

    Args:
        d_model: D.
        num_heads: N.
        d_ff: the feed-forward network's hidden size.
        dropout: the probability that a number of a sublayer's output is dropped in training, as `nn.Dropout` does it.
        norm_first: pre-norm instead of post-norm.

    Source: Vaswani et al. 2017, section 3.1 and section 5.4; Xiong et al. 2020, figure 1 (pre-norm).

    If both sublayers return zeros, a pre-norm layer returns x unchanged:

    >>> layer = EncoderLayer(d_model=4, num_heads=2, d_ff=8, norm_first=True)
    >>> for linear in (layer.self_attention.out_proj, layer.feed_forward.linear2):
    ...     _ = nn.init.zeros_(linear.weight), nn.init.zeros_(linear.bias)
    >>> layer(torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])).detach()
    tensor([[[1., 2., 3., 4.]]])
    """

    def __init__(
        self, d_model: int, num_heads: int, d_ff: int, dropout: float = 0.0, norm_first: bool = False
    ):
        super().__init__()
        # BEGIN SOLUTION
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = LayerNorm(d_model)
        self.norm2 = LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first
        # END SOLUTION

    def forward(
        self, x: Float[Tensor, "B S D"], mask: Bool[Tensor, "..."] | None = None
    ) -> Float[Tensor, "B S D"]:
        """x (B, S, D) and a mask of the kinds that MultiHeadAttention accepts → (B, S, D)."""
        # BEGIN SOLUTION
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.self_attention(y, y, y, mask)[0])
            return x + self.dropout(self.feed_forward(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.self_attention(x, x, x, mask)[0]))
        return self.norm2(x + self.dropout(self.feed_forward(x)))
        # END SOLUTION


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention, then the feed-forward network, each with a residual connection.

        self-attention:   queries, keys and values from x
        cross-attention:  queries from x, keys and values from the memory

    They are `self_attention` with `norm1`, `cross_attention` with `norm2` and `feed_forward` with `norm3`. Post-norm and
    pre-norm as in EncoderLayer. No norm of this layer is applied to the memory.

    Args:
        d_model: D.
        num_heads: N.
        d_ff: the feed-forward network's hidden size.
        dropout: the probability that a number of a sublayer's output is dropped in training, as `nn.Dropout` does it.
        norm_first: pre-norm instead of post-norm.

    Source: Vaswani et al. 2017, section 3.1.

    If all three sublayers return zeros, a pre-norm layer returns x unchanged, for any memory:

    >>> layer = DecoderLayer(d_model=4, num_heads=2, d_ff=8, norm_first=True)
    >>> for linear in (layer.self_attention.out_proj, layer.cross_attention.out_proj, layer.feed_forward.linear2):
    ...     _ = nn.init.zeros_(linear.weight), nn.init.zeros_(linear.bias)
    >>> layer(torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), memory=torch.randn(1, 3, 4)).detach()
    tensor([[[1., 2., 3., 4.]]])
    """

    def __init__(
        self, d_model: int, num_heads: int, d_ff: int, dropout: float = 0.0, norm_first: bool = False
    ):
        super().__init__()
        # BEGIN SOLUTION
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.cross_attention = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = LayerNorm(d_model)
        self.norm2 = LayerNorm(d_model)
        self.norm3 = LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first
        # END SOLUTION

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        memory: Float[Tensor, "B S D"],
        self_mask: Bool[Tensor, "..."] | None = None,
        memory_mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "B T D"]:
        """Decode with the target seen through `self_mask` and the source through `memory_mask`.

        Args:
            x: (B, T, D).
            memory: what the encoder returned, (B, S, D).
            self_mask: for the self-attention, as MultiHeadAttention accepts it; its keys are the T positions of x.
            memory_mask: for the cross-attention; its keys are the S positions of the memory.

        Returns:
            (B, T, D).
        """
        # BEGIN SOLUTION
        if self.norm_first:
            y = self.norm1(x)
            x = x + self.dropout(self.self_attention(y, y, y, self_mask)[0])
            x = x + self.dropout(self.cross_attention(self.norm2(x), memory, memory, memory_mask)[0])
            return x + self.dropout(self.feed_forward(self.norm3(x)))
        x = self.norm1(x + self.dropout(self.self_attention(x, x, x, self_mask)[0]))
        x = self.norm2(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
        return self.norm3(x + self.dropout(self.feed_forward(x)))
        # END SOLUTION


class Transformer(nn.Module):
    """Encoder and decoder, from tokens to logits, with post-norm layers as in the paper.

        x_0 = √D · embedding + PE        (both sides)

    The parts are `source_embedding` and `target_embedding`, the ModuleLists `encoder` and `decoder`, and `output`, an
    `nn.Linear` with bias. No word attends to padding, on either side, and no target word to one after it.

    Args:
        source_vocab: the size of the source's vocabulary.
        target_vocab: V.
        d_model: D.
        num_heads: N.
        num_layers: of the encoder, and of the decoder.
        d_ff: the feed-forward network's hidden size.
        dropout: on each sublayer's output.
        pad: the padding's token, on both sides.

    Source: Vaswani et al. 2017, section 3.1, section 3.4 and section 3.5.

    >>> model = Transformer(source_vocab=9, target_vocab=11, d_model=8, num_heads=2, num_layers=1, d_ff=16)
    >>> logits = model(source=torch.tensor([[3, 5, 0]]), inputs=torch.tensor([[1, 7]]))  # 0 is padding
    >>> logits.shape
    torch.Size([1, 2, 11])
    >>> sum(parameter.numel() for parameter in model.parameters())
    1763
    """

    def __init__(
        self,
        source_vocab: int,
        target_vocab: int,
        d_model: int,
        num_heads: int,
        num_layers: int,
        d_ff: int,
        dropout: float = 0.0,
        pad: int = 0,
    ):
        super().__init__()
        # BEGIN SOLUTION
        self.source_embedding = nn.Embedding(source_vocab, d_model)
        self.target_embedding = nn.Embedding(target_vocab, d_model)
        self.encoder = nn.ModuleList(
            EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers)
        )
        self.decoder = nn.ModuleList(
            DecoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers)
        )
        self.output = nn.Linear(d_model, target_vocab)
        self.pad = pad
        # END SOLUTION

    def encode(self, source: Int[Tensor, "B S"]) -> tuple[Float[Tensor, "B S D"], Bool[Tensor, "B S"]]:
        """Source tokens (B, S) → memory (B, S, D) and the source mask (B, S), True on real words."""
        # BEGIN SOLUTION
        mask = source != self.pad  # (B, S)
        x = self._embed(self.source_embedding, source)
        for layer in self.encoder:
            x = layer(x, mask[:, None])
        return x, mask
        # END SOLUTION

    def decode(
        self,
        inputs: Int[Tensor, "B T"],
        memory: Float[Tensor, "B S D"],
        source_mask: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B T V"]:
        """Decoder inputs (B, T), memory and source mask of `encode` → logits (B, T, V)."""
        # BEGIN SOLUTION
        visible = causal_mask(inputs.shape[1]).to(inputs.device) & (inputs != self.pad)[:, None]  # (B, T, T)
        x = self._embed(self.target_embedding, inputs)
        for layer in self.decoder:
            x = layer(x, memory, visible, source_mask[:, None])
        return self.output(x)
        # END SOLUTION

    def forward(self, source: Int[Tensor, "B S"], inputs: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Source (B, S) and decoder inputs (B, T) → logits (B, T, V)."""
        # BEGIN SOLUTION
        memory, source_mask = self.encode(source)
        return self.decode(inputs, memory, source_mask)
        # END SOLUTION

    def _embed(self, embedding: nn.Embedding, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T D"]:
        """x_0 of either side: tokens (B, T) → (B, T, D)."""
        # BEGIN SOLUTION
        x = embedding(tokens)
        return math.sqrt(x.shape[-1]) * x + sinusoidal_positions(tokens.shape[1], x.shape[-1]).to(x)
        # END SOLUTION


def noam_rate(step: int, d_model: int, warmup: int) -> float:
    """The learning rate at `step`: it rises during the warm-up, then falls with 1/√step.

        D^−½ · min(step^−½, step · warmup^−3/2)

    Args:
        step: from 1 on; 0 is treated as 1.
        d_model: D.
        warmup: the number of steps for which it rises.

    Source: Vaswani et al. 2017, equation 3.

    >>> noam_rate(4000, d_model=512, warmup=4000)  # doctest: +ELLIPSIS
    0.000698...
    """
    # BEGIN SOLUTION
    step = max(step, 1)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    # END SOLUTION


def label_smoothing_loss(
    logits: Float[Tensor, "B T V"], targets: Int[Tensor, "B T"], smoothing: float, pad: int
) -> Float[Tensor, ""]:
    """Cross-entropy with a smoothed target distribution, per real token.

        q(right word) = 1 − ε        q(other word) = ε / (V − 2)        q(pad) = 0

    Args:
        logits: (B, T, V); V is at least 3.
        targets: (B, T).
        smoothing: ε, from 0 (plain cross-entropy) to below 1.
        pad: the padding's token. It has q = 0, and positions with this target do not count.

    Returns:
        A scalar, the mean over real tokens; 0 if all tokens are padding, with gradients of 0.

    Source: Vaswani et al. 2017, section 5.4; the share of ε / (V − 2) is that of Rush 2018. Szegedy et al. 2016,
    section 7, share ε out among all classes, the right one included.

    Of four tokens with probabilities 1/8, 1/8, 1/4 and 1/2 the first is padding and the last is right. The two others
    share ε, so the loss in bits is 0.1 · 3 + 0.1 · 2 + 0.8 · 1.

    >>> logits = torch.tensor([[[1.0, 1.0, 2.0, 4.0], [9.0, 9.0, 9.0, 9.0]]]).log()
    >>> loss = label_smoothing_loss(logits, torch.tensor([[3, 0]]), smoothing=0.2, pad=0)
    >>> (loss / math.log(2.0)).round(decimals=4)
    tensor(1.3000)
    """
    # BEGIN SOLUTION
    log_probs = logits.log_softmax(dim=-1)
    q = torch.full_like(log_probs, smoothing / (logits.shape[-1] - 2))
    q[..., pad] = 0.0
    q = q.scatter(-1, targets.unsqueeze(-1), 1.0 - smoothing)  # (B, T, V)
    real = targets != pad
    loss = -(q * log_probs).sum(dim=-1)  # (B, T)
    return (loss * real).sum() / real.sum().clamp(min=1)
    # END SOLUTION
