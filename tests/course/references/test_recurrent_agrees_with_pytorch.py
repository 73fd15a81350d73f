"""t01, t02, t04 and t05's recurrent references against PyTorch's cells and packed sequences: values and gradients, 1e-10.

NumPy has no gradients. Its references are made of functions that take complex numbers as well, so that a step of i·1e-30
along a direction gives the derivative in that direction to the last digit.
"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

B, S, D, H = 4, 5, 3, 6
LENGTHS = torch.tensor([2, 5, 1, 3])
TOLERANCE = 1e-10


def random(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64)


def close(actual, expected) -> None:
    actual = actual.detach().numpy() if isinstance(actual, torch.Tensor) else actual
    np.testing.assert_allclose(actual, expected.detach().numpy(), rtol=0, atol=TOLERANCE)


def agree_with_derivatives(ours, theirs, arguments: list[torch.Tensor]) -> None:
    """Same values, and the same derivative along a random direction of all arguments together."""
    directions = [torch.randn_like(argument) for argument in arguments]
    expected, slopes = torch.func.jvp(theirs, tuple(arguments), tuple(directions))
    plain = ours(*(argument.numpy() for argument in arguments))
    step = 1e-30
    stepped = ours(*(x.numpy() + 1j * step * d.numpy() for x, d in zip(arguments, directions, strict=True)))
    for ours_, theirs_ in ((plain, expected), (np.imag(stepped) / step, slopes)):
        close(np.asarray(ours_), torch.stack(theirs_) if isinstance(theirs_, tuple) else theirs_)


def called(cell: nn.Module, bias: torch.Tensor, *names: str):
    """The cell as a function of its input, its states and W_ih, W_hh, b; PyTorch's second bias stays zero."""

    def function(x, states, W_ih, W_hh, b):
        weights = dict(zip(names, (W_ih, W_hh, b, torch.zeros_like(bias)), strict=True))
        return torch.func.functional_call(cell, weights, (x, states))

    return function


CELL_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def test_rnn_step_is_rnncell(load):
    bias = random(H)
    cell = called(nn.RNNCell(D, H).double(), bias, *CELL_NAMES)
    arguments = [random(B, D), random(B, H), random(H, D), random(H, H), bias]
    agree_with_derivatives(load("t01").rnn_step, cell, arguments)


def test_lstm_step_is_lstmcell(load):
    bias = random(4 * H)
    cell = called(nn.LSTMCell(D, H).double(), bias, *CELL_NAMES)
    arguments = [random(B, D), random(B, H), random(B, H), random(4 * H, D), random(4 * H, H), bias]
    agree_with_derivatives(
        lambda *all_: np.stack(load("t01").lstm_step(*all_)),
        lambda x, h, c, *weights: torch.stack(cell(x, (h, c), *weights)),
        arguments,
    )


def rnn(weights: list[torch.Tensor], inputs: torch.Tensor, lengths: torch.Tensor | None = None):
    """nn.RNN with these weights: on one sentence, or packed."""
    layer = nn.RNN(D, H, batch_first=True).double()
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    state = dict(zip(names, (*weights, torch.zeros_like(weights[2])), strict=True))
    if lengths is None:
        return torch.func.functional_call(layer, state, (inputs,))
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    out, last = torch.func.functional_call(layer, state, (packed,))
    return pad_packed_sequence(out, batch_first=True)[0], last[0]


def gradients_by_steps(ours, arguments: list[torch.Tensor], cotangent: torch.Tensor, numbers: int = 12):
    """Some entries of the gradient of Σ cotangent · ours(…): (argument, index, value)."""
    generator = np.random.default_rng(3)
    for _ in range(numbers):
        which = int(generator.integers(len(arguments)))
        index = tuple(int(generator.integers(size)) for size in arguments[which].shape)
        stepped = [argument.numpy().astype(complex) for argument in arguments]
        stepped[which][index] += 1e-30j
        yield which, index, np.sum(cotangent.numpy() * np.imag(ours(*stepped)) / 1e-30)


