"""Hidden graders of t02.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), and what must always hold: a sentence's
results never depend on its batch.
"""

import math

import numpy as np
import pytest

from attend.testing import check
from attend.testing.items import for_exercises

TIGHT = {"rtol": 1e-10, "atol": 1e-10}
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel


def some_weights(rng, D, H):
    """W_ih, W_hh and b, everything random."""
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=H)


def encode_by_hand(inputs, W_ih, W_hh, b):
    state, annotations = [0.0] * len(b), np.zeros((len(inputs), len(b)))
    for s, x in enumerate(inputs):
        state = [math.tanh(W_ih[k] @ x + W_hh[k] @ np.array(state) + b[k]) for k in range(len(b))]
        annotations[s] = state
    return annotations


def batch_by_hand(inputs, lengths, *weights):
    H = len(weights[-1])
    annotations, state = np.zeros((*inputs.shape[:2], H)), np.zeros((len(inputs), H))
    for b, length in enumerate(lengths):
        annotations[b, :length] = encode_by_hand(inputs[b, :length], *weights)
        state[b] = annotations[b, length - 1]
    return annotations, state


def bidirectional_by_hand(inputs, forward, backward):
    left, right = encode_by_hand(inputs, *forward), encode_by_hand(inputs[::-1], *backward)[::-1]
    return np.array([[*one, *other] for one, other in zip(left, right, strict=True)])


# t02.1 encode_all


@pytest.mark.exercise("encode_all")
@pytest.mark.parametrize(("S", "D"), [(1, 3), (2, 3), (6, 3), (4, 4)], ids=["1", "2", "6", "all sizes 4"])
def test_encode_all_agrees_with_a_loop(student, rng, S, D):
    """Each row is the state after its word, begun at zero."""
    inputs, weights = rng.normal(size=(S, D)), some_weights(rng, D, 4)
    check.close(
        student.encode_all(inputs, *weights), encode_by_hand(inputs, *weights), what="annotations", **TIGHT
    )


@pytest.mark.exercise("encode_all")
def test_encode_all_of_a_worked_example(student):
    """Two words and two states, small enough for pencil and paper."""
    log3 = math.log(3.0)  # tanh(½ ln 3) = ½ and tanh(ln 3) = 4/5
    W_hh, b = np.array([[0.0, 0.0], [log3, 0.0]]), np.array([log3 / 2, 0.0])
    annotations = student.encode_all(np.array([[1.0], [0.0]]), np.array([[0.0], [log3]]), W_hh, b)
    check.close(annotations, np.array([[0.5, 0.8], [0.5, 0.5]]), what="annotations", **TIGHT)


@pytest.mark.exercise("encode_all")
def test_encode_all_of_huge_inputs_stays_within_one(student, rng):
    """Inputs of ±10,000 drive the states to ±1 and overflow nothing."""
    W_ih, W_hh, b = some_weights(rng, 2, 3)
    annotations = student.encode_all(np.array([[1e4, -1e4], [-1e4, 1e4]]), W_ih, W_hh, b)
    first = np.sign(W_ih @ [1.0, -1.0])
    check.close(annotations, np.stack([first, -first]), what="annotations")


@pytest.mark.exercise("encode_all")
def test_encode_all_keeps_float32(student, rng):
    """float32 comes out where float32 went in."""
    arguments = rng.normal(size=(3, 2)), *some_weights(rng, 2, 4)
    annotations = student.encode_all(*(value.astype(np.float32) for value in arguments))
    expected = encode_by_hand(*arguments).astype(np.float32)
    check.close(annotations, expected, what="annotations", **FLOAT32)


# t02.2 pad_sequences


@pytest.mark.exercise("pad_sequences")
@pytest.mark.parametrize("lengths", [(3,), (2, 5, 1, 4), (1, 1), (4, 4, 2), (3, 1, 2)], ids=str)
def test_pad_sequences_lines_sentences_up(student, rng, lengths):
    """Every sentence stands at the front of its row; behind it stands the pad value."""
    sequences = [rng.normal(size=(length, 3)) for length in lengths]
    batch, found = student.pad_sequences(sequences, 7.5)
    expected = np.full((len(lengths), max(lengths), 3), 7.5)
    for row, sequence in zip(expected, sequences, strict=True):
        row[: len(sequence)] = sequence
    check.close(batch, expected, what="batch", **TIGHT)
    check.equal(found, np.array(lengths, dtype=np.int64), what="lengths")


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_fills_up_with_zero_unasked(student, rng):
    """Without a pad value padding is zero."""
    batch, _ = student.pad_sequences([rng.normal(size=(1, 2)), rng.normal(size=(3, 2))])
    check.equal(batch[0, 1:], np.zeros((2, 2)), what="padding")


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_keeps_float32(student, rng):
    """float32 comes out where float32 went in."""
    sequence = rng.normal(size=(2, 3)).astype(np.float32)
    batch, lengths = student.pad_sequences([sequence])
    check.equal(batch, sequence[None], what="batch")
    check.equal(lengths, np.array([2], dtype=np.int64), what="lengths")


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_refuses_an_empty_list(student):
    """An empty list is a ValueError."""
    with pytest.raises(ValueError):
        student.pad_sequences([])


