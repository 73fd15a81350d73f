"""t08's attention is F.scaled_dot_product_attention, with masks of every rank, and its derivatives are PyTorch's."""

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