def agree_with_gradients(ours, theirs, arguments: list[torch.Tensor]) -> None:
    """Where forward mode is not to be had: same values, and entries of the gradient drawn by chance."""
    leaves = [argument.clone().requires_grad_() for argument in arguments]
    expected = theirs(*leaves)
    close(ours(*(argument.numpy() for argument in arguments)), expected)
    cotangent = torch.randn_like(expected)
    expected.backward(cotangent)
    for which, index, value in gradients_by_steps(ours, arguments, cotangent):
        assert abs(value - leaves[which].grad[index].item()) <= TOLERANCE


@pytest.mark.parametrize("what", ["encode", "encode_all"])
def test_reading_a_sentence_is_nn_rnn(load, what):
    ours = load("t01").encode if what == "encode" else load("t02").encode_all

    def theirs(inputs, *weights):
        out, last = rnn(list(weights), inputs)
        return last[0] if what == "encode" else out

    agree_with_gradients(ours, theirs, [random(S, D), random(H, D), random(H, H), random(H)])


@pytest.mark.parametrize("what", [0, 1], ids=["annotations", "state"])
def test_reading_a_batch_is_nn_rnn_on_packed_sequences(load, what):
    agree_with_gradients(
        lambda inputs, *weights: load("t02").encode_batch(inputs, LENGTHS.numpy(), *weights)[what],
        lambda inputs, *weights: rnn(list(weights), inputs, LENGTHS)[what],
        [random(B, S, D), random(H, D), random(H, H), random(H)],
    )


def test_reading_from_both_ends_is_a_bidirectional_nn_rnn(load):
    def ours(inputs, *weights):
        return load("t02").encode_bidirectional(inputs, weights[:3], weights[3:])

    def theirs(inputs, *weights):
        forward, backward = rnn(list(weights[:3]), inputs)[0], rnn(list(weights[3:]), inputs.flip(0))[0]
        return torch.cat([forward, backward.flip(0)], dim=-1)

    weights = [random(H, D), random(H, H), random(H)] + [random(H, D), random(H, H), random(H)]
    agree_with_gradients(ours, theirs, [random(S, D), *weights])


def same_gradients(one: nn.Module, other: nn.Module) -> None:
    for (name, mine), theirs in zip(one.named_parameters(), other.parameters(), strict=True):
        assert (mine.grad - theirs.grad).abs().max() <= TOLERANCE, name


def test_t04s_encoder_is_a_bidirectional_gru_on_packed_sequences(load):
    """PyTorch's GRUCell, run over each sentence alone and from both ends, is a third opinion."""
    encoder = load("t04").Encoder(9, D, H).double()
    other = load("t04").Encoder(9, D, H).double()
    other.load_state_dict(encoder.state_dict())
    tokens = torch.randint(1, 9, (B, S)).masked_fill(torch.arange(S) >= LENGTHS[:, None], 0)
    annotations, state = encoder(tokens, LENGTHS)
    cells = {}
    for suffix in ("", "_reverse"):
        weights = {
            name.removesuffix(f"_l0{suffix}"): value
            for name, value in other.rnn.named_parameters()
            if name.endswith(f"_l0{suffix}")
        }
        cell = nn.GRUCell(D, H).double()
        cells[suffix] = lambda x, h, cell=cell, weights=weights: torch.func.functional_call(
            cell, weights, (x, h)
        )
    rows, states = [], []
    for sentence, length in zip(tokens, LENGTHS.tolist(), strict=True):
        words = other.embedding(sentence[:length])
        h, forward, backward = words.new_zeros(H), [], []
        for x in words:
            forward.append(h := cells[""](x, h))
        h = words.new_zeros(H)
        for x in words.flip(0):
            backward.append(h := cells["_reverse"](x, h))
        row = torch.cat([torch.stack(forward), torch.stack(backward[::-1])], dim=-1)
        rows.append(torch.cat([row, row.new_zeros(S - length, 2 * H)]))
        states.append(torch.tanh(other.bridge(torch.cat([forward[-1], backward[-1]]))))
    expected, last = torch.stack(rows), torch.stack(states)
    close(annotations, expected)
    close(state, last)
    cotangents = torch.randn_like(expected), torch.randn_like(last)
    torch.autograd.backward([annotations, state], cotangents)
    torch.autograd.backward([expected, last], cotangents)
    same_gradients(encoder, other)
