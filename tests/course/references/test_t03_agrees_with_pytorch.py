"""t03's references against PyTorch's softmax, RNNCell, RNN and attention: values, 1e-10."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

B, S, D, A, V = 3, 6, 4, 5, 7
CLOSE = {"rtol": 0, "atol": 1e-10}


def random(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64)


def a_mask(*shape: int) -> torch.Tensor:
    mask = torch.rand(shape) < 0.6
    mask[..., 0], mask[..., -1] = False, True
    return mask


def load_weights(layer: nn.Module, suffix: str) -> dict[str, np.ndarray]:
    """Give the layer a second bias of zero; W_ih, W_hh and b as t03 takes them."""
    getattr(layer, f"bias_hh{suffix}").data.zero_()
    names = {"W_ih": "weight_ih", "W_hh": "weight_hh", "b": "bias_ih"}
    return {ours: getattr(layer, theirs + suffix).detach().numpy() for ours, theirs in names.items()}


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_softmax(load, axis):
    scores = 3 * random(4, 3, 5)
    np.testing.assert_allclose(load("t03").softmax(scores.numpy(), axis), scores.softmax(axis), **CLOSE)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_masked_softmax(load, axis):
    scores, mask = random(4, 3, 5), torch.rand(4, 3, 5) < 0.6
    mask[-1], mask[:, -1], mask[..., -1] = True, True, True
    expected = scores.masked_fill(~mask, -torch.inf).softmax(axis)
    actual = load("t03").masked_softmax(scores.numpy(), mask.numpy(), axis=axis)
    np.testing.assert_allclose(actual, expected, **CLOSE)


def test_attend_is_pytorchs_attention_without_its_scale(load):
    state, annotations, mask = random(B, A), random(B, S, A), a_mask(B, S)
    # values that are one-hot let the weights through
    values = torch.cat([annotations, torch.eye(S, dtype=torch.float64).expand(B, S, S)], dim=-1)
    expected = scaled_dot_product_attention(
        state[:, None], annotations, values, attn_mask=mask[:, None], scale=1.0
    )[:, 0]
    context, weights = load("t03").attend(state.numpy(), annotations.numpy(), mask.numpy())
    np.testing.assert_allclose(context, expected[:, :A], **CLOSE)
    np.testing.assert_allclose(weights, expected[:, A:], **CLOSE)


def test_a_step_is_pytorchs_cell_and_its_attention(load):
    embedding, state, annotations, W_out = random(B, D), random(B, A), random(B, S, A), random(V, 2 * A)
    cell = nn.RNNCell(D, A, dtype=torch.float64)
    layers = load_weights(cell, "") | {"W_out": W_out.numpy()}
    expected = cell(embedding, state).detach()
    context = scaled_dot_product_attention(expected[:, None], annotations, annotations, scale=1.0)[:, 0]
    given = (tensor.numpy() for tensor in (embedding, state, annotations))
    logits, new, _ = load("t03").decode_step(*given, None, **layers)
    np.testing.assert_allclose(new, expected, **CLOSE)
    np.testing.assert_allclose(logits, torch.cat([context, expected], dim=-1) @ W_out.T, **CLOSE)


def test_pytorch_fed_with_the_sentence_chooses_it_again(load):
    """PyTorch's RNN reads bos and all tokens but the last; each word and its weights follow from the states."""
    state, annotations, embeddings, W_out = random(A), random(S, A), random(V, D), random(V, 2 * A)
    # eos scores between two words, so it never wins
    W_out[1] = (W_out[2] + W_out[3]) / 2
    rnn = nn.RNN(D, A, dtype=torch.float64)
    layers = load_weights(rnn, "_l0") | {"W_out": W_out.numpy(), "bos": 0, "eos": 1, "max_len": 9}
    tokens, alignment = load("t03").decode(
        state.numpy(), annotations.numpy(), None, embeddings.numpy(), **layers
    )
    states = rnn(embeddings[[0, *tokens[:-1]]], state[None])[0].detach()  # (T, A)
    weights = (states @ annotations.T).softmax(dim=-1)  # (T, S)
    logits = torch.cat([weights @ annotations, states], dim=-1) @ W_out.T  # (T, V)
    assert len(tokens) == 9 and tokens == logits.argmax(dim=-1).tolist()
    np.testing.assert_allclose(alignment, weights, **CLOSE)
