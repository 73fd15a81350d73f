"""Hidden graders of t04.

Oracles: numbers worked by hand, loops over single words with PyTorch's GRUCell, packed sequences, and what must always
hold: a sentence's results depend neither on its padding nor on its batch.
"""

import pytest
import torch
from torch import nn

from attend.testing import check
from attend.testing.items import for_exercises

TIGHT = {"rtol": 1e-10, "atol": 1e-10}
RESULTS = ("annotations", "state")
LENGTHS = pytest.mark.parametrize("lengths", [(4, 2, 3), (1, 5), (3, 3), (6,), (2, 1, 5, 4)], ids=str)


def a_batch(torch_rng, lengths, V=9, width=None):
    """Random tokens from 1 to V − 1, with padding 0 behind each sentence's end."""
    tokens = torch.randint(1, V, (len(lengths), width or max(lengths)), generator=torch_rng)
    for row, length in zip(tokens, lengths, strict=True):
        row[length:] = 0
    return tokens, torch.tensor(lengths)


def encode_by_hand(module, tokens, length):
    """One sentence's annotations and state, one GRUCell step after another in each direction."""
    words = module.embedding(tokens[:length])
    H = module.bridge.out_features
    halves = []
    for suffix, order in (("", range(length)), ("_reverse", range(length - 1, -1, -1))):
        cell = nn.GRUCell(words.shape[1], H, dtype=words.dtype)
        parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        cell.load_state_dict({part: getattr(module.rnn, f"{part}_l0{suffix}") for part in parts})
        state, states = words.new_zeros(H), {}
        for s in order:
            state = states[s] = cell(words[s], state)
        halves.append(([states[s] for s in range(length)], state))
    annotations = torch.stack([torch.cat(pair) for pair in zip(halves[0][0], halves[1][0], strict=True)])
    return annotations, torch.tanh(module.bridge(torch.cat([halves[0][1], halves[1][1]])))


@torch.no_grad()
def batch_by_hand(module, tokens, lengths):
    annotations = torch.zeros(*tokens.shape, 2 * module.bridge.out_features, dtype=torch.float64)
    states = []
    for b, length in enumerate(lengths.tolist()):
        annotations[b, :length], state = encode_by_hand(module, tokens[b], length)
        states.append(state)
    return annotations, torch.stack(states)


def encoded(handle, tokens, lengths):
    """The handle's results without their graph."""
    annotations, state = handle(tokens, lengths)
    return annotations.detach(), state.detach()


# t04.1 source_mask


@pytest.mark.exercise("source_mask")
@pytest.mark.parametrize("lengths", [(4,), (1, 3, 2), (5, 5), (0, 2)], ids=str)
def test_mask_counts_the_real_words(student, lengths):
    """Row b is True on its first lengths[b] places and False behind."""
    expected = torch.tensor([[s < length for s in range(max(lengths))] for length in lengths])
    check.equal(student.source_mask(torch.tensor(lengths)), expected, what="mask")


@pytest.mark.exercise("source_mask")
@pytest.mark.parametrize("max_len", [3, 6])
def test_mask_is_as_wide_as_asked(student, max_len):
    """`max_len` sets the width, whatever the lengths are."""
    expected = torch.tensor([[s < length for s in range(max_len)] for length in (2, 3, 1)])
    check.equal(student.source_mask(torch.tensor([2, 3, 1]), max_len), expected, what="mask")


# t04.2 reverse_padded


@pytest.mark.exercise("reverse_padded")
@LENGTHS
def test_words_are_turned_round_in_place(student, torch_rng, lengths):
    """Each sentence is reversed within its own length; padding stays behind it."""
    tokens, sizes = a_batch(torch_rng, lengths, width=7)
    expected = [
        [*reversed(row[:length]), *row[length:]] for row, length in zip(tokens.tolist(), lengths, strict=True)
    ]
    check.equal(student.reverse_padded(tokens, sizes), torch.tensor(expected), what="reversed tokens")


@pytest.mark.exercise("reverse_padded")
def test_padding_of_any_kind_stays(student):
    """What stands behind a sentence's end is left alone, whatever it is."""
    turned = student.reverse_padded(torch.tensor([[3, 4, 8, 9], [5, 6, 7, 8]]), torch.tensor([2, 3]))
    check.equal(turned, torch.tensor([[4, 3, 8, 9], [7, 6, 5, 8]]), what="reversed tokens")


@pytest.mark.exercise("reverse_padded")
def test_words_of_any_kind_are_turned_round(student):
    """A word may have any number, 0 as well, and there may be as many sentences as words."""
    turned = student.reverse_padded(torch.tensor([[0, 4, 0], [5, 0, 7], [0, 8, 9]]), torch.tensor([3, 2, 3]))
    check.equal(turned, torch.tensor([[0, 4, 0], [0, 5, 7], [9, 8, 0]]), what="reversed tokens")


# t04.3 Encoder


@pytest.mark.exercise("Encoder")
@LENGTHS
def test_each_sentence_is_read_alone(student, reference, torch_rng, lengths):
    """Annotations and state are those that two readers make of each sentence by itself; padding's are zero."""
    handle, module = check.twin(student, reference, "Encoder", 9, 4, 5)
    tokens, sizes = a_batch(torch_rng, lengths)
    check.close(encoded(handle, tokens, sizes), batch_by_hand(module, tokens, sizes), what=RESULTS, **TIGHT)


@pytest.mark.exercise("Encoder")
def test_sizes_that_agree_are_not_mixed_up(student, reference, torch_rng):
    """As many sentences as words, and all layers of one size: every axis keeps its meaning."""
    handle, module = check.twin(student, reference, "Encoder", 4, 4, 4)
    tokens, sizes = a_batch(torch_rng, (2, 4, 1, 3), V=4)
    check.close(encoded(handle, tokens, sizes), batch_by_hand(module, tokens, sizes), what=RESULTS, **TIGHT)


