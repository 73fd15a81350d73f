"""Public tests of t04: small worked examples and properties to build against.

Run them with `attend check t04`, or with `pytest tests/public/test_t04_attention_encoder.py`.
The graders ask for more of the same: other sizes and orders, PyTorch's own GRU as a peer, gradients.
"""

import pytest
import torch

from attend import checks as check

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
    """5 6 7 becomes 7 6 5; 8 9 with padding behind becomes 9 8 with padding behind."""
    turned = student.reverse_padded(torch.tensor([[5, 6, 7], [8, 9, 0]]), torch.tensor([3, 2]))
    check.equal(turned, torch.tensor([[7, 6, 5], [9, 8, 0]]), what="reversed tokens")


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
    """Annotations (B, S, 2H), zero at padding, and a state (B, H) within (−1, 1)."""
    annotations, state = student.Encoder(9, 4, 5)(TOKENS, LENGTHS)
    check.shape(annotations, (3, 4, 10), what="annotations")
    check.shape(state, (3, 5), what="state")
    check.equal(annotations[1, 2:].detach(), torch.zeros(2, 10), what="annotations of padding")
    check.true(state.abs().max() < 1, "the state leaves (−1, 1)")


@pytest.mark.exercise("Encoder")
def test_encoder_reads_a_sentence_as_if_alone(student):
    """The second sentence has the same annotations and state with and without its batch and its padding."""
    encoder = student.Encoder(9, 4, 5).double()
    annotations, state = encoder(TOKENS, LENGTHS)
    alone, alone_state = encoder(TOKENS[1:2, :2], LENGTHS[1:2])
    check.close(alone[0], annotations[1, :2], what="annotations alone")
    check.close(alone_state[0], state[1], what="state alone")
