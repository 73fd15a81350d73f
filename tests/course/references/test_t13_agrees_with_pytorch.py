"""t13's reference against PyTorch's own transformer: values and gradients, in float32 and in float64.

The hidden graders compare students' values with PyTorch's; here the reference's gradients are, which they take for right.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

B, T, S, D, N, D_FF, V = 2, 4, 5, 12, 3, 14, 11
DTYPES = pytest.mark.parametrize(
    "dtype, tolerance", [(torch.float32, 1e-6), (torch.float64, 1e-10)], ids=["float32", "float64"]
)
NORM_ORDERS = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
BATCHES = pytest.mark.parametrize(
    "batch", [None, (), (B,), (B, N)], ids=["no mask", "rank 2", "rank 3", "rank 4"]
)


@pytest.fixture
def t13(load):
    return load("t13")


def in_pytorchs_names(state: dict) -> dict:
    named = {}
    for name, value in state.items():
        if "k_proj" in name or "v_proj" in name:
            continue
        if "q_proj" in name:
            value = torch.cat(
                [state[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            )
            name = name.replace("q_proj.", "in_proj_")
        name = name.replace("self_attention", "self_attn").replace("cross_attention", "multihead_attn")
        named[name.replace("feed_forward.", "")] = value
    return named


def shaken(module: nn.Module) -> nn.Module:
    """Every parameter random, the norms' too."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return module


def a_pair(ours: nn.Module, theirs: nn.Module, dtype: torch.dtype) -> tuple[nn.Module, nn.Module]:
    theirs.load_state_dict(in_pytorchs_names(shaken(ours).state_dict()))
    return ours.to(dtype), theirs.to(dtype)


def a_mask(batch: tuple | None, rows: int, columns: int) -> torch.Tensor | None:
    if batch is None:
        return None
    mask = torch.rand(*batch, rows, columns) < 0.6
    mask[..., -1] = True
    return mask


def in_pytorchs_rank(mask: torch.Tensor | None) -> torch.Tensor | None:
    if mask is None:
        return None
    if mask.ndim == 3:
        mask = mask.repeat_interleave(N, dim=0)
    return ~(mask.flatten(0, 1) if mask.ndim == 4 else mask)