@pytest.mark.exercise("pad_sequences")
def test_pad_sequences_takes_a_sentence_of_no_words(student):
    """A sentence without words is padding from its first place on."""
    batch, lengths = student.pad_sequences([np.zeros((0, 2)), np.ones((2, 2))], 3.0)
    check.close(batch, np.array([[[3.0] * 2] * 2, [[1.0] * 2] * 2]), what="batch", **TIGHT)
    check.equal(lengths, np.array([0, 2]), what="lengths")


# t02.3 padding_mask


@pytest.mark.exercise("padding_mask")
@pytest.mark.parametrize("lengths", [(4,), (1, 3, 2), (5, 5), (0, 2)], ids=str)
def test_padding_mask_counts_the_real_words(student, lengths):
    """Row b is True on its first lengths[b] places and False behind."""
    expected = [[s < length for s in range(max(lengths))] for length in lengths]
    check.equal(student.padding_mask(np.array(lengths)), np.array(expected), what="mask")


@pytest.mark.exercise("padding_mask")
@pytest.mark.parametrize("max_len", [3, 6])
def test_padding_mask_is_as_wide_as_asked(student, max_len):
    """`max_len` sets the width, whatever the lengths are."""
    expected = np.array([[s < length for s in range(max_len)] for length in (2, 3, 1)])
    check.equal(student.padding_mask(np.array([2, 3, 1]), max_len), expected, what="mask")


@pytest.mark.exercise("padding_mask")
def test_padding_mask_is_boolean(student):
    """The mask holds truth values, not numbers."""
    mask = student.padding_mask(np.array([1, 2]))
    check.equal(mask, np.array([[True, False], [True, True]]), what="mask")


# t02.4 encode_batch


@pytest.mark.exercise("encode_batch")
@pytest.mark.parametrize("lengths", [(4, 2, 3), (2, 5, 3), (1, 5), (3, 3)], ids=str)
def test_encode_batch_reads_each_sentence_alone(student, rng, lengths):
    """Annotations and state of each sentence are those it has by itself; padding's annotations are zero."""
    inputs, weights = rng.normal(size=(len(lengths), max(lengths), 3)), some_weights(rng, 3, 4)
    result = student.encode_batch(inputs, np.array(lengths), *weights)
    check.close(result, batch_by_hand(inputs, lengths, *weights), what=("annotations", "state"), **TIGHT)


@pytest.mark.exercise("encode_batch")
def test_encode_batch_where_all_sizes_agree(student, rng):
    """As many sentences as positions, inputs and states: every axis keeps its meaning."""
    inputs, lengths, weights = rng.normal(size=(4, 4, 4)), (2, 4, 1, 3), some_weights(rng, 4, 4)
    result = student.encode_batch(inputs, np.array(lengths), *weights)
    check.close(result, batch_by_hand(inputs, lengths, *weights), what=("annotations", "state"), **TIGHT)


@pytest.mark.exercise("encode_batch")
def test_encode_batch_takes_lengths_from_the_lengths_alone(student, rng):
    """A word whose inputs are all zero is a word, and padding may hold any numbers."""
    inputs, lengths, weights = rng.normal(size=(2, 4, 3)), (4, 2), some_weights(rng, 3, 5)
    inputs[0, 1], inputs[0, 3], inputs[1, 1] = 0, 0, 0
    result = student.encode_batch(inputs, np.array(lengths), *weights)
    check.close(result, batch_by_hand(inputs, lengths, *weights), what=("annotations", "state"), **TIGHT)


