"""Public tests of t04: small worked examples and properties to build against.

Run them with `attend check t04`, or with `pytest tests/public/test_t04_attention_encoder.py`.
The graders ask for more of the same: other sizes and orders, PyTorch's own GRU as a peer, gradients.
"""

import pytest
import torch

from attend.testing import check

TOKENS = torch.tensor([[4, 7, 3, 5], [6, 2, 0, 0], [8, 1, 5, 0]])
LENGTHS = torch.tensor([4, 2, 3])


# t04.1 source_mask


@pytest.mark.exercise("source_mask")
def test_source_mask_is_true_on_real_words(student):
    """Three real words of three, then one."""
    expected = torch.tensor([[True, True, True], [True, False, False]])
    check.equal(student.source_mask(torch.tensor([3, 1])), expected, what="mask")


@pytest.mark.exercise("source_mask")
def test_source_mask_is_as_wide_as_asked(student):
    """`max_len` sets the width, also beyond the longest sentence."""
    expected = torch.tensor([[True, True, False, False]])
    check.equal(student.source_mask(torch.tensor([2]), max_len=4), expected, what="mask")


# t04.2 reverse_padded


@pytest.mark.exercise("reverse_padded")
def test_reverse_padded_turns_the_words_round(student):
    """5 6 7 becomes 7 6 5; 8 9 becomes 9 8, and what stands behind it stays: a 0, or a 3 where that is the padding."""
    words = torch.tensor([[5, 6, 7, 0], [8, 9, 0, 0], [8, 9, 3, 3]])
    turned = student.reverse_padded(words, torch.tensor([3, 2, 2]))
    expected = torch.tensor([[7, 6, 5, 0], [9, 8, 0, 0], [9, 8, 3, 3]])
    check.equal(turned, expected, what="reversed tokens")


@pytest.mark.exercise("reverse_padded")
def test_reverse_padded_twice_is_nothing(student):
    """Turned round twice, the tokens are as before."""
    again = student.reverse_padded(student.reverse_padded(TOKENS, LENGTHS), LENGTHS)
    check.equal(again, TOKENS, what="tokens turned round twice")


# t04.3 Encoder


@pytest.mark.exercise("Encoder")
def test_encoder_has_its_parts(student):
    """`embedding`, a bidirectional GRU `rnn` and the `bridge` have the sizes that were asked for."""
    shapes = student.Encoder(9, 4, 5).state_shapes()
    expected = {"embedding.weight": (9, 4), "rnn.weight_ih_l0": (15, 4), "rnn.weight_ih_l0_reverse": (15, 4)}
    expected |= {"bridge.weight": (5, 10), "bridge.bias": (5,)}
    for name, shape in expected.items():
        check.equal(shapes.get(name), shape, what=name)


@pytest.mark.exercise("Encoder")
def test_encoder_annotates_every_word(student):
    """Annotations (B, S, 2H), zero at padding, though all sentences are padded, and a state (B, H)."""
    annotations, state = student.Encoder(9, 4, 5)(torch.nn.functional.pad(TOKENS, (0, 1)), LENGTHS)
    check.shape(annotations, (3, 5, 10), what="annotations")
    check.shape(state, (3, 5), what="state")
    check.equal(annotations[1, 2:].detach(), torch.zeros(3, 10), what="annotations of padding")


@pytest.mark.exercise("Encoder")
def test_encoder_bridges_where_its_readers_ended(student):
    """A bridge of ones and twos: tanh of the forward annotation of the last word and twice the backward one of the first."""
    encoder = student.Encoder(9, 4, 1).double()
    bridge = {"bridge.weight": torch.tensor([[1.0, 2.0]]).double(), "bridge.bias": torch.zeros(1).double()}
    encoder.load_state_dict(encoder.state_dict() | bridge)
    annotations, state = (value.detach() for value in encoder(TOKENS, LENGTHS))
    forward, backward = annotations[torch.arange(3), LENGTHS - 1, :1], annotations[:, 0, 1:]
    check.close(state, torch.tanh(forward + 2 * backward), what="state")


@pytest.mark.exercise("Encoder")
def test_encoder_trains_no_padding(student):
    """The vector of `pad`, here 5, gets no gradient even where it stands within a sentence; other words' do."""
    encoder = student.Encoder(9, 4, 5, pad=5).double()
    table = dict(encoder.named_parameters())["embedding.weight"]
    encoder(TOKENS, LENGTHS)[1].sum().backward()
    check.equal(table.grad[5], torch.zeros(4, dtype=torch.float64), what="gradient of the padding's vector")
    check.true(table.grad[4].abs().sum() > 0, "a word's vector gets no gradient")


@pytest.mark.exercise("Encoder")
def test_encoder_reads_a_sentence_as_if_alone(student):
    """The second sentence has the same annotations and state with and without its batch and its padding."""
    encoder = student.Encoder(9, 4, 5).double()
    annotations, state = encoder(TOKENS, LENGTHS)
    alone, alone_state = encoder(TOKENS[1:2, :2], LENGTHS[1:2])
    check.close(alone[0], annotations[1, :2], what="annotations alone")
    check.close(alone_state[0], state[1], what="state alone")


@pytest.mark.exercise("Encoder")
def test_encoder_takes_lengths_from_the_lengths_alone(student):
    """The first sentence holds a 0 and ends with one: with length 3 all three are words, and have annotations."""
    annotations, _ = student.Encoder(9, 4, 5).double()(
        torch.tensor([[4, 0, 0], [6, 2, 0]]), torch.tensor([3, 2])
    )
    found = annotations.detach().abs().sum(dim=2) > 0
    check.equal(
        found, torch.tensor([[True, True, True], [True, True, False]]), what="places with an annotation"
    )
