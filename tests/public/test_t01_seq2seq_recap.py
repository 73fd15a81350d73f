"""Public tests of t01: small worked examples and properties to build against.

Run them with `attend check t01`, or with `pytest tests/public/test_t01_seq2seq_recap.py`.
The graders ask for more of the same: other sizes, batches, large inputs, float32.
"""

import numpy as np
import pytest

from attend.testing import check

HALF_LOG_3 = np.log(3.0) / 2  # tanh(½ ln 3) = ½


def weights_of(rng, D, H, gates=1):
    return rng.normal(size=(gates * H, D)), rng.normal(size=(gates * H, H)), rng.normal(size=gates * H)


# t01.1 rnn_step


@pytest.mark.exercise("rnn_step")
def test_rnn_step_of_a_worked_example(student):
    """The input brings ½ ln 3 and nothing else does: the new state is tanh(½ ln 3) = ½."""
    state = student.rnn_step(
        np.array([HALF_LOG_3]), np.array([7.0]), np.eye(1), np.zeros((1, 1)), np.zeros(1)
    )
    check.close(state, np.array([0.5]), what="new state")


@pytest.mark.exercise("rnn_step")
def test_rnn_step_reads_input_state_and_bias(student):
    """Two features go through W_ih, one state through W_hh, and the bias is added: 1·1 + 2·2 − 3·1 − 2 = 0."""
    W_ih, W_hh, b = np.array([[1.0, 2.0]]), np.array([[-3.0]]), np.array([-2.0])
    check.close(
        student.rnn_step(np.array([1.0, 2.0]), np.ones(1), W_ih, W_hh, b), np.zeros(1), what="new state"
    )


