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
    raise NotImplementedError("t13.1 scaled_dot_product_attention: see docs/topics/t13_transformer")


def causal_mask(length: int) -> Bool[Tensor, "T T"]:
    """True where position t may see position s: itself and all positions before it.

    Source: Vaswani et al. 2017, section 3.2.3.

    >>> causal_mask(3)
    tensor([[ True, False, False],
            [ True,  True, False],
            [ True,  True,  True]])
    """
    raise NotImplementedError("t13.2 causal_mask: see docs/topics/t13_transformer")


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
        raise NotImplementedError("t13.3 MultiHeadAttention: see docs/topics/t13_transformer")

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
        raise NotImplementedError("t13.3 MultiHeadAttention: see docs/topics/t13_transformer")


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
    raise NotImplementedError("t13.4 sinusoidal_positions: see docs/topics/t13_transformer")


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
        raise NotImplementedError("t13.5 LayerNorm: see docs/topics/t13_transformer")

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... D"]:
        """Normalise x (..., D) over its last axis."""
        raise NotImplementedError("t13.5 LayerNorm: see docs/topics/t13_transformer")


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
        raise NotImplementedError("t13.6 FeedForward: see docs/topics/t13_transformer")

    def forward(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... D"]:
        """x (..., D) → (..., D)."""
        raise NotImplementedError("t13.6 FeedForward: see docs/topics/t13_transformer")


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
        raise NotImplementedError("t13.7 EncoderLayer: see docs/topics/t13_transformer")

    def forward(
        self, x: Float[Tensor, "B S D"], mask: Bool[Tensor, "..."] | None = None
    ) -> Float[Tensor, "B S D"]:
        """x (B, S, D) and a mask of the kinds that MultiHeadAttention accepts → (B, S, D)."""
        raise NotImplementedError("t13.7 EncoderLayer: see docs/topics/t13_transformer")


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
        raise NotImplementedError("t13.8 DecoderLayer: see docs/topics/t13_transformer")

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
        raise NotImplementedError("t13.8 DecoderLayer: see docs/topics/t13_transformer")


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
        raise NotImplementedError("t13.9 Transformer: see docs/topics/t13_transformer")

    def encode(self, source: Int[Tensor, "B S"]) -> tuple[Float[Tensor, "B S D"], Bool[Tensor, "B S"]]:
        """Source tokens (B, S) → memory (B, S, D) and the source mask (B, S), True on real words."""
        raise NotImplementedError("t13.9 Transformer: see docs/topics/t13_transformer")

    def decode(
        self,
        inputs: Int[Tensor, "B T"],
        memory: Float[Tensor, "B S D"],
        source_mask: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B T V"]:
        """Decoder inputs (B, T), memory and source mask of `encode` → logits (B, T, V)."""
        raise NotImplementedError("t13.9 Transformer: see docs/topics/t13_transformer")

    def forward(self, source: Int[Tensor, "B S"], inputs: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Source (B, S) and decoder inputs (B, T) → logits (B, T, V)."""
        raise NotImplementedError("t13.9 Transformer: see docs/topics/t13_transformer")

    def _embed(self, embedding: nn.Embedding, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T D"]:
        """x_0 of either side: tokens (B, T) → (B, T, D)."""
        raise NotImplementedError("t13.9 Transformer: see docs/topics/t13_transformer")


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
    raise NotImplementedError("t13.10 noam_rate: see docs/topics/t13_transformer")


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
    raise NotImplementedError("t13.11 label_smoothing_loss: see docs/topics/t13_transformer")