def assert_same(actual: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
    """Equal to within `tolerance`, measured against the largest entry where that is above one."""
    largest = max(1.0, expected.abs().max().item())
    assert (actual - expected).abs().max().item() <= tolerance * largest


def assert_same_everywhere(pair, outputs, inputs, tolerance: float) -> None:
    """Outputs agree, and so do the gradients of all inputs and parameters."""
    mine, right = outputs
    assert_same(mine, right, tolerance)
    cotangent = torch.randn_like(right) / math.sqrt(right.numel())
    for output in outputs:
        output.backward(cotangent)
    ours, theirs = pair
    for one, other in inputs:
        assert_same(one.grad, other.grad, tolerance)
    gradients = in_pytorchs_names({name: parameter.grad for name, parameter in ours.named_parameters()})
    for name, parameter in theirs.named_parameters():
        assert_same(gradients[name], parameter.grad, tolerance)


def twice(*sizes: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(*sizes, dtype=dtype)
    return x.clone().requires_grad_(), x.clone().requires_grad_()


@DTYPES
@BATCHES
def test_attention(t13, dtype, tolerance, batch):
    queries, keys, values = (twice(B, N, *size, dtype=dtype) for size in [(T, D), (S, D), (S, 7)])
    mask = a_mask(batch, T, S)
    seen = mask.unsqueeze(1) if mask is not None and mask.ndim == 3 else mask
    output, _ = t13.scaled_dot_product_attention(queries[0], keys[0], values[0], seen)
    expected = F.scaled_dot_product_attention(queries[1], keys[1], values[1], attn_mask=seen)
    nothing = nn.Module(), nn.Module()
    assert_same_everywhere(nothing, (output, expected), (queries, keys, values), tolerance)


@DTYPES
@BATCHES
def test_multi_head_attention(t13, dtype, tolerance, batch):
    pair = a_pair(t13.MultiHeadAttention(D, N), nn.MultiheadAttention(D, N, batch_first=True), dtype)
    inputs = [twice(B, length, D, dtype=dtype) for length in (T, S, S)]
    mask = a_mask(batch, T, S)
    output, weights = pair[0](*(one for one, _ in inputs), mask)
    expected, their_weights = pair[1](
        *(other for _, other in inputs), attn_mask=in_pytorchs_rank(mask), average_attn_weights=False
    )
    assert_same(weights, their_weights, tolerance)
    assert_same_everywhere(pair, (output, expected), inputs, tolerance)


@DTYPES
@NORM_ORDERS
@BATCHES
def test_encoder_layer(t13, dtype, tolerance, norm_first, batch):
    options = {"dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    ours = t13.EncoderLayer(D, N, D_FF, norm_first=norm_first)
    pair = a_pair(ours, nn.TransformerEncoderLayer(D, N, D_FF, **options), dtype)
    x, mask = twice(B, S, D, dtype=dtype), a_mask(batch, S, S)
    outputs = pair[0](x[0], mask), pair[1](x[1], src_mask=in_pytorchs_rank(mask))
    assert_same_everywhere(pair, outputs, [x], tolerance)


@DTYPES
@NORM_ORDERS
@BATCHES
def test_decoder_layer(t13, dtype, tolerance, norm_first, batch):
    options = {"dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    ours = t13.DecoderLayer(D, N, D_FF, norm_first=norm_first)
    pair = a_pair(ours, nn.TransformerDecoderLayer(D, N, D_FF, **options), dtype)
    x, memory = twice(B, T, D, dtype=dtype), twice(B, S, D, dtype=dtype)
    masks = a_mask(batch, T, T), a_mask(batch, T, S)
    outputs = pair[0](x[0], memory[0], *masks), pair[1](x[1], memory[1], *map(in_pytorchs_rank, masks))
    assert_same_everywhere(pair, outputs, [x, memory], tolerance)


class PyTorchs(nn.Module):
    """The whole model of PyTorch's layers, under our names for the parts around them."""

    def __init__(self, num_layers: int):
        super().__init__()
        options = {"dropout": 0.0, "batch_first": True}
        self.source_embedding, self.target_embedding = nn.Embedding(10, D), nn.Embedding(V, D)
        self.encoder = nn.ModuleList(
            nn.TransformerEncoderLayer(D, N, D_FF, **options) for _ in range(num_layers)
        )
        self.decoder = nn.ModuleList(
            nn.TransformerDecoderLayer(D, N, D_FF, **options) for _ in range(num_layers)
        )
        self.output = nn.Linear(D, V)

    def forward(self, source, inputs, positions):
        padding, future = source == 0, torch.ones(inputs.shape[1], inputs.shape[1], dtype=torch.bool).triu(1)
        memory = math.sqrt(D) * self.source_embedding(source) + positions[: source.shape[1]]
        for layer in self.encoder:
            memory = layer(memory, src_key_padding_mask=padding)
        x = math.sqrt(D) * self.target_embedding(inputs) + positions[: inputs.shape[1]]
        masks = {"tgt_mask": future, "tgt_key_padding_mask": inputs == 0, "memory_key_padding_mask": padding}
        for layer in self.decoder:
            x = layer(x, memory, **masks)
        return self.output(x)


@DTYPES
def test_the_whole_model(t13, dtype, tolerance):
    pair = a_pair(t13.Transformer(10, V, D, N, 2, D_FF), PyTorchs(2), dtype)
    source = torch.tensor([[3, 5, 4, 7, 8], [6, 8, 2, 0, 0]])
    inputs = torch.tensor([[1, 9, 2, 4], [1, 4, 0, 0]])
    positions = t13.sinusoidal_positions(S, D).to(dtype)
    outputs = pair[0](source, inputs), pair[1](source, inputs, positions)
    assert_same_everywhere(pair, outputs, [], tolerance)
