"""t08's scores are PyTorch's vecdot and F.bilinear, its attention is F.scaled_dot_product_attention, with masks of every
rank, and its derivatives are PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

B, N, T, S, D, DV = 2, 3, 4, 6, 5, 7
DTYPES = pytest.mark.parametrize(
    "dtype, tolerance", [(np.float32, 1e-6), (np.float64, 1e-10)], ids=["float32", "float64"]
)
MASKS = {
    "none": None,
    "keys of every sentence (B, N, S)": (B, N, S),
    "a row for each query (B, N, T, S)": (B, N, T, S),
    "broadcast over heads (B, 1, T, S)": (B, 1, T, S),
}


def random(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64)


def bilinear(queries: torch.Tensor, keys: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    """The score of every query (B, T, D) with every key (B, S, DV) by F.bilinear: (B, T, S)."""
    left = queries[:, :, None].expand(-1, -1, keys.shape[1], -1).contiguous()
    right = keys[:, None].expand(-1, queries.shape[1], -1, -1).contiguous()
    return F.bilinear(left, right, W[None])[..., 0]


def agree(actual: np.ndarray, expected: torch.Tensor) -> None:
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-10)


def test_dot_score(load):
    query, keys = random(B, D), random(B, S, D)
    agree(load("t08").dot_score(query.numpy(), keys.numpy()), torch.linalg.vecdot(keys, query[:, None]))


def test_scores_with_a_matrix(load):
    queries, keys, W = random(B, T, D), random(B, S, DV), random(D, DV)
    expected = bilinear(queries, keys, W)
    agree(load("t08").score_matrix(queries.numpy(), keys.numpy(), W.numpy()), expected)
    agree(load("t08").general_score(queries[:, 0].numpy(), keys.numpy(), W.numpy()), expected[:, 0])


def test_low_rank_score(load):
    query, keys, U, V = random(B, D), random(B, S, DV), random(D, 3), random(DV, 3)
    actual = load("t08").low_rank_score(query.numpy(), keys.numpy(), U.numpy(), V.numpy())
    agree(actual, bilinear(query[:, None], keys, U @ V.T)[:, 0])


def test_scaled_dot_score(load):
    """A softmax over the scores gives the weights with which PyTorch's attention reads its values."""
    query, keys = random(B, D), random(B, S, D)
    # values that are one-hot let the weights through
    one_hot = torch.eye(S, dtype=torch.float64).expand(B, S, S)
    expected = F.scaled_dot_product_attention(query[:, None], keys, one_hot)[:, 0]
    scores = torch.from_numpy(load("t08").scaled_dot_score(query.numpy(), keys.numpy()))
    agree(scores.softmax(dim=-1).numpy(), expected)


@pytest.mark.parametrize("shape", [None, (S,), (B, 1, S), (1, T, S), (B, T, S)], ids=str)
def test_attention_with_a_matrix(load, shape):
    """PyTorch's attention with scale 1 on queries that went through W."""
    queries, keys, values, W = random(B, T, D), random(B, S, DV), random(B, S, 2), random(D, DV)
    mask = None if shape is None else torch.rand(shape) < 0.6
    if mask is not None:
        mask[..., -1] = True
    expected = F.scaled_dot_product_attention(queries @ W, keys, values, attn_mask=mask, scale=1.0)
    given = (tensor.numpy() for tensor in (queries, keys, values, W))
    context, _ = load("t08").multiplicative_attention(*given, mask=None if mask is None else mask.numpy())
    agree(context, expected)


@DTYPES
@pytest.mark.parametrize("shape", MASKS.values(), ids=MASKS)
def test_attention(load, dtype, tolerance, shape):
    rng = np.random.default_rng(8)
    queries, keys, values = (
        rng.normal(size=(B, N, *size)).astype(dtype) for size in ((T, D), (S, D), (S, DV))
    )
    mask = None if shape is None else rng.random(shape) < 0.6
    if mask is not None:
        mask[..., -1] = True
    context, weights = load("t08").multiplicative_attention(queries, keys, values, mask=mask)
    rows = mask if mask is None or mask.ndim == 4 and mask.shape[-2] == T else mask[..., None, :]
    given = None if rows is None else torch.from_numpy(rows)
    tensors = [torch.from_numpy(each) for each in (queries, keys, values)]
    expected = F.scaled_dot_product_attention(*tensors, attn_mask=given).numpy()
    assert context.dtype == weights.dtype == dtype
    np.testing.assert_allclose(context, expected, rtol=0, atol=tolerance)
    one = [*tensors[:2], torch.eye(S, dtype=tensors[0].dtype).expand(B, N, S, S)]
    np.testing.assert_allclose(
        weights, F.scaled_dot_product_attention(*one, attn_mask=given).numpy(), rtol=0, atol=tolerance
    )


def test_derivatives(load):
    """NumPy has no gradients: central differences along a random direction, against PyTorch's backward."""
    rng = np.random.default_rng(9)
    arrays = [rng.normal(size=(B, *size)) for size in ((T, D), (S, D), (S, DV))]
    directions = [rng.normal(size=array.shape) for array in arrays]
    leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
    output = F.scaled_dot_product_attention(*leaves)
    cotangent = rng.normal(size=tuple(output.shape))
    output.backward(torch.from_numpy(cotangent))
    expected = sum((leaf.grad.numpy() * d).sum() for leaf, d in zip(leaves, directions, strict=True))

    def along(step: float) -> float:
        moved = [array + step * d for array, d in zip(arrays, directions, strict=True)]
        return float((cotangent * load("t08").multiplicative_attention(*moved)[0]).sum())

    step = 1e-3  # five points: an error of step⁴
    slope = (8 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12 * step)
    assert slope == pytest.approx(expected, abs=1e-8)
