"""Hidden graders of t01.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), and what must always hold.
"""

import math

import numpy as np
import pytest

from attend.testing import check
from attend.testing.items import for_exercises

BATCHES = pytest.mark.parametrize("batch", [(), (3,), (2, 3)], ids=["no batch", "one axis", "two axes"])
TIGHT = {"rtol": 1e-10, "atol": 1e-10}
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel


def some_weights(rng, D, H, gates=1):
    """W_ih, W_hh and b, everything random."""
    return rng.normal(size=(gates * H, D)), rng.normal(size=(gates * H, H)), rng.normal(size=gates * H)


def rnn_step_by_hand(x, h, W_ih, W_hh, b):
    new = np.zeros(h.shape)
    for *row, k in np.ndindex(new.shape):
        total = b[k]
        for d in range(x.shape[-1]):
            total += W_ih[k, d] * x[*row, d]
        for j in range(h.shape[-1]):
            total += W_hh[k, j] * h[*row, j]
        new[*row, k] = math.tanh(total)
    return new


def encode_by_hand(inputs, *weights):
    state = np.zeros(len(weights[-1]))
    for x in inputs:
        state = rnn_step_by_hand(x, state, *weights)
    return state


def decode_by_hand(context, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    state, words = context, [bos]
    while len(words) <= max_len:
        state = rnn_step_by_hand(embeddings[words[-1]], state, W_ih, W_hh, b)
        logits = [sum(row[k] * state[k] for k in range(len(state))) for row in W_out]
        following = max(range(len(logits)), key=logits.__getitem__)
        if following == eos:
            break
        words.append(following)
    return words[1:]


def lstm_step_by_hand(x, h, c, W_ih, W_hh, b):
    new_h, new_c, H = np.zeros(h.shape), np.zeros(h.shape), h.shape[-1]
    for *row, k in np.ndindex(h.shape):
        sums = []
        for gate in (k, H + k, 2 * H + k, 3 * H + k):
            total = b[gate]
            for d in range(x.shape[-1]):
                total += W_ih[gate, d] * x[*row, d]
            for j in range(H):
                total += W_hh[gate, j] * h[*row, j]
            sums.append(total)
        i, f, o = ((1 + math.tanh(sums[gate] / 2)) / 2 for gate in (0, 1, 3))
        new_c[*row, k] = f * c[*row, k] + i * math.tanh(sums[2])
        new_h[*row, k] = o * math.tanh(new_c[*row, k])
    return new_h, new_c


def a_talker(rng, context_size=5):
    """Arguments of `decode`: D 3, H 5, V 7, everything random, eos never the likeliest."""
    W_ih, W_hh, b = some_weights(rng, 3, context_size)
    W_out = rng.normal(size=(7, context_size))
    W_out[1] = (W_out[2] + W_out[3]) / 2
    arguments = {"context": rng.normal(size=context_size), "embeddings": rng.normal(size=(7, 3))}
    return arguments | {"W_ih": W_ih, "W_hh": W_hh, "b": b, "W_out": W_out, "bos": 0, "eos": 1}


def a_speller(words, V=8, bos=0, eos=1):
    """Arguments of `decode` in which each word makes the next the likeliest by far: the sentence is `words`."""
    W_out = np.zeros((V, V))
    for token, following in zip([bos, *words], [*words, eos], strict=True):
        W_out[following, token] = 1.0
    layers = {"W_ih": np.eye(V), "W_hh": 0.1 * np.eye(V), "b": np.zeros(V), "W_out": W_out}
    return {"context": np.zeros(V), "embeddings": 3 * np.eye(V)} | layers | {"bos": bos, "eos": eos}


# t01.1 rnn_step


@pytest.mark.exercise("rnn_step")
def test_rnn_step_of_a_worked_example(student):
    """Input, state and bias add up before tanh squashes them."""
    W_ih, W_hh, b = (
        np.array([[1.0, -1.0], [0.5, 2.0]]),
        np.array([[0.0, 1.0], [2.0, 0.0]]),
        np.array([0.5, -1.0]),
    )
    state = student.rnn_step(np.array([2.0, 1.0]), np.array([-0.5, 0.25]), W_ih, W_hh, b)
    check.close(state, np.tanh([1.75, 1.0]), what="new state", **TIGHT)


@pytest.mark.exercise("rnn_step")
@BATCHES
def test_rnn_step_agrees_with_a_loop(student, rng, batch):
    """With any number of batch axes, each row is stepped by itself."""
    x, h = rng.normal(size=(*batch, 4)), rng.normal(size=(*batch, 5))
    weights = some_weights(rng, 4, 5)
    check.close(student.rnn_step(x, h, *weights), rnn_step_by_hand(x, h, *weights), what="new state", **TIGHT)


@pytest.mark.exercise("rnn_step")
@pytest.mark.parametrize("D", [3, 6])
def test_rnn_step_of_fewer_and_of_more_inputs_than_states(student, rng, D):
    """W_ih has a row for each state and a column for each input."""
    x, h, weights = rng.normal(size=(2, D)), rng.normal(size=(2, 4)), some_weights(rng, D, 4)
    check.close(student.rnn_step(x, h, *weights), rnn_step_by_hand(x, h, *weights), what="new state", **TIGHT)


@pytest.mark.exercise("rnn_step")
@pytest.mark.parametrize("batch", [(), (3,)], ids=["no batch", "as many rows"])
def test_rnn_step_with_as_many_inputs_as_states(student, rng, batch):
    """Square matrices too are applied from the right side."""
    x, h, weights = rng.normal(size=(*batch, 3)), rng.normal(size=(*batch, 3)), some_weights(rng, 3, 3)
    check.close(student.rnn_step(x, h, *weights), rnn_step_by_hand(x, h, *weights), what="new state", **TIGHT)


@pytest.mark.exercise("rnn_step")
def test_rnn_step_of_huge_inputs_stays_within_one(student, rng):
    """Inputs of ±10,000 drive the state to ±1 and no further."""
    W_ih, W_hh, b = some_weights(rng, 2, 3)
    state = student.rnn_step(np.array([1e4, -1e4]), np.zeros(3), W_ih, W_hh, b)
    check.close(state, np.sign(W_ih @ [1.0, -1.0]), what="new state")


@pytest.mark.exercise("rnn_step")
def test_rnn_step_keeps_float32(student, rng):
    """float32 comes out where float32 went in."""
    arguments = [rng.normal(size=2), rng.normal(size=3), *some_weights(rng, 2, 3)]
    state = student.rnn_step(*(value.astype(np.float32) for value in arguments))
    check.close(state, rnn_step_by_hand(*arguments).astype(np.float32), what="new state", **FLOAT32)


# t01.2 lstm_step


@pytest.mark.exercise("lstm_step")
def test_lstm_step_of_a_worked_example(student):
    """The gates i ¾, f ¼, g ½ and o ½ make 7/8 of a cell of 2."""
    log3 = math.log(3.0)  # σ(ln 3) = ¾, tanh(½ ln 3) = ½
    W_ih, W_hh = np.array([[log3], [log3], [0.0], [0.0]]), np.array([[0.0], [-log3], [log3 / 2], [-log3]])
    h, c = student.lstm_step(
        np.array([1.0]),
        np.array([2.0]),
        np.array([2.0]),
        W_ih,
        W_hh,
        np.array([0.0, 0.0, -log3 / 2, 2 * log3]),
    )
    check.close(c, np.array([0.875]), what="c", **TIGHT)
    check.close(h, np.array([math.tanh(0.875) / 2]), what="h", **TIGHT)


@pytest.mark.exercise("lstm_step")
@BATCHES
def test_lstm_step_agrees_with_a_loop(student, rng, batch):
    """With any number of batch axes, each row is stepped by itself."""
    x, h, c = (rng.normal(size=(*batch, size)) for size in (3, 4, 4))
    weights = some_weights(rng, 3, 4, gates=4)
    expected = lstm_step_by_hand(x, h, c, *weights)
    check.close(student.lstm_step(x, h, c, *weights), expected, what=("h", "c"), **TIGHT)


@pytest.mark.exercise("lstm_step")
@pytest.mark.parametrize(("B", "D", "H"), [(4, 4, 4), (8, 8, 2)], ids=["D is H", "W_ih is square"])
def test_lstm_step_where_sizes_agree(student, rng, B, D, H):
    """As many rows as inputs, and as many inputs as states or as gates: every axis keeps its meaning."""
    x, h, c = (rng.normal(size=(B, size)) for size in (D, H, H))
    weights = some_weights(rng, D, H, gates=4)
    expected = lstm_step_by_hand(x, h, c, *weights)
    check.close(student.lstm_step(x, h, c, *weights), expected, what=("h", "c"), **TIGHT)


@pytest.mark.exercise("lstm_step")
def test_lstm_step_keeps_the_cell_while_it_forgets_nothing(student, rng):
    """With the forget gate open and the input gate shut the cell is carried on unchanged."""
    b = np.repeat([-60.0, 60.0, 1.0, 0.0], 2)
    c = rng.normal(size=2)
    h, new = student.lstm_step(
        rng.normal(size=3), rng.normal(size=2), c, np.zeros((8, 3)), np.zeros((8, 2)), b
    )
    check.close(new, c, what="c", **TIGHT)
    check.close(h, np.tanh(c) / 2, what="h", **TIGHT)


@pytest.mark.exercise("lstm_step")
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_lstm_step_of_huge_inputs_stays_finite(student, rng, size):
    """Inputs of ±10,000 open or shut gates wholly and overflow nothing."""
    W_ih, W_hh, b = some_weights(rng, 2, 3, gates=4)
    i, f, g, o = np.split(np.sign(W_ih @ [size, size]), 4)
    c = rng.normal(size=3)
    expected = (f + 1) / 2 * c + (i + 1) / 2 * g
    h, new = student.lstm_step(np.array([size, size]), np.zeros(3), c, W_ih, W_hh, b)
    check.close(new, expected, what="c", atol=1e-6)
    check.close(h, (o + 1) / 2 * np.tanh(expected), what="h", atol=1e-6)


@pytest.mark.exercise("lstm_step")
def test_lstm_step_keeps_float32(student, rng):
    """float32 comes out where float32 went in."""
    arguments = [*(rng.normal(size=size) for size in (2, 3, 3)), *some_weights(rng, 2, 3, gates=4)]
    expected = tuple(value.astype(np.float32) for value in lstm_step_by_hand(*arguments))
    answer = student.lstm_step(*(value.astype(np.float32) for value in arguments))
    check.close(answer, expected, what=("h", "c"), **FLOAT32)


# t01.3 encode


@pytest.mark.exercise("encode")
@pytest.mark.parametrize(("S", "D"), [(1, 3), (2, 3), (6, 3), (4, 4)], ids=["1", "2", "6", "all sizes 4"])
def test_encode_agrees_with_a_loop(student, rng, S, D):
    """The context is the state after the last word, begun at zero."""
    inputs, weights = rng.normal(size=(S, D)), some_weights(rng, D, 4)
    expected = encode_by_hand(inputs, *weights)
    check.close(student.encode(inputs, *weights), expected, what="context", **TIGHT)


@pytest.mark.exercise("encode")
def test_encode_of_a_sentence_read_further(student, rng):
    """Reading on changes the context; a word that says nothing to a state of zero weights leaves only the bias."""
    inputs, (W_ih, _, b) = rng.normal(size=(4, 3)), some_weights(rng, 3, 4)
    inputs[-1] = 0
    check.close(student.encode(inputs, W_ih, np.zeros((4, 4)), b), np.tanh(b), what="context", **TIGHT)


@pytest.mark.exercise("encode")
def test_encode_keeps_float32(student, rng):
    """float32 comes out where float32 went in."""
    arguments = rng.normal(size=(3, 2)), *some_weights(rng, 2, 3)
    context = student.encode(*(value.astype(np.float32) for value in arguments))
    check.close(context, encode_by_hand(*arguments).astype(np.float32), what="context", **FLOAT32)


# t01.4 decode


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("words", [[2, 3, 4], [5], [6, 2, 7, 3], []], ids=["three", "one", "four", "none"])
def test_decode_spells_the_sentence(student, words):
    """The sentence ends with the word before eos, and holds neither bos nor eos."""
    check.equal(student.decode(**a_speller(words), max_len=9), words, what="tokens")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("max_len", [0, 1, 5, 12])
def test_decode_of_a_model_that_never_ends(student, rng, max_len):
    """Without eos exactly `max_len` words are said, each read before the next and the state carried along."""
    arguments = a_talker(rng)
    tokens = student.decode(**arguments, max_len=max_len)
    check.equal(tokens, decode_by_hand(**arguments, max_len=max_len), what="tokens")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("number", range(4))
def test_decode_begins_with_the_context(student, rng, number):
    """Other contexts, other sentences."""
    arguments = a_talker(rng) | {"context": 3 * rng.normal(size=5)}
    check.equal(student.decode(**arguments, max_len=6), decode_by_hand(**arguments, max_len=6), what="tokens")


@pytest.mark.exercise("decode")
def test_decode_where_all_sizes_agree(student, rng):
    """As many words as features and as states: a word is a row of `embeddings` and a row of `W_out`."""
    arguments = {"context": rng.normal(size=6), "embeddings": rng.normal(size=(6, 6))}
    arguments |= dict(zip(("W_ih", "W_hh", "b"), some_weights(rng, 6, 6), strict=True))
    W_out = 0.3 * rng.normal(size=(6, 6))
    W_out[1] = (W_out[2] + W_out[3]) / 2
    arguments |= {"W_out": W_out, "bos": 0, "eos": 1}
    check.equal(student.decode(**arguments, max_len=8), decode_by_hand(**arguments, max_len=8), what="tokens")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("every", [-1e4, 1e4])
def test_decode_of_extreme_scores(student, rng, every):
    """Where all words score about −10,000, or +10,000, the largest score still decides."""
    arguments = a_talker(rng)
    arguments["b"][0] = 50.0  # the first unit is always 1
    arguments["W_out"][:, 0] = every
    check.equal(student.decode(**arguments, max_len=6), decode_by_hand(**arguments, max_len=6), what="tokens")


@pytest.mark.exercise("decode")
def test_decode_with_other_tokens_for_bos_and_eos(student):
    """bos and eos are whatever tokens the call names."""
    check.equal(student.decode(**a_speller([0, 1, 5], bos=6, eos=3), max_len=9), [0, 1, 5], what="tokens")


@pytest.mark.exercise("decode")
def test_decode_gives_plain_integers(student, rng):
    """The tokens are Python's own integers, in a list."""
    tokens = student.decode(**a_talker(rng), max_len=3)
    check.true(type(tokens) is list and all(type(token) is int for token in tokens), "it is no list of int")


# t01, every exercise

ARGUMENTS = {
    "rnn_step": lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(2, 4)), *some_weights(rng, 3, 4)),
    "lstm_step": lambda rng: (
        *(rng.normal(size=(2, size)) for size in (3, 4, 4)),
        *some_weights(rng, 3, 4, gates=4),
    ),
    "encode": lambda rng: (rng.normal(size=(5, 3)), *some_weights(rng, 3, 4)),
    "decode": lambda rng: (*a_talker(rng).values(), 6),
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
