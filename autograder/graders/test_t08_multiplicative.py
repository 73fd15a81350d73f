"""Hidden graders of t08.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), and what must always hold.
"""

import math

import numpy as np
import pytest

from attend.testing import check

BATCHES = pytest.mark.parametrize("batch", [(), (3,), (2, 3)], ids=["no batch", "one axis", "two axes"])
SIZES = pytest.mark.parametrize("T, S", [(1, 5), (5, 1), (1, 1)], ids=["one query", "one key", "one of each"])
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel
UNMOVED = {"rtol": 1e-12, "atol": 1e-15}  # the same sum in another order


def matrix_by_hand(queries, keys, W=None):
    scores = np.zeros((*queries.shape[:-1], keys.shape[-2]))
    W = np.eye(keys.shape[-1]) if W is None else W
    for *sentence, t, s in np.ndindex(scores.shape):
        for i, j in np.ndindex(W.shape):
            q, w, k = float(queries[*sentence, t, i]), float(W[i, j]), float(keys[*sentence, s, j])
            scores[*sentence, t, s] += q * w * k
    return scores


def score_by_hand(query, keys, W=None):
    return matrix_by_hand(query[..., None, :], keys, W)[..., 0, :]


def attention_by_hand(queries, keys, values, W=None, mask=None):
    """`mask` has every axis of the scores."""
    scores = matrix_by_hand(queries, keys, W) / (math.sqrt(keys.shape[-1]) if W is None else 1.0)
    mask = np.full(scores.shape, True) if mask is None else np.broadcast_to(mask, scores.shape)
    weights, context = np.zeros(scores.shape), np.zeros((*queries.shape[:-1], values.shape[-1]))
    for row in np.ndindex(scores.shape[:-1]):
        allowed = np.flatnonzero(mask[row])
        highest = max(scores[row][allowed], default=0.0)
        exp = {s: math.exp(scores[row][s] - highest) for s in allowed}
        for s in allowed:
            weights[*row, s] = exp[s] / sum(exp.values())
            context[row] += weights[*row, s] * values[*row[:-1], s]
    return context, weights


def a_mask(rng, *shape):
    """A random mask that hides the first position and allows at least the last."""
    mask = rng.random(shape) < 0.6
    mask[..., 0], mask[..., -1] = False, True
    return mask


def a_source(rng, *batch, S=5, D=4):
    """A random query and keys of one size."""
    return {"query": rng.normal(size=(*batch, D)), "keys": rng.normal(size=(*batch, S, D))}


def two_sizes(rng, *batch, S=5):
    """A random query of size 6 and keys of size 7."""
    return {"query": rng.normal(size=(*batch, 6)), "keys": rng.normal(size=(*batch, S, 7))}


def for_general(rng, *batch, **sizes):
    """Arguments of `general_score`."""
    return two_sizes(rng, *batch, **sizes) | {"W": rng.normal(size=(6, 7))}


def for_low_rank(rng, *batch, R=4, **sizes):
    """Arguments of `low_rank_score`."""
    return two_sizes(rng, *batch, **sizes) | {"U": rng.normal(size=(6, R)), "V": rng.normal(size=(7, R))}


def low_rank_by_hand(query, keys, U, V):
    return score_by_hand(query, keys, U.astype(np.float64) @ V.T)


def for_matrix(rng, *batch, T=4, S=5, W=True):
    """Arguments of `score_matrix`: queries of size 6 and keys of size 7, or both of size 7 without W."""
    Dq = 6 if W else 7
    return {
        "queries": rng.normal(size=(*batch, T, Dq)),
        "keys": rng.normal(size=(*batch, S, 7)),
        "W": rng.normal(size=(6, 7)) / 3 if W else None,
    }


def for_attention(rng, *batch, **sizes):
    """Arguments of `multiplicative_attention`, whose values have size 8; nothing is hidden."""
    arguments = for_matrix(rng, *batch, **sizes)
    return arguments | {"values": rng.normal(size=(*arguments["keys"].shape[:-1], 8)), "mask": None}


