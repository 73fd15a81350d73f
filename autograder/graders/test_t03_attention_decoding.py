"""Hidden graders of t03.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), and what must always hold.
"""

import math
from itertools import pairwise

import numpy as np
import pytest

from attend.testing import check
from attend.testing.items import for_exercises

BATCHES = pytest.mark.parametrize("batch", [(), (3,), (2, 3)], ids=["no batch", "one axis", "two axes"])
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel


def softmax_by_hand(scores, mask=None, axis=-1):
    weights = np.zeros(scores.shape)
    mask = np.broadcast_to(True if mask is None else mask, scores.shape)
    scores, mask, rows = (np.moveaxis(array, axis, -1) for array in (scores, mask, weights))
    for row in np.ndindex(rows.shape[:-1]):
        allowed = np.flatnonzero(mask[row])
        highest = max(scores[row][allowed], default=0.0)
        exp = {s: math.exp(scores[row][s] - highest) for s in allowed}
        for s in allowed:
            rows[*row, s] = exp[s] / sum(exp.values())
    return weights


def attend_by_hand(state, annotations, mask=None):
    scores, context = np.zeros(annotations.shape[:-1]), np.zeros(state.shape)
    for *sentence, s, a in np.ndindex(annotations.shape):
        scores[*sentence, s] += annotations[*sentence, s, a] * state[*sentence, a]
    weights = softmax_by_hand(scores, mask)
    for *sentence, s, a in np.ndindex(annotations.shape):
        context[*sentence, a] += weights[*sentence, s] * annotations[*sentence, s, a]
    return context, weights