@pytest.mark.exercise("rnn_step")
def test_rnn_step_gives_each_unit_its_own_row_of_weights(student):
    """The first row of W_hh reads the second unit; with the input that is ½ ln 3 for the first, nothing for the second."""
    W_ih, W_hh = np.array([[1.0], [0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    state = student.rnn_step(np.ones(1), np.array([2.0, HALF_LOG_3 - 1]), W_ih, W_hh, np.zeros(2))
    check.close(state, np.array([0.5, 0.0]), what="new state")


@pytest.mark.exercise("rnn_step")
def test_rnn_step_takes_a_batch(student, rng):
    """Each row of a batch is stepped as if it were alone."""
    W_ih, W_hh, b = weights_of(rng, 3, 4)
    x, h = rng.normal(size=(2, 3)), rng.normal(size=(2, 4))
    together = student.rnn_step(x, h, W_ih, W_hh, b)
    check.shape(together, (2, 4), what="new states")
    check.close(student.rnn_step(x[1], h[1], W_ih, W_hh, b), together[1], what="second state alone")


# t01.2 lstm_step


@pytest.mark.exercise("lstm_step")
def test_lstm_step_with_gates_half_open(student):
    """All weights are zero, so every gate is ½: c' = ½ · 2 = 1 and h' = ½ tanh 1."""
    zeros = np.zeros((4, 1))
    h, c = student.lstm_step(np.ones(1), np.ones(1), np.array([2.0]), zeros, zeros, np.zeros(4))
    check.close(h, np.array([np.tanh(1.0) / 2]), what="h")
    check.close(c, np.array([1.0]), what="c")


@pytest.mark.exercise("lstm_step")
@pytest.mark.parametrize(
    ("gate", "cell"), [("i", 0.5 * np.tanh(1)), ("f", 3.0), ("g", 0.0), ("o", 0.0)], ids=["i", "f", "g", "o"]
)
def test_lstm_step_reads_the_gates_in_order(student, gate, cell):
    """b opens one gate at a time; i, f, g and o stand in this order."""
    b = np.full(4, -40.0)  # sigmoid: shut; tanh: −1
    b["ifgo".index(gate)] = 0.0 if gate == "i" else 40.0
    b[2] = 1.0 if gate == "i" else b[2]
    zeros = np.zeros((4, 1))
    _, c = student.lstm_step(np.zeros(1), np.zeros(1), np.array([3.0]), zeros, zeros, b)
    check.close(c, np.array([cell]), what=f"cell with gate {gate} open", atol=1e-6)


@pytest.mark.exercise("lstm_step")
def test_lstm_step_of_large_inputs(student):
    """A bias of 1000 opens i, f and o wholly, and g is tanh 1000 = 1: c' = 2 + 1 = 3 and h' = tanh 3."""
    zeros = np.zeros((4, 1))
    h, c = student.lstm_step(np.ones(1), np.ones(1), np.array([2.0]), zeros, zeros, np.full(4, 1000.0))
    check.close(h, np.array([np.tanh(3.0)]), what="h")
    check.close(c, np.array([3.0]), what="c")


# t01.3 encode


@pytest.mark.exercise("encode")
def test_encode_starts_from_zero(student):
    """A sentence of one word leaves tanh(W_ih x + b), for there was no state before it."""
    context = student.encode(np.array([[HALF_LOG_3]]), np.eye(1), 9 * np.eye(1), np.zeros(1))
    check.close(context, np.array([0.5]), what="context")


@pytest.mark.exercise("encode")
def test_encode_carries_the_state(student):
    """The second word adds nothing: the context is tanh of the first word's state, ½."""
    inputs = np.array([[HALF_LOG_3], [0.0]])
    check.close(student.encode(inputs, np.eye(1), np.eye(1), np.zeros(1)), np.tanh([0.5]), what="context")


@pytest.mark.exercise("encode")
def test_encode_notices_the_order_of_words(student, rng):
    """The same words in another order leave another context."""
    W_ih, W_hh, b = weights_of(rng, 3, 4)
    inputs = rng.normal(size=(5, 3))
    forward, back = (student.encode(order, W_ih, W_hh, b) for order in (inputs, inputs[::-1].copy()))
    check.shape(forward, (4,), what="context")
    check.true(not np.allclose(forward, back), "both orders of the words leave the same context")


# t01.4 decode


def a_chain():
    """Arguments of `decode` in which each word leads to the next: bos 0 → 2 → 3 → 4 → eos 1."""
    W_out = np.zeros((5, 5))
    for token, following in [(0, 2), (2, 3), (3, 4), (4, 1)]:
        W_out[following, token] = 1.0
    return {
        "context": np.zeros(5),
        "embeddings": 9 * np.eye(5),
        "W_ih": np.eye(5),
        "W_hh": np.zeros((5, 5)),
        "b": np.zeros(5),
        "W_out": W_out,
        "bos": 0,
        "eos": 1,
    }


@pytest.mark.exercise("decode")
def test_decode_says_the_sentence(student):
    """Each word leads to the next, until eos: how (2) are (3) you (4)."""
    check.equal(student.decode(**a_chain(), max_len=10), [2, 3, 4], what="tokens")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("max_len", [0, 1, 2])
def test_decode_stops_at_max_len(student, max_len):
    """No more than `max_len` words are said."""
    check.equal(student.decode(**a_chain(), max_len=max_len), [2, 3, 4][:max_len], what="tokens")


@pytest.mark.exercise("decode")
def test_decode_starts_from_the_context(student):
    """The context decides the first word: here the state alone speaks, and it says 3."""
    arguments = a_chain() | {"W_ih": np.zeros((5, 5)), "W_hh": np.eye(5), "W_out": np.eye(5)}
    tokens = student.decode(**arguments | {"context": np.array([0.0, 0.1, 0.2, 0.9, 0.3])}, max_len=2)
    check.equal(tokens, [3, 3], what="tokens")


@pytest.mark.exercise("decode")
def test_decode_keeps_its_state_from_word_to_word(student):
    """The state alone speaks and moves on by one unit a step: from unit 2 to 3, to 4, to eos (1)."""
    onwards = np.zeros((5, 5))
    onwards[[3, 4, 1], [2, 3, 4]] = 9.0  # row 3 reads unit 2, row 4 unit 3, row 1 unit 4
    arguments = a_chain() | {"W_ih": np.zeros((5, 5)), "W_hh": onwards, "W_out": np.eye(5)}
    tokens = student.decode(**arguments | {"context": np.array([0.0, 0, 1, 0, 0])}, max_len=5)
    check.equal(tokens, [3, 4], what="tokens")