def in_float32(arguments):
    floats = {name: value for name, value in arguments.items() if getattr(value, "dtype", None) == np.float64}
    return arguments | {name: value.astype(np.float32) for name, value in floats.items()}


# t08.1 dot_score


@pytest.mark.exercise("dot_score")
def test_dot_scores_worked_by_hand(student):
    """The products of a query and three keys, summed up."""
    keys = np.array([[0.5, 0.0, 1.0], [4.0, -2.0, 0.0], [0.0, 10.0, -3.0]])
    scores = student.dot_score(np.array([2.0, -1.0, 5.0]), keys)
    check.close(scores, np.array([6.0, 10.0, -25.0]), what="scores")


@BATCHES
@pytest.mark.exercise("dot_score")
def test_each_query_meets_its_own_keys(student, rng, batch):
    """With any number of batch axes, a query is scored against the keys of its own sentence."""
    source = a_source(rng, *batch)
    check.close(student.dot_score(**source), score_by_hand(**source), what="scores")


@pytest.mark.exercise("dot_score")
def test_as_many_keys_as_sentences_or_numbers_confuse_nothing(student, rng):
    """A batch of 4 sentences with 4 keys of 4 numbers each is scored like any other."""
    source = a_source(rng, 4, S=4)
    check.close(student.dot_score(**source), score_by_hand(**source), what="scores")


@pytest.mark.exercise("dot_score")
def test_the_score_grows_with_both_lengths(student, rng):
    """A query twice as long and keys three times as long score six times as much."""
    source = a_source(rng, 2)
    scores = student.dot_score(2 * source["query"], 3 * source["keys"])
    check.close(scores, 6 * score_by_hand(**source), what="scores")


@pytest.mark.exercise("dot_score")
def test_permuted_keys_permute_the_scores(student, rng):
    """A key gets the same score wherever it stands."""
    source, order = a_source(rng, S=6), rng.permutation(6)
    scores = student.dot_score(source["query"], source["keys"][order])
    check.close(scores, score_by_hand(**source)[order], what="scores")


@pytest.mark.exercise("dot_score")
@pytest.mark.parametrize("S, D", [(1, 4), (5, 1), (1, 1)])
def test_one_key_or_one_number_is_enough(student, rng, S, D):
    """A single key still has an axis of its own, and vectors of a single number are multiplied."""
    source = a_source(rng, 2, S=S, D=D)
    check.close(student.dot_score(**source), score_by_hand(**source), what="scores")


@pytest.mark.exercise("dot_score")
def test_scores_of_ten_thousand_are_ordinary(student):
    """Scores of ±10,000 come out exactly."""
    scores = student.dot_score(np.array([100.0, 1.0]), np.array([[100.0, 0.0], [-100.0, 0.0], [0.0, 1.0]]))
    check.close(scores, np.array([1e4, -1e4, 1.0]), what="scores")


@pytest.mark.exercise("dot_score")
def test_dot_score_keeps_float32(student, rng):
    """Vectors in float32 give scores in float32."""
    source = in_float32(a_source(rng, 2))
    expected = score_by_hand(**source).astype(np.float32)
    check.close(student.dot_score(**source), expected, what="scores", **FLOAT32)


# t08.2 general_score


@pytest.mark.exercise("general_score")
def test_general_scores_worked_by_hand(student):
    """The scores of a query with two numbers and keys with three."""
    W = np.array([[2.0, 0.0, 1.0], [0.0, -1.0, 3.0]])
    scores = student.general_score(np.array([1.0, 2.0]), np.array([[1.0, 5.0, 0.0], [0.5, 0.0, -1.0]]), W)
    check.close(scores, np.array([-8.0, -6.0]), what="scores")