def decode_step_by_hand(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    new, logits = np.zeros(state.shape), np.zeros((*state.shape[:-1], len(W_out)))
    for *sentence, a in np.ndindex(new.shape):
        new[*sentence, a] = math.tanh(W_ih[a] @ embedding[*sentence] + W_hh[a] @ state[*sentence] + b[a])
    context, weights = attend_by_hand(new, annotations, mask)
    for *sentence, v in np.ndindex(logits.shape):
        logits[*sentence, v] = W_out[v] @ [*context[*sentence], *new[*sentence]]
    return logits, new, weights


def decode_by_hand(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    words, rows = [bos], []
    while len(rows) < max_len:
        step = embeddings[words[-1]], state, annotations, mask, W_ih, W_hh, b, W_out
        logits, state, weights = decode_step_by_hand(*step)
        if logits[eos] == max(logits):
            break
        words.append(list(logits).index(max(logits)))
        rows.append(weights)
    return words[1:], np.reshape(rows, (len(rows), len(annotations)))


def a_mask(rng, *shape):
    """A random mask that hides the first position and allows at least the last."""
    mask = rng.random(shape) < 0.6
    mask[..., 0], mask[..., -1] = False, True
    return mask


def a_source(rng, *batch, S=5, A=4):
    """Arguments of `attend`: a random state, annotations and a mask."""
    state, annotations = rng.normal(size=(*batch, A)), rng.normal(size=(*batch, S, A))
    return {"state": state, "annotations": annotations, "mask": a_mask(rng, *batch, S)}


def some_layers(rng, D, A, V):
    sizes = {"W_ih": (A, D), "W_hh": (A, A), "b": (A,), "W_out": (V, 2 * A)}
    return {name: rng.normal(size=size) for name, size in sizes.items()}


def a_step(rng, *batch, S=5):
    """Arguments of `decode_step`: D 3, A 4, V 7, everything random."""
    step = {"embedding": rng.normal(size=(*batch, 3))}
    return step | a_source(rng, *batch, S=S) | some_layers(rng, 3, 4, 7)


def a_talker(rng, S=5):
    """Arguments of `decode`: D 3, A 4, V 8, everything random, nothing hidden, and the sentence never ends.

    bos and eos always score between two words.
    """
    decoder = a_source(rng, S=S) | {"embeddings": rng.normal(size=(8, 3))} | some_layers(rng, 3, 4, 8)
    W_out = decoder["W_out"]
    W_out[0], W_out[1] = (W_out[2] + W_out[3]) / 2, (W_out[4] + W_out[5]) / 2
    return decoder | {"mask": None, "bos": 0, "eos": 1}


def a_speller(rng, words, bos=0, eos=1):
    """Arguments of `decode`: D 9, A 10, V 8, S 6, nothing hidden; the sentence is `words`.

    Entry k of the state says that token k was read last, and makes the token after it win by far. What else
    the layers hold changes no word, but all the weights.
    """
    small = {name: 0.03 * layer for name, layer in some_layers(rng, 9, 10, 8).items()}
    for token, following in pairwise([bos, *words, eos, *words]):
        small["W_out"][following, 10 + token] = 20.0
    decoder = a_source(rng, S=6, A=10) | {"embeddings": 4 * np.eye(8, 9)} | small | {"W_ih": np.eye(10, 9)}
    return decoder | {"mask": None, "bos": bos, "eos": eos}


def in_float32(arguments):
    floats = {name: value for name, value in arguments.items() if getattr(value, "dtype", None) == np.float64}
    return arguments | {name: value.astype(np.float32) for name, value in floats.items()}


# t03.1 softmax


@pytest.mark.exercise("softmax")
def test_weights_stand_in_the_ratio_of_the_exponentials(student):
    """Scores that are logarithms give weights in the ratio of the numbers themselves."""
    weights = student.softmax(np.log([3.0, 1.0, 4.0, 12.0]))
    check.close(weights, np.array([0.15, 0.05, 0.2, 0.6]), what="weights")


@BATCHES
@pytest.mark.exercise("softmax")
def test_each_row_is_a_softmax_of_its_own(student, rng, batch):
    """With any number of batch axes, a row's weights depend on that row's scores alone."""
    scores = 3 * rng.normal(size=(*batch, 5))
    check.close(student.softmax(scores), softmax_by_hand(scores), what="weights")


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_the_axis_decides_who_shares(student, rng, axis):
    """The weights add up to one along `axis`, whichever that is."""
    scores = rng.normal(size=(4, 3, 5))
    check.close(student.softmax(scores, axis=axis), softmax_by_hand(scores, axis=axis), what="weights")


@pytest.mark.exercise("softmax")
@pytest.mark.parametrize("axis", [0, 1])
def test_a_square_of_scores_has_two_axes(student, rng, axis):
    """With as many rows as columns, the weights still add up to one along `axis`."""
    scores = rng.normal(size=(4, 4))
    check.close(student.softmax(scores, axis), softmax_by_hand(scores, axis=axis), what="weights")


@pytest.mark.exercise("softmax")
def test_only_differences_between_scores_count(student, rng):
    """The same number added to all the scores of a row changes no weight."""
    scores, shift = rng.normal(size=(3, 4)), 50 * rng.normal(size=(3, 1))
    check.close(student.softmax(scores + shift), softmax_by_hand(scores), what="weights")


@pytest.mark.exercise("softmax")
def test_a_score_gets_the_same_weight_wherever_it_stands(student, rng):
    """Permuted scores give permuted weights."""
    scores, order = rng.normal(size=6), rng.permutation(6)
    check.close(student.softmax(scores[order]), softmax_by_hand(scores)[order], what="weights")


@pytest.mark.exercise("softmax")
def test_huge_scores_do_not_overflow(student):
    """Scores of ±10,000 give finite weights, and equal scores equal ones."""
    weights = student.softmax(np.array([1e4, -1e4, 1e4, 0.0]))
    check.close(weights, np.array([0.5, 0.0, 0.5, 0.0]), what="weights")


@pytest.mark.exercise("softmax")
def test_low_rows_survive_beside_high_ones(student):
    """A row of very low scores is shared out properly beside a row of very high ones."""
    log = np.log([1.0, 4.0])
    weights = student.softmax(np.array([log - 1e4, log[::-1] + 1e4]))
    check.close(weights, np.array([[0.2, 0.8], [0.8, 0.2]]), what="weights")


@pytest.mark.exercise("softmax")
def test_a_single_score_gets_all_the_weight(student, rng):
    """Where there is only one position, it receives everything."""
    check.close(student.softmax(1e4 * rng.normal(size=(4, 1))), np.ones((4, 1)), what="weights")


@pytest.mark.exercise("softmax")
def test_softmax_keeps_float32(student, rng):
    """Scores in float32 give weights in float32."""
    scores = rng.normal(size=(3, 5)).astype(np.float32)
    expected = softmax_by_hand(scores).astype(np.float32)
    check.close(student.softmax(scores), expected, what="weights", **FLOAT32)


# t03.2 masked_softmax


@pytest.mark.exercise("masked_softmax")
def test_the_allowed_positions_share_everything(student):
    """The allowed positions share out the whole unit as if the others were not there."""
    weights = student.masked_softmax(np.log([2.0, 7.0, 3.0, 5.0]), np.array([True, False, True, True]))
    check.close(weights, np.array([0.2, 0.0, 0.3, 0.5]), what="weights")


@BATCHES
@pytest.mark.exercise("masked_softmax")
def test_each_row_has_a_mask_of_its_own(student, rng, batch):
    """With any number of batch axes, a row is masked and shared out by itself."""
    scores, mask = 3 * rng.normal(size=(*batch, 6)), a_mask(rng, *batch, 6)
    check.close(student.masked_softmax(scores, mask), softmax_by_hand(scores, mask), what="weights")


@pytest.mark.exercise("masked_softmax")
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_the_allowed_positions_share_along_the_axis(student, rng, axis):
    """The weights of the allowed positions add up to one along `axis`, whichever that is."""
    scores, mask = rng.normal(size=(4, 3, 5)), rng.random((4, 3, 5)) < 0.6
    mask[-1], mask[:, -1], mask[..., -1] = True, True, True
    expected = softmax_by_hand(scores, mask, axis)
    check.close(student.masked_softmax(scores, mask, axis=axis), expected, what="weights")


@pytest.mark.exercise("masked_softmax")
@pytest.mark.parametrize("mask", [None, np.full((3, 4), True)], ids=["none", "True everywhere"])
def test_no_mask_allows_everything(student, rng, mask):
    """Without a mask, or with one that is True everywhere, every position takes part."""
    scores = rng.normal(size=(3, 4))
    expected = softmax_by_hand(scores, axis=0)
    check.close(student.masked_softmax(scores, mask, axis=0), expected, what="weights")


@pytest.mark.exercise("masked_softmax")
@pytest.mark.parametrize(
    ("scores", "mask"),
    [
        ((2, 3, 5), (5,)),
        ((2, 3, 5), (3, 5)),
        ((2, 3, 5), (2, 1, 5)),
        ((2, 3, 5), (2, 3, 1)),
        ((4, 4), (4,)),
        ((4, 4), (4, 1)),
    ],
    ids=str,
)
def test_a_smaller_mask_is_broadcast(student, rng, scores, mask):
    """A mask with fewer or shorter axes stands for one of the scores' shape."""
    scores, mask = rng.normal(size=scores), rng.random(mask) < 0.5
    mask.flat[0], mask.flat[-1] = False, True
    check.close(student.masked_softmax(scores, mask), softmax_by_hand(scores, mask), what="weights")


@pytest.mark.exercise("masked_softmax")
@pytest.mark.parametrize("hidden", [0.0, 1e4, -1e4])
def test_a_hidden_score_has_no_influence(student, rng, hidden):
    """Whatever the score of a hidden position, the weights stay the same."""
    scores, mask = rng.normal(size=(4, 6)), a_mask(rng, 4, 6)
    weights = student.masked_softmax(np.where(mask, scores, hidden), mask)
    check.close(weights, softmax_by_hand(scores, mask), what="weights")


@pytest.mark.exercise("masked_softmax")
def test_a_row_with_nothing_allowed_gets_no_weight(student, rng):
    """The weights of a fully masked row are zero, and its neighbours do not notice."""
    # whole scores: a large number that is added to a whole row leaves no trace of its size
    scores, mask = np.rint(2 * rng.normal(size=(3, 4))), a_mask(rng, 3, 4)
    mask[1] = False
    check.close(student.masked_softmax(scores, mask), softmax_by_hand(scores, mask), what="weights")


@pytest.mark.exercise("masked_softmax")
@pytest.mark.parametrize("low", [-1e4, -1e5])
def test_low_scores_share_everything_beside_high_hidden_ones(student, low):
    """Allowed scores of −10,000 or −100,000 receive the whole unit beside hidden scores of +10,000 and 0."""
    scores = np.array([1e4, low, low + math.log(3.0), 0.0])
    weights = student.masked_softmax(scores, np.array([False, True, True, False]))
    check.close(weights, np.array([0.0, 0.25, 0.75, 0.0]), what="weights")


@pytest.mark.exercise("masked_softmax")
def test_a_single_position_gets_all_or_nothing(student, rng):
    """Where there is only one position, its mask alone decides."""
    weights = student.masked_softmax(1e4 * rng.normal(size=(2, 1)), np.array([[True], [False]]))
    check.close(weights, np.array([[1.0], [0.0]]), what="weights")


@pytest.mark.exercise("masked_softmax")
def test_masked_softmax_keeps_float32(student, rng):
    """Scores in float32 give weights in float32."""
    scores, mask = rng.normal(size=(3, 5)).astype(np.float32), a_mask(rng, 3, 5)
    expected = softmax_by_hand(scores, mask).astype(np.float32)
    check.close(student.masked_softmax(scores, mask), expected, what="weights", **FLOAT32)


# t03.3 context_vector


@pytest.mark.exercise("context_vector")
def test_a_context_worked_by_hand(student):
    """Each annotation enters the sum multiplied by its weight."""
    annotations = np.array([[2.0, 0.0, 1.0, 8.0], [4.0, 10.0, 1.0, -2.0], [0.0, 5.0, 1.0, 6.0]])
    context = student.context_vector(np.array([0.5, 0.1, 0.4]), annotations)
    check.close(context, np.array([1.4, 3.0, 1.0, 6.2]), what="context")


@BATCHES
@pytest.mark.exercise("context_vector")
def test_each_sentence_has_a_context_of_its_own(student, rng, batch):
    """With any number of batch axes, a context is made of its own sentence's annotations."""
    weights, annotations = rng.random((*batch, 5)), rng.normal(size=(*batch, 5, 4))
    expected = np.einsum("...s,...sa->...a", weights, annotations)
    check.close(student.context_vector(weights, annotations), expected, what="context")


@pytest.mark.exercise("context_vector")
@pytest.mark.parametrize("batch", [(), (4,)], ids=["no batch", "as many sentences"])
def test_as_many_positions_as_features(student, rng, batch):
    """Where the annotations are square, it is still the positions that are summed away."""
    weights, annotations = rng.random((*batch, 4)), rng.normal(size=(*batch, 4, 4))
    expected = np.einsum("...s,...sa->...a", weights, annotations)
    check.close(student.context_vector(weights, annotations), expected, what="context")


@pytest.mark.exercise("context_vector")
@pytest.mark.parametrize("place", [0, 3, 5])
def test_all_the_weight_on_one_position_gives_its_annotation(student, rng, place):
    """A weight of one picks its annotation."""
    annotations = rng.normal(size=(6, 3))
    check.close(student.context_vector(np.eye(6)[place], annotations), annotations[place], what="context")


@pytest.mark.exercise("context_vector")
@pytest.mark.parametrize("factor", [1, 2])
def test_weights_are_used_as_they_come(student, rng, factor):
    """Whether or not the weights add up to one, twice the weights make twice the context."""
    weights, annotations = rng.random((3, 4)), rng.normal(size=(3, 4, 5))
    expected = factor * np.einsum("bs,bsa->ba", weights, annotations)
    check.close(student.context_vector(factor * weights, annotations), expected, what="context")


@pytest.mark.exercise("context_vector")
def test_no_weight_gives_no_context(student, rng):
    """Where nothing may be attended to, the context is zero."""
    context = student.context_vector(np.zeros((2, 4)), rng.normal(size=(2, 4, 3)))
    check.close(context, np.zeros((2, 3)), what="context")


@pytest.mark.exercise("context_vector")
def test_the_order_of_the_positions_does_not_matter(student, rng):
    """Weights and annotations permuted together give the same context."""
    weights, annotations, order = rng.random(6), rng.normal(size=(6, 4)), rng.permutation(6)
    expected = np.einsum("s,sa->a", weights, annotations)
    check.close(student.context_vector(weights[order], annotations[order]), expected, what="context")


@pytest.mark.exercise("context_vector")
def test_huge_annotations_are_summed_like_others(student):
    """Annotations of ±10,000 are ordinary input."""
    context = student.context_vector(np.array([0.75, 0.25]), np.array([[1e4, -1e4, 1.0], [1e4, 1e4, -1e4]]))
    check.close(context, np.array([1e4, -5e3, -2499.25]), what="context")


@pytest.mark.exercise("context_vector")
def test_one_position_is_enough(student):
    """The only annotation of a sentence is multiplied by its weight."""
    context = student.context_vector(np.array([0.5]), np.array([[3.0, 8.0]]))
    check.close(context, np.array([1.5, 4.0]), what="context")


@pytest.mark.exercise("context_vector")
def test_context_vector_keeps_float32(student, rng):
    """Weights and annotations in float32 give a context in float32."""
    weights, annotations = rng.random((2, 5), np.float32), rng.normal(size=(2, 5, 3)).astype(np.float32)
    expected = np.einsum("bs,bsa->ba", weights, annotations)
    check.close(student.context_vector(weights, annotations), expected, what="context", **FLOAT32)


# t03.4 attend

ATTENTION = ("context", "weights")


@pytest.mark.exercise("attend")
def test_attention_worked_by_hand(student):
    """Weights and context of a case small enough for pencil and paper."""
    log2 = math.log(2.0)
    annotations = np.array([[log2, 0.0, 0.0], [0.0, log2, 0.0], [log2, log2, 7.0]])
    context, weights = student.attend(np.array([1.0, 2.0, 0.0]), annotations)
    check.close(weights, np.array([2.0, 4.0, 8.0]) / 14, what="weights")
    check.close(context, np.array([10 * log2, 12 * log2, 56.0]) / 14, what="context")


@BATCHES
@pytest.mark.exercise("attend")
def test_each_state_attends_to_its_own_sentence(student, rng, batch):
    """With any number of batch axes, a state scores, shares and sums over its own annotations."""
    source = a_source(rng, *batch)
    check.close(student.attend(**source), attend_by_hand(**source), what=ATTENTION)


@pytest.mark.exercise("attend")
@pytest.mark.parametrize("mask", [{"mask": None}, {}], ids=["None", "not given"])
def test_without_a_mask_every_word_takes_part(student, rng, mask):
    """A mask of None, or none given, allows every position."""
    source = a_source(rng, 2)
    del source["mask"]
    check.close(student.attend(**source, **mask), attend_by_hand(**source), what=ATTENTION)


@pytest.mark.exercise("attend")
@pytest.mark.parametrize("padding", [0.0, 30.0])
def test_padding_has_no_influence(student, rng, padding):
    """Whatever stands at the hidden positions, context and weights stay the same."""
    source = a_source(rng, 3)
    padded = np.where(source["mask"][..., None], source["annotations"], padding)
    answer = student.attend(source["state"], padded, source["mask"])
    check.close(answer, attend_by_hand(**source), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_nothing_allowed_gives_no_weight_and_no_context(student, rng):
    """A fully masked sentence has weights and context of zero, and its neighbours do not notice."""
    source = a_source(rng, 3)
    source["mask"][1] = False
    check.close(student.attend(**source), attend_by_hand(**source), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_as_many_sentences_as_positions_and_features(student, rng):
    """With all sizes equal, a row of the mask still belongs to a sentence and a row of annotations to a position."""
    source = a_source(rng, 4, S=4)
    check.close(student.attend(**source), attend_by_hand(**source), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_low_scores_get_all_the_attention_beside_hidden_ones(student, rng):
    """Where the allowed annotations score −20,000, the hidden ones still get nothing."""
    source = a_source(rng, 3)
    source["state"][:, 0] = 1.0
    source["annotations"][..., 0] = np.where(source["mask"], -2e4, 0.0)
    check.close(student.attend(**source), attend_by_hand(**source), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_weights_follow_their_annotations(student, rng):
    """Permuted annotations permute the weights and leave the context as it is."""
    source, order = a_source(rng) | {"mask": None}, rng.permutation(5)
    context, weights = attend_by_hand(**source)
    answer = student.attend(source["state"], source["annotations"][order])
    check.close(answer, (context, weights[order]), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_huge_scores_pick_the_best_annotation(student):
    """With scores of ±10,000 all the weight goes to the largest, and nothing overflows."""
    annotations = np.array([[-100.0, 1.0], [100.0, 3.0], [0.0, 2.0]])
    answer = student.attend(np.array([100.0, 0.0]), annotations)
    check.close(answer, (np.array([100.0, 3.0]), np.array([0.0, 1.0, 0.0])), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_a_source_of_one_word_gets_all_the_attention(student, rng):
    """Where there is only one annotation, it is the context."""
    source = a_source(rng, 3, S=1)
    check.close(student.attend(**source), (source["annotations"][:, 0], np.ones((3, 1))), what=ATTENTION)


@pytest.mark.exercise("attend")
def test_attend_keeps_float32(student, rng):
    """States and annotations in float32 give context and weights in float32."""
    source = in_float32(a_source(rng, 2))
    expected = tuple(part.astype(np.float32) for part in attend_by_hand(**source))
    check.close(student.attend(**source), expected, what=ATTENTION, **FLOAT32)


# t03.5 decode_step

STEP = ("logits", "state", "weights")


@pytest.mark.exercise("decode_step")
def test_a_step_worked_by_hand(student):
    """New state, weights and logits of a case small enough for pencil and paper."""
    log3 = math.log(3.0)  # tanh(½ ln 3) = ½
    logits, state, weights = student.decode_step(
        np.array([1.5]),
        np.array([-1.0]),
        np.array([[log3], [-log3]]),
        None,
        W_ih=np.array([[log3]]),
        W_hh=np.array([[log3 / 2]]),
        b=np.array([-log3 / 2]),
        W_out=np.array([[1.0, 0.0], [0.0, 4.0], [2.0, -2.0]]),
    )
    check.close(state, np.array([0.5]), what="state")
    check.close(weights, np.array([0.75, 0.25]), what="weights")
    check.close(logits, np.array([log3 / 2, 2.0, log3 - 1.0]), what="logits")


@BATCHES
@pytest.mark.exercise("decode_step")
def test_each_sentence_takes_a_step_of_its_own(student, rng, batch):
    """With any number of batch axes, a sentence moves on by itself."""
    step = a_step(rng, *batch)
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_a_step_without_a_mask_sees_every_word(student, rng):
    """A mask of None allows every position of every sentence."""
    step = a_step(rng, 2, S=6) | {"mask": None}
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_the_old_state_acts_through_the_recurrence_alone(student, rng):
    """With W_hh at zero, the state that came in makes no difference."""
    step = a_step(rng) | {"W_hh": np.zeros((4, 4))}
    other = step | {"state": rng.normal(size=4)}
    check.close(student.decode_step(**other), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
@pytest.mark.parametrize("padding", [0.0, 30.0])
def test_padding_does_not_change_a_step(student, rng, padding):
    """Whatever stands at the hidden positions, the step stays the same."""
    step = a_step(rng, 2)
    padded = step | {"annotations": np.where(step["mask"][..., None], step["annotations"], padding)}
    check.close(student.decode_step(**padded), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_a_step_with_nothing_to_attend_to_reads_the_state_alone(student, rng):
    """With everything hidden, the weights are zero and the logits come from the state."""
    step = a_step(rng) | {"mask": np.full(5, False)}
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_huge_numbers_saturate_a_step(student, rng):
    """Embeddings and annotations of ±10,000 saturate tanh and softmax, and nothing overflows."""
    step = a_step(rng)
    step |= {"embedding": 1e4 * step["embedding"], "annotations": 1e4 * step["annotations"]}
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_a_step_with_low_scores_sees_nothing_hidden(student, rng):
    """Where the allowed annotations score −20,000, the hidden ones still get nothing."""
    step = a_step(rng, 2)
    step["b"][0] = 50.0  # the state's first number is 1 after each word
    step["annotations"][..., 0] = np.where(step["mask"], -2e4, 0.0)
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_a_step_where_all_sizes_agree(student, rng):
    """With sizes that cannot be told apart, every axis keeps its meaning."""
    step = {"embedding": rng.normal(size=(4, 4))} | a_source(rng, 4, S=4) | some_layers(rng, 4, 4, 8)
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_a_step_over_a_source_of_one_word(student, rng):
    """Where there is only one annotation, it is the context."""
    step = a_step(rng, 3, S=1)
    check.close(student.decode_step(**step), decode_step_by_hand(**step), what=STEP)


@pytest.mark.exercise("decode_step")
def test_decode_step_keeps_float32(student, rng):
    """Everything in float32 gives logits, state and weights in float32."""
    step = in_float32(a_step(rng, 2))
    expected = tuple(part.astype(np.float32) for part in decode_step_by_hand(**step))
    check.close(student.decode_step(**step), expected, what=STEP, **FLOAT32)


# t03.6 decode

SENTENCE = ("tokens", "alignment")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("words", [[4], [6, 2, 5], [3, 7, 2, 5, 4]], ids=len)
def test_the_sentence_ends_at_eos(student, rng, words):
    """The tokens are the words before eos, and the alignment has a row for each of them."""
    decoder = a_speller(rng, words)
    tokens, alignment = student.decode(**decoder, max_len=12)
    check.equal(tokens, words, what="tokens")
    check.close(alignment, decode_by_hand(**decoder, max_len=12)[1], what="alignment")


@pytest.mark.exercise("decode")
def test_any_token_may_be_bos_or_eos(student, rng):
    """Nothing depends on bos being 0 or eos being 1."""
    tokens, _ = student.decode(**a_speller(rng, [0, 3, 1], bos=5, eos=2), max_len=9)
    check.equal(tokens, [0, 3, 1], what="tokens")


@pytest.mark.exercise("decode")
def test_each_word_follows_from_the_state_and_the_word_before(student, rng):
    """A long sentence of a random decoder, step by step."""
    decoder = a_talker(rng, S=6)
    answer = student.decode(**decoder, max_len=11)
    check.close(answer, decode_by_hand(**decoder, max_len=11), what=SENTENCE)


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("max_len", [1, 2, 3])
def test_at_most_max_len_tokens_are_written(student, rng, max_len):
    """A sentence that is not over is cut off after `max_len` tokens; bos and eos do not count."""
    tokens, alignment = student.decode(**a_speller(rng, [2, 3, 4]), max_len=max_len)
    check.equal(tokens, [2, 3, 4][:max_len], what="tokens")
    check.shape(alignment, (max_len, 6), what="alignment")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("words, max_len", [([], 5), ([2, 3], 0)], ids=["eos comes first", "max_len is 0"])
def test_an_empty_sentence_has_an_alignment_without_rows(student, rng, words, max_len):
    """Where no token is written, the alignment has no row but still a column for each source word."""
    tokens, alignment = student.decode(**a_speller(rng, words), max_len=max_len)
    check.equal(tokens, [], what="tokens")
    check.shape(alignment, (0, 6), what="alignment")


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("padding", [0.0, 30.0])
def test_padding_never_receives_weight(student, rng, padding):
    """Whatever stands at the hidden positions, their weights are zero and the sentence stays the same."""
    decoder = a_talker(rng) | {"mask": a_mask(rng, 5)}
    padded = decoder | {"annotations": np.where(decoder["mask"][:, None], decoder["annotations"], padding)}
    answer = student.decode(**padded, max_len=7)
    check.close(answer, decode_by_hand(**decoder, max_len=7), what=SENTENCE)


@pytest.mark.exercise("decode")
def test_a_decoder_with_nothing_to_attend_to_still_writes(student, rng):
    """With everything hidden, the words come from the state alone and all weights are zero."""
    decoder = a_talker(rng) | {"mask": np.full(5, False)}
    answer = student.decode(**decoder, max_len=6)
    check.close(answer, decode_by_hand(**decoder, max_len=6), what=SENTENCE)


@pytest.mark.exercise("decode")
def test_huge_annotations_do_not_disturb_the_search(student, rng):
    """With annotations of ±10,000 the weights saturate and nothing overflows."""
    decoder = a_talker(rng)
    decoder["annotations"] *= 1e4
    answer = student.decode(**decoder, max_len=6)
    check.close(answer, decode_by_hand(**decoder, max_len=6), what=SENTENCE)


@pytest.mark.exercise("decode")
@pytest.mark.parametrize("every", [-1e4, 1e4])
def test_extreme_scores_of_words_are_compared_all_the_same(student, rng, every):
    """Where all words score about −10,000, or +10,000, the largest score still decides."""
    decoder = a_talker(rng)
    decoder["b"][0] = 50.0  # the state's first number is 1 after each word
    decoder["W_out"][:, 4] = every
    answer = student.decode(**decoder, max_len=6)
    check.close(answer, decode_by_hand(**decoder, max_len=6), what=SENTENCE)


@pytest.mark.exercise("decode")
def test_a_decoder_where_all_sizes_agree(student, rng):
    """As many features as positions, and as many words as the output layer has inputs."""
    decoder = a_source(rng, S=4) | {"embeddings": rng.normal(size=(8, 4))} | some_layers(rng, 4, 4, 8)
    decoder["W_out"][1] = (decoder["W_out"][2] + decoder["W_out"][3]) / 2
    decoder |= {"bos": 0, "eos": 1}
    answer = student.decode(**decoder, max_len=6)
    check.close(answer, decode_by_hand(**decoder, max_len=6), what=SENTENCE)


@pytest.mark.exercise("decode")
def test_a_source_of_one_word_receives_every_row(student, rng):
    """Where there is only one annotation, every token attends to it alone."""
    _, alignment = student.decode(**a_talker(rng, S=1), max_len=6)
    check.close(alignment, np.ones((6, 1)), what="alignment")


@pytest.mark.exercise("decode")
def test_decode_keeps_float32(student, rng):
    """Everything in float32 gives an alignment in float32."""
    decoder = in_float32(a_speller(rng, [5, 2, 6]))
    tokens, alignment = decode_by_hand(**decoder, max_len=8)
    answer = student.decode(**decoder, max_len=8)
    check.close(answer, (tokens, alignment.astype(np.float32)), what=SENTENCE, **FLOAT32)


# t03, every exercise

ARGUMENTS = {
    "softmax": lambda rng: (rng.normal(size=(2, 3, 4)),),
    "masked_softmax": lambda rng: (rng.normal(size=(3, 4)), a_mask(rng, 3, 4)),
    "context_vector": lambda rng: (rng.random((2, 5)), rng.normal(size=(2, 5, 4))),
    "attend": lambda rng: tuple(a_source(rng, 2).values()),
    "decode_step": lambda rng: tuple(a_step(rng, 2).values()),
    "decode": lambda rng: (*(a_talker(rng)[each] for each in DECODER), 5),
}
DECODER = "state annotations mask embeddings W_ih W_hh b W_out bos eos".split()
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
