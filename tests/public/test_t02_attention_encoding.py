"""Public tests of t02: small worked examples and properties to build against.

Run them with `attend check t02`, or with `pytest tests/public/test_t02_attention_encoding.py`.
The graders ask for more of the same: other sizes, lengths and dtypes.
"""

import numpy as np
import pytest

from attend.testing import check

HALF_LOG_3 = np.log(3.0) / 2  # tanh(½ ln 3) = ½
NO_MEMORY = (np.eye(1), np.zeros((1, 1)), np.zeros(1))  # a state knows its own word alone


def weights_of(rng, D, H):
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=H)


# t02.1 encode_all


@pytest.mark.exercise("encode_all")
def test_encode_all_keeps_a_state_for_every_word(student):
    """Without memory each state is tanh of its own word: ½, −½ and 0."""
    annotations = student.encode_all(np.array([[HALF_LOG_3], [-HALF_LOG_3], [0.0]]), *NO_MEMORY)
    check.close(annotations, np.array([[0.5], [-0.5], [0.0]]), what="annotations")


@pytest.mark.exercise("encode_all")
def test_encode_all_remembers(student):
    """The second word says nothing: what its state holds comes from the first, ½ · ln 3 before the tanh."""
    memory = (np.eye(1), np.array([[2 * HALF_LOG_3]]), np.zeros(1))
    annotations = student.encode_all(np.array([[HALF_LOG_3], [0.0]]), *memory)
    check.close(annotations, np.array([[0.5], [0.5]]), what="annotations")


@pytest.mark.exercise("encode_all")
def test_encode_all_does_not_look_ahead(student, rng):
    """The annotations of two words are the first two of the whole sentence's."""
    inputs, weights = rng.normal(size=(5, 3)), weights_of(rng, 3, 4)
    whole = student.encode_all(inputs, *weights)
    check.shape(whole, (5, 4), what="annotations")
    check.close(
        student.encode_all(inputs[:2], *weights), whole[:2], what="annotations of the first two words"
    )


@pytest.mark.exercise("encode_all")
def test_encode_all_keeps_float32(student):
    """Inputs and weights in float32 give annotations in float32."""
    weights = [value.astype(np.float32) for value in NO_MEMORY]
    annotations = student.encode_all(np.zeros((2, 1), dtype=np.float32), *weights)
    check.equal(annotations, np.zeros((2, 1), dtype=np.float32), what="annotations")


# t02.2 pad_sequences


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_fills_up_behind(student):
    """The shorter sentence is filled up with −1 behind its end."""
    batch, lengths = student.pad_sequences([np.array([[1.0]]), np.array([[2.0], [3.0]])], pad_value=-1.0)
    check.close(batch, np.array([[[1.0], [-1.0]], [[2.0], [3.0]]]), what="batch")
    check.equal(lengths, np.array([1, 2]), what="lengths")


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_refuses_an_empty_list(student):
    """A batch of no sentence has no shape: ValueError."""
    with pytest.raises(ValueError):
        student.pad_sequences([])


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_keeps_float32(student):
    """Sentences in float32 give a batch in float32."""
    batch, _ = student.pad_sequences([np.ones((1, 2), dtype=np.float32)])
    check.equal(batch, np.ones((1, 1, 2), dtype=np.float32), what="batch")


# t02.3 padding_mask


@pytest.mark.exercise("padding_mask")
def test_padding_mask_is_true_on_real_words(student):
    """Three real words, then one, then none of the three places."""
    mask = student.padding_mask(np.array([3, 1, 0]))
    check.equal(mask, np.array([[True, True, True], [True, False, False], [False] * 3]), what="mask")


@pytest.mark.exercise("padding_mask")
def test_padding_mask_is_as_wide_as_asked(student):
    """`max_len` sets the width, also beyond the longest sentence."""
    check.equal(
        student.padding_mask(np.array([2]), max_len=4), np.array([[True, True, False, False]]), what="mask"
    )


# t02.4 encode_batch


@pytest.mark.exercise("encode_batch")
def test_encode_batch_takes_the_state_at_the_true_end(student):
    """The second sentence has one word: its state is that word's, and its padding's annotation is zero."""
    inputs = np.array([[[HALF_LOG_3], [0.0]], [[-HALF_LOG_3], [9.0]]])
    annotations, state = student.encode_batch(inputs, np.array([2, 1]), *NO_MEMORY)
    check.close(annotations, np.array([[[0.5], [0.0]], [[-0.5], [0.0]]]), what="annotations")
    check.close(state, np.array([[0.0], [-0.5]]), what="state")


@pytest.mark.exercise("encode_batch")
def test_encode_batch_does_not_read_padding(student, rng):
    """Other numbers behind a sentence's end change nothing."""
    inputs, lengths, weights = rng.normal(size=(2, 5, 3)), np.array([5, 2]), weights_of(rng, 3, 4)
    other = inputs.copy()
    other[1, 2:] = 100.0
    results = (student.encode_batch(batch, lengths, *weights) for batch in (inputs, other))
    (first, first_state), (second, second_state) = results
    check.close(second, first, what="annotations with other padding")
    check.close(second_state, first_state, what="state with other padding")


# t02.5 encode_bidirectional


@pytest.mark.exercise("encode_bidirectional")
def test_encode_bidirectional_puts_forward_first(student):
    """Forward reads x, backward reads −x, neither remembers: each annotation is [tanh x; −tanh x] of its own word."""
    backward = (-np.eye(1), np.zeros((1, 1)), np.zeros(1))
    annotations = student.encode_bidirectional(np.array([[HALF_LOG_3], [0.0]]), NO_MEMORY, backward)
    check.close(annotations, np.array([[0.5, -0.5], [0.0, 0.0]]), what="annotations")


@pytest.mark.exercise("encode_bidirectional")
def test_encode_bidirectional_backward_knows_what_follows(student, rng):
    """Another last word changes the backward half of the first annotation, and not its forward half."""
    inputs, forward, backward = rng.normal(size=(4, 3)), weights_of(rng, 3, 2), weights_of(rng, 3, 2)
    other = np.concatenate([inputs[:-1], inputs[-1:] + 1])
    first, second = (student.encode_bidirectional(words, forward, backward)[0] for words in (inputs, other))
    check.close(second[:2], first[:2], what="forward half of the first annotation")
    check.true(
        not np.allclose(second[2:], first[2:]),
        "the backward half of the first annotation ignores the last word",
    )