@BATCHES
@pytest.mark.exercise("general_score")
def test_one_matrix_serves_every_sentence(student, rng, batch):
    """With any number of batch axes, a query meets its own keys through the one W."""
    arguments = for_general(rng, *batch)
    check.close(student.general_score(**arguments), score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("general_score")
def test_rows_of_a_square_matrix_belong_to_the_query(student, rng):
    """Where query and keys have the same size, they still keep their own sides of W."""
    arguments = a_source(rng, 3) | {"W": rng.normal(size=(4, 4))}
    check.close(student.general_score(**arguments), score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("general_score")
@pytest.mark.parametrize("i, j", [(0, 6), (5, 0), (2, 3)])
def test_an_entry_of_w_lets_two_numbers_meet(student, rng, i, j):
    """With a single entry in W, one number of the query meets one of each key and nothing else counts."""
    arguments = for_general(rng) | {"W": np.zeros((6, 7))}
    arguments["W"][i, j] = 2.0
    expected = 2.0 * arguments["query"][i] * arguments["keys"][:, j]
    check.close(student.general_score(**arguments), expected, what="scores")


@pytest.mark.exercise("general_score")
def test_the_identity_makes_it_a_dot_score(student, rng):
    """With W = I, the score is the plain dot product."""
    source = a_source(rng, 2)
    check.close(student.general_score(**source, W=np.eye(4)), score_by_hand(**source), what="scores")


@pytest.mark.exercise("general_score")
def test_huge_general_scores_stay_exact(student, rng):
    """Queries of ±10,000 are ordinary input: nothing is squashed on the way."""
    arguments = for_general(rng, 2)
    arguments["query"] *= 1e4
    check.close(student.general_score(**arguments), score_by_hand(**arguments), what="scores", atol=1e-6)


@pytest.mark.exercise("general_score")
def test_general_score_of_a_single_key(student, rng):
    """Where there is only one key, there is one score for each query."""
    arguments = for_general(rng, 3, S=1)
    check.close(student.general_score(**arguments), score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("general_score")
def test_general_score_keeps_float32(student, rng):
    """Everything in float32 gives scores in float32."""
    arguments = in_float32(for_general(rng, 2))
    expected = score_by_hand(**arguments).astype(np.float32)
    check.close(student.general_score(**arguments), expected, what="scores", **FLOAT32)


# t08.3 low_rank_score


@pytest.mark.exercise("low_rank_score")
def test_low_rank_scores_worked_by_hand(student):
    """The scores of two keys that meet the query in two dimensions."""
    U = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]])
    V = np.array([[3.0, 1.0], [0.0, 2.0]])
    scores = student.low_rank_score(np.array([1.0, 1.0, 4.0]), np.array([[1.0, 0.0], [0.0, 0.5]]), U, V)
    check.close(scores, np.array([6.0, -3.0]), what="scores")


@BATCHES
@pytest.mark.exercise("low_rank_score")
def test_two_narrow_matrices_serve_every_sentence(student, rng, batch):
    """With any number of batch axes, a query meets its own keys through the same U and V."""
    arguments = for_low_rank(rng, *batch)
    check.close(student.low_rank_score(**arguments), low_rank_by_hand(**arguments), what="scores")


@pytest.mark.exercise("low_rank_score")
@pytest.mark.parametrize("R", [3, 4], ids=["narrow", "square"])
def test_query_and_keys_of_one_size_keep_their_own_matrices(student, rng, R):
    """Where U and V have the same shape, even a square one, U still belongs to the query and V to the keys."""
    arguments = a_source(rng, 2) | {"U": rng.normal(size=(4, R)), "V": rng.normal(size=(4, R))}
    check.close(student.low_rank_score(**arguments), low_rank_by_hand(**arguments), what="scores")


@pytest.mark.exercise("low_rank_score")
def test_only_the_product_of_both_matrices_counts(student, rng):
    """U M and V with the inverse of Mᵀ have the same product, so they give the same scores."""
    arguments = for_low_rank(rng, 2)
    M = np.eye(4) + np.triu(rng.normal(size=(4, 4)), k=1)
    mixed = arguments | {"U": arguments["U"] @ M, "V": arguments["V"] @ np.linalg.inv(M).T}
    check.close(student.low_rank_score(**mixed), low_rank_by_hand(**arguments), what="scores")


@pytest.mark.exercise("low_rank_score")
@pytest.mark.parametrize("R", [1, 9])
def test_any_rank_will_do(student, rng, R):
    """R may be 1, where the score is a product of two numbers, or larger than query and keys."""
    arguments = for_low_rank(rng, 2, R=R)
    check.close(student.low_rank_score(**arguments), low_rank_by_hand(**arguments), what="scores")


