"""Public tests of t03: small worked examples and properties to build against.

Run them with `attend check t03`, or with `pytest tests/public/test_t03_attention_decoding.py`.
The graders ask for more of the same: other sizes, batches, extreme scores, float32.
"""

import numpy as np
import pytest

from attend.testing import check

# t03.1 softmax


@pytest.mark.exercise("softmax")
def test_softmax_of_a_worked_example(student):
    """exp turns the scores ln 1, ln 2 and ln 5 into 1, 2 and 5: the weights are 1/8, 2/8 and 5/8."""
    weights = student.softmax(np.log([1.0, 2.0, 5.0]))
    check.close(weights, np.array([0.125, 0.25, 0.625]), what="weights")


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_shares_along_the_axis(student, rng, axis):
    """The weights add up to one along `axis`: 0 goes down the columns, 1 and −1 along the rows."""
    weights = student.softmax(rng.normal(size=(3, 4)), axis=axis)
    check.shape(weights, (3, 4), what="weights")
    check.close(weights.sum(axis=axis), np.ones(4 if axis == 0 else 3), what="sum of the weights")


@pytest.mark.exercise("softmax")
def test_softmax_depends_on_differences_alone(student):
    """10,000 and 9,999 give the same weights as 1 and 0, also beside a row of −10,000 and −9,999."""
    weights = student.softmax(np.array([[1.0, 0.0], [10000.0, 9999.0], [-10000.0, -9999.0]]))
    more, less = 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))
    check.close(weights, np.array([[more, less], [more, less], [less, more]]), what="weights")


# t03.2 masked_softmax


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_of_a_worked_example(student):
    """Of ln 1, ln 2, ln 5 and ln 3, the second is hidden: 1, 5 and 3 share, in ninths."""
    weights = student.masked_softmax(np.log([1.0, 2.0, 5.0, 3.0]), np.array([True, False, True, True]))
    check.close(weights, np.array([1, 0, 5, 3]) / 9, what="weights")


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_never_sees_hidden_scores(student):
    """However high the hidden score and however low the others, nothing changes."""
    mask = np.array([[True, True, False]] * 3)
    weights = student.masked_softmax(np.array([[0.0, 0, 0], [0, 0, 10000], [-10000, -10000, 5]]), mask)
    check.close(weights, np.array([[0.5, 0.5, 0.0]] * 3), what="weights")


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_where_nothing_is_allowed(student):
    """Nothing to attend to, no weight: the second row is hidden entirely, and its weights are zero."""
    weights = student.masked_softmax(np.zeros((2, 2)), np.array([[True, True], [False, False]]))
    check.close(weights, np.array([[0.5, 0.5], [0.0, 0.0]]), what="weights")


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_along_the_columns(student):
    """Down each column, the first and third position share equally; one mask serves all four columns."""
    mask = np.array([[True], [False], [True]])
    expected = np.array([[0.5] * 4, [0.0] * 4, [0.5] * 4])
    check.close(student.masked_softmax(np.ones((3, 4)), mask, axis=0), expected, what="weights")


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_without_a_mask(student):
    """A mask of None allows everything."""
    check.close(student.masked_softmax(np.log([1.0, 3.0]), None), np.array([0.25, 0.75]), what="weights")


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_keeps_float32(student):
    """Scores in float32 give weights in float32, also under a mask."""
    weights = student.masked_softmax(np.zeros(3, dtype=np.float32), np.array([True, False, True]))
    check.equal(weights, np.array([0.5, 0.0, 0.5], dtype=np.float32), what="weights")


# t03.3 context_vector


@pytest.mark.exercise("context_vector")
def test_context_vector_of_a_worked_example(student):
    """½ · [2, 0, 4] + ¼ · [4, 8, 0] + ¼ · [0, 8, 0] = [2, 4, 2]."""
    annotations = np.array([[2.0, 0.0, 4.0], [4.0, 8.0, 0.0], [0.0, 8.0, 0.0]])
    context = student.context_vector(np.array([0.5, 0.25, 0.25]), annotations)
    check.close(context, np.array([2.0, 4.0, 2.0]), what="context")