@pytest.mark.exercise("encode_batch")
def test_encode_batch_padded_further(student, rng):
    """More padding, of any kind, changes no annotation and no state."""
    inputs, lengths, weights = rng.normal(size=(2, 3, 2)), np.array([3, 1]), some_weights(rng, 2, 4)
    further = np.concatenate([inputs, np.full((2, 4, 2), 1e4)], axis=1)
    annotations, state = student.encode_batch(inputs, lengths, *weights)
    more, more_state = student.encode_batch(further, lengths, *weights)
    check.shape(more, (2, 7, 4), what="annotations")
    check.close(more[:, :3], annotations, what="annotations with more padding", **TIGHT)
    check.equal(more[:, 3:], np.zeros((2, 4, 4)), what="annotations of padding")
    check.close(more_state, state, what="state with more padding", **TIGHT)


@pytest.mark.exercise("encode_batch")
def test_encode_batch_in_another_order(student, rng):
    """Sentences in another order give the same results in that order."""
    inputs, lengths, weights = rng.normal(size=(3, 4, 2)), np.array([4, 1, 2]), some_weights(rng, 2, 3)
    order = np.array([2, 0, 1])
    annotations, state = student.encode_batch(inputs, lengths, *weights)
    shuffled = student.encode_batch(inputs[order], lengths[order], *weights)
    check.close(shuffled, (annotations[order], state[order]), what=("annotations", "state"), **TIGHT)


# t02.5 encode_bidirectional


@pytest.mark.exercise("encode_bidirectional")
@pytest.mark.parametrize(
    ("S", "D", "H"),
    [(1, 3, 2), (2, 3, 2), (5, 3, 2), (4, 3, 5), (3, 3, 3)],
    ids=["1", "2", "5", "more states than words", "all sizes 3"],
)
def test_encode_bidirectional_agrees_with_loops(student, rng, S, D, H):
    """Forward states stand left, backward states right, each beside its own word."""
    inputs, forward, backward = rng.normal(size=(S, D)), some_weights(rng, D, H), some_weights(rng, D, H)
    result = student.encode_bidirectional(inputs, forward, backward)
    expected = bidirectional_by_hand(inputs, forward, backward)
    check.close(result, expected, what="annotations", **TIGHT)


@pytest.mark.exercise("encode_bidirectional")
def test_encode_bidirectional_uses_both_weights(student, rng):
    """A backward reader without weights gives zeros in the right half, and in that half alone."""
    inputs, forward = rng.normal(size=(4, 3)), some_weights(rng, 3, 2)
    nothing = tuple(0 * weight for weight in forward)
    annotations = student.encode_bidirectional(inputs, forward, nothing)
    check.shape(annotations, (4, 4), what="annotations")
    check.equal(annotations[:, 2:], np.zeros((4, 2)), what="backward half")
    check.close(annotations[:, :2], encode_by_hand(inputs, *forward), what="forward half", **TIGHT)


@pytest.mark.exercise("encode_bidirectional")
def test_encode_bidirectional_keeps_float32(student, rng):
    """float32 comes out where float32 went in."""
    inputs, forward, backward = rng.normal(size=(3, 2)), some_weights(rng, 2, 3), some_weights(rng, 2, 3)
    directions = [tuple(value.astype(np.float32) for value in each) for each in (forward, backward)]
    annotations = student.encode_bidirectional(inputs.astype(np.float32), *directions)
    expected = bidirectional_by_hand(inputs, forward, backward).astype(np.float32)
    check.close(annotations, expected, what="annotations", **FLOAT32)


# t02, every exercise

ARGUMENTS = {
    "encode_all": lambda rng: (rng.normal(size=(5, 3)), *some_weights(rng, 3, 4)),
    "pad_sequences": lambda rng: ([rng.normal(size=(length, 3)) for length in (2, 4)], 1.5),
    "padding_mask": lambda rng: (rng.permutation(4),),
    "encode_batch": lambda rng: (
        rng.normal(size=(2, 5, 3)),
        1 + rng.permutation(5)[:2],
        *some_weights(rng, 3, 4),
    ),
    "encode_bidirectional": lambda rng: (
        rng.normal(size=(5, 3)),
        some_weights(rng, 3, 4),
        some_weights(rng, 3, 4),
    ),
}
EACH = for_exercises(*ARGUMENTS)


@EACH
def test_the_order_of_numbers_in_memory_does_not_matter(student, reference, rng, name):
    """Arrays in Fortran's order give the same result."""
    check.in_any_order(getattr(student, name), getattr(reference, name), *ARGUMENTS[name](rng))


@EACH
def test_a_result_stays_as_it_is(student, reference, rng, name):
    """Another call leaves an earlier result as it was."""
    first, second = ARGUMENTS[name](rng), ARGUMENTS[name](rng)
    check.stays(student, name, getattr(reference, name), first, second)