@pytest.mark.exercise("low_rank_score")
def test_the_large_matrix_is_never_formed(student, rng):
    """Scores of ordinary size come out where an entry of U Vᵀ would be too large for any float."""
    arguments = for_low_rank(rng, 2)
    expected = low_rank_by_hand(**arguments)
    for name, factor in {"query": 1e-200, "keys": 1e-200, "U": 1e200, "V": 1e200}.items():
        arguments[name] *= factor
    check.close(student.low_rank_score(**arguments), expected, what="scores")


@pytest.mark.exercise("low_rank_score")
def test_huge_low_rank_scores_stay_exact(student, rng):
    """Queries of ±10,000 are ordinary input: nothing is squashed on the way."""
    arguments = for_low_rank(rng, 2)
    arguments["query"] *= 1e4
    check.close(student.low_rank_score(**arguments), low_rank_by_hand(**arguments), what="scores", atol=1e-6)


@pytest.mark.exercise("low_rank_score")
def test_low_rank_score_of_a_single_key(student, rng):
    """Where there is only one key, there is one score for each query."""
    arguments = for_low_rank(rng, 3, S=1)
    check.close(student.low_rank_score(**arguments), low_rank_by_hand(**arguments), what="scores")


@pytest.mark.exercise("low_rank_score")
def test_low_rank_score_keeps_float32(student, rng):
    """Everything in float32 gives scores in float32."""
    arguments = in_float32(for_low_rank(rng, 2))
    expected = low_rank_by_hand(**arguments).astype(np.float32)
    check.close(student.low_rank_score(**arguments), expected, what="scores", **FLOAT32)


# t08.4 scaled_dot_score


@pytest.mark.exercise("scaled_dot_score")
def test_scaled_scores_worked_by_hand(student):
    """Vectors of sixteen numbers, scaled as the formula says."""
    query, keys = np.arange(16.0), np.array([np.ones(16), [0.0, 8.0] + [0.0] * 14])
    check.close(student.scaled_dot_score(query, keys), np.array([30.0, 2.0]), what="scores")


@BATCHES
@pytest.mark.exercise("scaled_dot_score")
def test_the_size_of_the_vectors_alone_sets_the_scale(student, rng, batch):
    """With any number of batch axes and keys, scores are scaled by the size of one vector."""
    source = a_source(rng, *batch, D=7)
    expected = score_by_hand(**source) / math.sqrt(7)
    check.close(student.scaled_dot_score(**source), expected, what="scores")


@pytest.mark.exercise("scaled_dot_score")
@pytest.mark.parametrize("D", [2, 16, 64])
def test_the_variance_of_a_score_is_one_in_every_dimension(student, rng, D):
    """Vectors of independent numbers with variance 1 have scores with variance 1, whatever their size."""
    scores = student.scaled_dot_score(rng.normal(size=(300, D)), rng.normal(size=(300, 20, D)))
    check.shape(scores, (300, 20), what="scores")
    variance = float(scores.var())
    check.close(variance, 1.0, what="variance of the scores", rtol=0.2)  # that of a sample varies


@pytest.mark.exercise("scaled_dot_score")
def test_vectors_repeated_four_times_score_twice(student, rng):
    """Four copies laid end to end quadruple the product, and the scale takes half of that back."""
    source = a_source(rng, 2)
    repeated = {name: np.concatenate([value] * 4, axis=-1) for name, value in source.items()}
    check.close(student.scaled_dot_score(**repeated), score_by_hand(**source), what="scores")


@pytest.mark.exercise("scaled_dot_score")
def test_a_score_does_not_depend_on_how_many_keys_there_are(student, rng):
    """Keys that are added leave the scores of the others as they are."""
    source = a_source(rng, 2, S=7)
    scores = student.scaled_dot_score(source["query"], source["keys"][:, :3])
    check.close(scores, score_by_hand(**source)[:, :3] / 2, what="scores of the first keys")