@pytest.mark.exercise("context_vector")
def test_context_vector_of_a_batch(student, rng):
    """Each sentence of a batch has a context of its own: here all the weight lies on word 0, 2 and 1."""
    annotations = rng.normal(size=(3, 4, 2))
    context = student.context_vector(np.eye(4)[[0, 2, 1]], annotations)
    check.close(context, np.array([annotations[0, 0], annotations[1, 2], annotations[2, 1]]), what="context")


@pytest.mark.exercise("context_vector")
def test_context_vector_takes_weights_as_they_are(student):
    """No weight at all gives a context of zero: nothing is divided by the sum of the weights."""
    context = student.context_vector(np.zeros(3), np.ones((3, 2)))
    check.close(context, np.zeros(2), what="context")


# t03.4 attend


@pytest.mark.exercise("attend")
def test_attend_of_a_worked_example(student):
    """The scores are ln 1, ln 2 and ln 5, so the weights are 1/8, 2/8 and 5/8."""
    annotations = np.array([[np.log(1.0), 8.0], [np.log(2.0), 0.0], [np.log(5.0), 16.0]])
    context, weights = student.attend(np.array([1.0, 0.0]), annotations)
    check.close(weights, np.array([0.125, 0.25, 0.625]), what="weights")
    check.close(context, np.array([(2 * np.log(2) + 5 * np.log(5)) / 8, 11.0]), what="context")


@pytest.mark.exercise("attend")
def test_attend_looks_at_the_annotation_like_its_state(student):
    """A state that points along one annotation attends to it: here to word 2, then to word 0."""
    states = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    context, weights = student.attend(states, np.array([30 * np.eye(3), 30 * np.eye(3)]))
    check.close(weights.round(6), np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), what="weights, rounded")
    check.close(context.round(6), 30 * states, what="context, rounded")


@pytest.mark.exercise("attend")
def test_attend_ignores_padding(student, rng):
    """Padding behind a sentence changes neither its context nor the weights of its words."""
    state, annotations = rng.normal(size=3), rng.normal(size=(4, 3))
    context, weights = student.attend(state, annotations)
    padded = np.vstack([annotations, 3 * state, 3 * state])  # what the state would like best
    padded_context, padded_weights = student.attend(state, padded, np.array([True] * 4 + [False] * 2))
    check.close(padded_context, context, what="context of the padded sentence")
    check.close(padded_weights, np.concatenate([weights, [0.0, 0.0]]), what="weights of the padded sentence")


# t03.5 decode_step

HALF_LOG_3 = np.log(3.0) / 2  # tanh(½ ln 3) = ½


@pytest.mark.exercise("decode_step")
def test_decode_step_of_a_worked_example(student):
    """The new state is tanh(½ ln 3) = ½, its scores are ln 1 and ln 3, so the weights are ¼ and ¾."""
    logits, state, weights = student.decode_step(
        embedding=np.array([1.0]),
        state=np.array([-1.0]),
        annotations=np.array([[0.0], [4 * HALF_LOG_3]]),
        mask=None,
        W_ih=np.array([[3 * HALF_LOG_3]]),
        W_hh=np.array([[HALF_LOG_3]]),
        b=np.array([-HALF_LOG_3]),
        W_out=np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 10.0]]),
    )
    check.close(state, np.array([0.5]), what="state")
    check.close(weights, np.array([0.25, 0.75]), what="weights")
    check.close(logits, np.array([3 * HALF_LOG_3, 0.5, 3 * HALF_LOG_3 + 5]), what="logits")


@pytest.mark.exercise("decode_step")
def test_decode_step_attends_with_its_new_state(student, rng):
    """The context and weights are those of your own `attend`, asked with the state that the step returns."""
    annotations, mask = rng.normal(size=(2, 5, 3)), np.array([[True] * 5, [True] * 3 + [False] * 2])
    W_ih, W_hh, b = rng.normal(size=(3, 4)), rng.normal(size=(3, 3)), rng.normal(size=3)
    read_all = np.eye(6)  # so that the logits are [context; state]
    logits, state, weights = student.decode_step(
        rng.normal(size=(2, 4)), rng.normal(size=(2, 3)), annotations, mask, W_ih, W_hh, b, read_all
    )
    expected_context, expected_weights = student.attend(state, annotations, mask)
    check.close(weights, expected_weights, what="weights")
    check.close(logits, np.concatenate([expected_context, state], axis=-1), what="logits")