@pytest.mark.exercise("Encoder")
def test_lengths_alone_say_where_a_sentence_ends(student, reference):
    """The padding's token within a sentence is read like a word, and a word after its end is not."""
    handle, module = check.twin(student, reference, "Encoder", 9, 4, 5)
    tokens, sizes = torch.tensor([[3, 0, 5, 0], [0, 2, 7, 8]]), torch.tensor([4, 2])
    check.close(encoded(handle, tokens, sizes), batch_by_hand(module, tokens, sizes), what=RESULTS, **TIGHT)


@pytest.mark.exercise("Encoder")
def test_training_changes_no_result(student, reference, torch_rng):
    """In training mode the results are the same as otherwise: this encoder has no dropout."""
    handle, module = check.twin(student, reference, "Encoder", 9, 4, 5)
    tokens, sizes = a_batch(torch_rng, (2, 5, 3))
    result = encoded(handle.train(), tokens, sizes)
    check.close(result, batch_by_hand(module, tokens, sizes), what=RESULTS, **TIGHT)


@pytest.mark.exercise("Encoder")
def test_gradients_agree(student, reference, torch_rng):
    """Values and the gradients of all parameters are right, to ten digits."""
    handle, module = check.twin(student, reference, "Encoder", 9, 4, 3)
    check.agrees(handle, module, *a_batch(torch_rng, (2, 5, 3)), what=RESULTS, **TIGHT)


@pytest.mark.exercise("Encoder")
def test_padding_does_not_matter(student, reference, torch_rng):
    """A batch that is padded further, with any words, gives the same annotations and states."""
    handle, _ = check.twin(student, reference, "Encoder", 9, 4, 5)
    tokens, sizes = a_batch(torch_rng, (4, 2))
    further = torch.cat([tokens, torch.full((2, 3), 8)], dim=1)
    further[1, 2:] = 7
    annotations, state = encoded(handle, tokens, sizes)
    more, more_state = encoded(handle, further, sizes)
    check.shape(more, (2, 7, 10), what="annotations")
    check.close(more[:, :4], annotations, what="annotations with more padding", **TIGHT)
    check.equal(more[:, 4:], torch.zeros(2, 3, 10, dtype=torch.float64), what="annotations of padding")
    check.close(more_state, state, what="state with more padding", **TIGHT)


@pytest.mark.exercise("Encoder")
def test_order_of_the_batch_does_not_matter(student, reference, torch_rng):
    """Sentences in another order give the same results in that order."""
    handle, _ = check.twin(student, reference, "Encoder", 9, 4, 5)
    tokens, sizes = a_batch(torch_rng, (2, 5, 1, 4))
    order = torch.tensor([2, 0, 3, 1])
    annotations, state = encoded(handle, tokens, sizes)
    shuffled = encoded(handle, tokens[order], sizes[order])
    check.close(shuffled, (annotations[order], state[order]), what=RESULTS, **TIGHT)


@pytest.mark.exercise("Encoder")
def test_the_padding_token_is_as_asked(student, reference):
    """The embedding of `pad` gets no gradient, whichever token it is."""
    handle, _ = check.twin(student, reference, "Encoder", 7, 3, 4, pad=5)
    parameters = dict(handle.named_parameters())
    annotations, state = handle(torch.tensor([[1, 5, 2]]), torch.tensor([3]))
    total = annotations.sum() + state.sum()
    check.true(total.requires_grad, "no gradient comes back through annotations and state")
    (gradient,) = torch.autograd.grad(total, parameters["embedding.weight"], allow_unused=True)
    check.true(gradient is not None, "the embedding gets no gradient")
    check.equal(gradient[5], torch.zeros(3, dtype=torch.float64), what="gradient of the padding's embedding")
    check.true(gradient[1].abs().sum() > 0, "a real word's embedding gets no gradient")


@pytest.mark.exercise("Encoder")
def test_float32_is_kept(student, reference, torch_rng):
    """float32 comes out of float32 weights."""
    handle, module = check.twin(student, reference, "Encoder", 9, 4, 5, dtype=torch.float32)
    check.agrees(
        handle, module, *a_batch(torch_rng, (3, 1)), what=RESULTS, gradients=False, rtol=1e-5, atol=1e-5
    )


# t04, every exercise


def calls(student, reference, name):
    """The owner of an exercise's function or method, its name there, and the reference's."""
    if name == "Encoder":
        handle, module = check.twin(student, reference, "Encoder", 9, 4, 5)
        return handle, "__call__", module
    return student, name, getattr(reference, name)


def arguments_of(name, torch_rng):
    lengths = 1 + torch.randperm(4, generator=torch_rng)[:3]
    if name == "source_mask":
        return lengths, 5
    return torch.randint(0, 9, (3, 5), generator=torch_rng), lengths


@for_exercises("reverse_padded", "Encoder")
def test_the_order_of_numbers_in_memory_does_not_matter(student, reference, torch_rng, name):
    """Tokens that lie in memory with the words of a column side by side give the same result."""
    owner, method, right = calls(student, reference, name)
    check.in_any_order(getattr(owner, method), right, *arguments_of(name, torch_rng))


@for_exercises("source_mask", "reverse_padded", "Encoder")
def test_a_result_stays_as_it_is(student, reference, torch_rng, name):
    """Another call leaves an earlier result as it was."""
    owner, method, right = calls(student, reference, name)
    check.stays(owner, method, right, arguments_of(name, torch_rng), arguments_of(name, torch_rng))