@pytest.mark.exercise("scaled_dot_score")
@pytest.mark.parametrize("S, D", [(1, 6), (5, 1)])
def test_a_single_key_or_number_is_scaled_like_others(student, rng, S, D):
    """One key is scaled by the size of the vectors; vectors of one number are not scaled at all."""
    source = a_source(rng, 2, S=S, D=D)
    check.close(student.scaled_dot_score(**source), score_by_hand(**source) / math.sqrt(D), what="scores")


@pytest.mark.exercise("scaled_dot_score")
def test_huge_scaled_scores_stay_exact(student):
    """Scores of ±10,000 are ordinary."""
    keys = np.array([[100.0, 0.0, 0.0, 9.0], [-100.0, 0.0, 9.0, 0.0]])
    scores = student.scaled_dot_score(np.array([200.0, 1.0, 0.0, 0.0]), keys)
    check.close(scores, np.array([1e4, -1e4]), what="scores")


@pytest.mark.exercise("scaled_dot_score")
def test_scaled_dot_score_keeps_float32(student, rng):
    """Vectors in float32 give scores in float32: the scale must not turn them into float64."""
    source = in_float32(a_source(rng, 2, D=7))
    expected = (score_by_hand(**source) / math.sqrt(7)).astype(np.float32)
    check.close(student.scaled_dot_score(**source), expected, what="scores", **FLOAT32)


# t08.5 score_matrix


@pytest.mark.exercise("score_matrix")
@pytest.mark.parametrize(
    "W, expected",
    [
        ([], [[3.0, 3.0, 10.0], [0.0, -1.0, -5.0]]),
        ([np.array([[0.0, 1.0], [2.0, 0.0]])], [[12.0, 5.0, 5.0], [-6.0, -2.0, 0.0]]),
    ],
    ids=["without W", "with W"],
)
def test_a_score_matrix_worked_by_hand(student, W, expected):
    """Two queries and three keys, with and without a matrix between them."""
    queries, keys = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 5.0]])
    check.close(student.score_matrix(queries, keys, *W), np.array(expected), what="scores")


@BATCHES
@pytest.mark.parametrize("W", [True, False], ids=["with W", "without W"])
@pytest.mark.exercise("score_matrix")
def test_all_queries_meet_all_keys_of_their_sentence(student, rng, batch, W):
    """With any number of batch axes, row t and column s belong to query t and key s of one sentence."""
    arguments = for_matrix(rng, *batch, W=W)
    check.close(student.score_matrix(**arguments), matrix_by_hand(**arguments), what="scores")


@pytest.mark.exercise("score_matrix")
def test_rows_are_the_general_scores_of_the_queries(student, reference, rng):
    """Row t is the general score of query t."""
    arguments = for_matrix(rng, 2)
    scores = student.score_matrix(**arguments)
    check.shape(scores, (2, 4, 5), what="scores")
    for t in range(4):
        row = reference.general_score(arguments["queries"][:, t], arguments["keys"], arguments["W"])
        check.close(scores[:, t], row, what="a row of the scores")


@pytest.mark.exercise("score_matrix")
@pytest.mark.parametrize("W", [True, False], ids=["with W", "without W"])
def test_rows_stay_rows_where_all_sizes_are_equal(student, rng, W):
    """With as many sentences as queries, keys and numbers in each, rows still belong to queries."""
    names = ("queries", "keys", "W") if W else ("queries", "keys")
    arguments = {name: rng.normal(size=(4, 4) if name == "W" else (4, 4, 4)) for name in names}
    check.close(student.score_matrix(**arguments), matrix_by_hand(**arguments), what="scores")


@pytest.mark.exercise("score_matrix")
def test_the_identity_stands_for_no_matrix(student, rng):
    """W = I gives the scores without W, and neither of them is scaled."""
    arguments = for_matrix(rng, 2, W=False)
    expected = matrix_by_hand(**arguments)
    for W in [(np.eye(7),), (None,), ()]:
        scores = student.score_matrix(arguments["queries"], arguments["keys"], *W)
        check.close(scores, expected, what="scores")