@pytest.mark.exercise("decode_step")
def test_decode_step_moves_the_state_like_an_rnn(student):
    """Row i of W_hh and W_ih belongs to entry i of the new state."""
    _, state, _ = student.decode_step(
        np.array([1.0, 2.0, 0.0]),
        np.array([0.5, -0.5]),
        np.ones((4, 2)),
        None,
        W_ih=np.array([[0.1, 0.2, 9.0], [0.0, -0.3, 9.0]]),
        W_hh=np.array([[0.0, 1.0], [0.4, 0.0]]),
        b=np.array([0.1, 0.0]),
        W_out=np.ones((5, 4)),
    )
    check.close(state, np.tanh([0.1 + 0.4 - 0.5 + 0.1, -0.6 + 0.2]), what="state")


# t03.6 decode


def how_are_you():
    """A decoder that looks at three source words in turn, with the example of the docstring.

    Tokens: 0 bos, 1 eos, 2 how, 3 are, 4 you. Every word but the last says where to look next; a decoder that
    reads on after eos starts all over again.
    """
    W_out = np.eye(5, 6, k=-2)
    W_out[1, :3] = 0.5  # eos wins where attention is spread out
    return {
        "state": np.zeros(3),
        "annotations": 9 * np.eye(3),
        "mask": None,
        "embeddings": 9 * np.eye(4, 3)[[0, 0, 1, 2, 3]],
        "W_ih": np.eye(3),
        "W_hh": np.zeros((3, 3)),
        "b": np.zeros(3),
        "W_out": W_out,
        "bos": 0,
        "eos": 1,
    }


@pytest.mark.exercise("decode")
def test_decode_writes_how_are_you(student):
    """The sentence is how (2) are (3) you (4), and each word looks at its own source word."""
    tokens, alignment = student.decode(**how_are_you(), max_len=10)
    check.equal(tokens, [2, 3, 4], what="tokens")
    check.shape(alignment, (3, 3), what="alignment")
    check.close(alignment.round(2), np.eye(3), what="alignment, rounded")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("max_len", [0, 1, 2])
def test_decode_stops_at_max_len(student, max_len):
    """At most `max_len` tokens are written, and the alignment has a row for each, even if that is none."""
    tokens, alignment = student.decode(**how_are_you(), max_len=max_len)
    check.equal(tokens, [2, 3, 4][:max_len], what="tokens")
    check.shape(alignment, (max_len, 3), what="alignment")


@pytest.mark.exercise("decode")
def test_decode_follows_its_own_steps(student, rng):
    """The alignment is what your own `decode_step` gives, fed with bos and then with each token."""
    decoder = how_are_you() | {"state": rng.normal(size=3), "W_hh": 0.1 * rng.normal(size=(3, 3))}
    tokens, alignment = student.decode(**decoder, max_len=3)
    check.equal(tokens, [2, 3, 4], what="tokens")
    check.shape(alignment, (3, 3), what="alignment")
    state = decoder["state"]
    for row, token in zip(alignment, [0, 2, 3], strict=True):
        arguments = {name: decoder[name] for name in ("annotations", "mask", "W_ih", "W_hh", "b", "W_out")}
        _, state, weights = student.decode_step(decoder["embeddings"][token], state, **arguments)
        check.close(row, weights, what=f"weights after token {token}")


@pytest.mark.exercise("decode")
def test_decode_ignores_padding(student):
    """Two positions of padding change no word, and their columns of the alignment are zero."""
    decoder = how_are_you()
    decoder["annotations"] = np.vstack([decoder["annotations"], np.full((2, 3), 50.0)])
    decoder["mask"] = np.array([True, True, True, False, False])
    tokens, alignment = student.decode(**decoder, max_len=10)
    check.equal(tokens, [2, 3, 4], what="tokens")
    check.close(alignment.round(2), np.eye(3, 5), what="alignment, rounded")