@pytest.mark.exercise("score_matrix")
def test_queries_and_keys_may_change_places(student, rng):
    """Keys that ask, queries that are asked and the transposed W give the same scores, on their side."""
    arguments = for_matrix(rng, 2)
    scores = student.score_matrix(arguments["keys"], arguments["queries"], arguments["W"].T)
    check.close(scores, matrix_by_hand(**arguments).swapaxes(-1, -2), what="scores")


@SIZES
@pytest.mark.exercise("score_matrix")
def test_a_matrix_of_one_row_or_column(student, rng, T, S):
    """One query makes one row, one key one column, and neither axis is lost."""
    arguments = for_matrix(rng, 2, T=T, S=S)
    check.close(student.score_matrix(**arguments), matrix_by_hand(**arguments), what="scores")


@pytest.mark.exercise("score_matrix")
def test_huge_matrix_scores_stay_exact(student, rng):
    """Queries of ±10,000 are ordinary input."""
    arguments = for_matrix(rng, 2)
    arguments["queries"] *= 1e4
    check.close(student.score_matrix(**arguments), matrix_by_hand(**arguments), what="scores", atol=1e-6)


@pytest.mark.exercise("score_matrix")
@pytest.mark.parametrize("W", [True, False], ids=["with W", "without W"])
def test_score_matrix_keeps_float32(student, rng, W):
    """Everything in float32 gives scores in float32."""
    arguments = in_float32(for_matrix(rng, 2, W=W))
    expected = matrix_by_hand(**arguments).astype(np.float32)
    check.close(student.score_matrix(**arguments), expected, what="scores", **FLOAT32)


# t08.6 multiplicative_attention

ATTENTION = ("context", "weights")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_worked_by_hand(student):
    """Weights and context of a case small enough for pencil and paper."""
    log3 = math.log(3.0)
    queries = np.array([[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    keys = np.array([[log3, 0.0, 5.0, 5.0], [0.0, 2 * log3, 5.0, 5.0]])
    values = np.array([[4.0, 0.0, 1.0], [0.0, 20.0, 1.0]])
    context, weights = student.multiplicative_attention(queries, keys, values)
    check.close(weights, np.array([[0.75, 0.25], [0.1, 0.9]]), what="weights")
    check.close(context, np.array([[3.0, 5.0, 1.0], [0.4, 18.0, 1.0]]), what="context")


@BATCHES
@pytest.mark.parametrize("W", [True, False], ids=["with W", "without W"])
@pytest.mark.exercise("multiplicative_attention")
def test_each_query_attends_to_its_own_source(student, rng, batch, W):
    """With any number of batch axes, a query scores, shares and sums over what it may see of its sentence."""
    arguments = for_attention(rng, *batch, W=W) | {"mask": a_mask(rng, *batch, 4, 5)}
    check.close(student.multiplicative_attention(**arguments), attention_by_hand(**arguments), what=ATTENTION)


@pytest.mark.parametrize("W", [True, False], ids=["with W", "without W"])
@pytest.mark.parametrize("shape", [(5,), (2, 5), (2, 1, 5), (1, 4, 5), (2, 4, 5), None], ids=str)
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-10), ("float32", 1e-5)])
@pytest.mark.exercise("multiplicative_attention")
def test_attention_under_a_mask_of_any_shape(student, rng, W, shape, dtype, tolerance):
    """The mask is broadcast to all the scores; context and weights are right to the digits of their dtype."""
    arguments = for_attention(rng, 2, W=W)
    if shape is not None:
        arguments["mask"] = a_mask(rng, *shape)
    arguments = in_float32(arguments) if dtype == "float32" else arguments
    answer = student.multiplicative_attention(**arguments)
    if shape == (2, 5):
        arguments["mask"] = arguments["mask"][:, None]
    expected = tuple(part.astype(dtype) for part in attention_by_hand(**arguments))
    check.close(answer, expected, what=ATTENTION, rtol=tolerance, atol=tolerance)


@pytest.mark.exercise("multiplicative_attention")
@pytest.mark.parametrize("T, S", [(2, 5), (4, 4)], ids=["T = B", "T = S"])
def test_a_mask_with_an_axis_fewer_belongs_to_the_keys(student, rng, T, S):
    """A mask (B, S) hides keys from all the queries of a sentence, whatever sizes happen to be equal."""
    arguments, mask = for_attention(rng, 2, T=T, S=S), a_mask(rng, 2, S)
    mask[0], mask[1] = True, np.arange(S) == S - 1
    answer = student.multiplicative_attention(**arguments | {"mask": mask})
    check.close(answer, attention_by_hand(**arguments | {"mask": mask[:, None]}), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_a_mask_with_all_axes_has_a_row_for_each_query(student, rng):
    """Without a batch, a square mask (T, S) hides from query t what its row t says."""
    arguments = for_attention(rng, T=5, S=5) | {"mask": np.tril(np.full((5, 5), True))}
    check.close(student.multiplicative_attention(**arguments), attention_by_hand(**arguments), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
@pytest.mark.parametrize("axes", [2, 3], ids=["a row for each sentence", "a row for each query"])
def test_attention_where_all_sizes_are_equal(student, rng, axes):
    """With as many sentences as queries, keys and numbers in each, every axis still has its own meaning."""
    arguments = {name: rng.normal(size=(4, 4, 4)) for name in ("queries", "keys", "values")}
    arguments |= {"W": rng.normal(size=(4, 4)), "mask": a_mask(rng, *[4] * axes)}
    answer = student.multiplicative_attention(**arguments)
    if axes == 2:
        arguments["mask"] = arguments["mask"][:, None]
    check.close(answer, attention_by_hand(**arguments), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_two_batch_axes_have_a_mask_row_for_each_sentence(student, rng):
    """A mask (…, S) with two batch axes hides keys from all the queries of a sentence."""
    arguments, mask = for_attention(rng, 2, 3), a_mask(rng, 2, 3, 5)
    answer = student.multiplicative_attention(**arguments | {"mask": mask})
    check.close(answer, attention_by_hand(**arguments | {"mask": mask[..., None, :]}), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_no_mask_allows_everything(student, rng):
    """A mask of None, none given, or one that is True everywhere: every key takes part."""
    arguments = for_attention(rng, 2)
    expected = attention_by_hand(**arguments)
    check.close(student.multiplicative_attention(**arguments), expected, what=ATTENTION)
    del arguments["mask"]
    check.close(student.multiplicative_attention(**arguments), expected, what=ATTENTION)
    allowed = np.full((2, 4, 5), True)
    check.close(student.multiplicative_attention(**arguments, mask=allowed), expected, what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_scaled_attention_is_a_general_one(student, rng):
    """Without W, the scores are those of W = I / √D; with W they are used as they come."""
    arguments = for_attention(rng, 2, W=False)
    expected = attention_by_hand(**arguments)
    check.close(student.multiplicative_attention(**arguments), expected, what=ATTENTION)
    arguments["W"] = np.eye(7) / math.sqrt(7)
    check.close(student.multiplicative_attention(**arguments), expected, what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
@pytest.mark.parametrize("hidden", [0.0, 1e4, -1e4])
@pytest.mark.parametrize("rows", [1, 4], ids=["one row for all queries", "a row for each query"])
def test_padding_is_never_seen(student, rng, hidden, rows):
    """Whatever keys and values stand at hidden positions, context and weights stay what they are."""
    mask = np.array([[True, True, True, True, True], [True, False, True, False, False]])
    arguments = for_attention(rng, 2) | {"mask": mask[:, None].repeat(rows, axis=1)}
    padded = dict(arguments)
    for name in ("keys", "values"):
        padded[name] = np.where(mask[..., None], arguments[name], hidden)
    answer = student.multiplicative_attention(**padded)
    check.close(answer, attention_by_hand(**arguments), what=ATTENTION)
    check.close(answer, student.multiplicative_attention(**arguments), what=ATTENTION, **UNMOVED)


@pytest.mark.exercise("multiplicative_attention")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_query_never_sees_the_future_hidden_from_it(student, rng, dtype):
    """Where each query sees the keys up to its own place, later keys and values do not change its row."""
    arguments = for_attention(rng, 2, T=5, S=5) | {"mask": np.tril(np.full((1, 5, 5), True))}
    arguments = in_float32(arguments) if dtype == "float32" else arguments
    before = student.multiplicative_attention(**arguments)
    expected = attention_by_hand(**arguments)
    for part, right, name in zip(before, expected, ATTENTION, strict=True):
        check.close(part, right.astype(dtype), what=name, **FLOAT32)
    for now in range(4):
        future = {name: arguments[name].copy() for name in ("keys", "values")}
        for array in future.values():
            array[:, now + 1 :] = 30 * rng.normal(size=array[:, now + 1 :].shape)
        after = student.multiplicative_attention(**arguments | future)
        for first, second, name in zip(before, after, ATTENTION, strict=True):
            same = UNMOVED if dtype == "float64" else FLOAT32
            check.close(
                second[:, : now + 1], first[:, : now + 1], what=f"{name} of the queries before", **same
            )


@pytest.mark.exercise("multiplicative_attention")
def test_nothing_allowed_gives_no_weight_and_no_context(student, rng):
    """A query with nothing to attend to has weights and context of zero, and its neighbours do not notice."""
    arguments = for_attention(rng, 3)
    # whole scores: a large number added and taken off again gives exactly the same scores
    arguments |= {name: np.rint(2 * arguments[name]) for name in ("queries", "keys", "W")}
    arguments["mask"] = a_mask(rng, 3, 4, 5)
    arguments["mask"][0, 2], arguments["mask"][1] = False, False
    check.close(student.multiplicative_attention(**arguments), attention_by_hand(**arguments), what=ATTENTION)
    arguments["mask"] = arguments["mask"].any(axis=-1, keepdims=True)  # (B, T, 1)
    check.close(student.multiplicative_attention(**arguments), attention_by_hand(**arguments), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_low_scores_share_everything_beside_high_hidden_ones(student):
    """Allowed scores of −100,000 receive the whole unit beside hidden scores of +10,000 and of 0."""
    scores, mask = np.array([1e4, -1e5, math.log(3.0) - 1e5, 0.0]), np.array([False, True, True, False])
    _, weights = student.multiplicative_attention(
        np.ones((2, 1)), scores[:, None], np.ones((4, 1)), mask=mask
    )
    check.close(weights, np.array([[0.0, 0.25, 0.75, 0.0]] * 2), what="weights")


@pytest.mark.exercise("multiplicative_attention")
def test_huge_scores_pick_the_best_key(student, rng):
    """With scores of ±10,000 all the weight goes to the largest, and nothing overflows."""
    arguments = for_attention(rng, 2)
    arguments["queries"] *= 1e4
    check.close(student.multiplicative_attention(**arguments), attention_by_hand(**arguments), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_weights_follow_their_keys(student, rng):
    """Keys and values permuted together permute the weights and leave the context as it is."""
    arguments, order = for_attention(rng, 2), rng.permutation(5)
    context, weights = attention_by_hand(**arguments)
    permuted = arguments | {name: arguments[name][:, order] for name in ("keys", "values")}
    check.close(student.multiplicative_attention(**permuted), (context, weights[..., order]), what=ATTENTION)


@pytest.mark.exercise("multiplicative_attention")
def test_queries_do_not_share_their_attention(student, rng):
    """Asked one at a time, queries get what they get together: each has one unit of its own."""
    arguments = for_attention(rng, 2) | {"mask": a_mask(rng, 2, 4, 5)}
    context, weights = attention_by_hand(**arguments)
    for t in range(4):
        now = {name: arguments[name][:, t : t + 1] for name in ("queries", "mask")}
        answer = student.multiplicative_attention(**arguments | now)
        check.close(answer, (context[:, t : t + 1], weights[:, t : t + 1]), what=ATTENTION)


@SIZES
@pytest.mark.exercise("multiplicative_attention")
def test_attention_of_one_query_or_to_one_key(student, rng, T, S):
    """A single query is answered like many, and a single key gets all the weight."""
    arguments = for_attention(rng, 3, T=T, S=S)
    check.close(student.multiplicative_attention(**arguments), attention_by_hand(**arguments), what=ATTENTION)
