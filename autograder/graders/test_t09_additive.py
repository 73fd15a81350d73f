"""Hidden graders of t09.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), PyTorch, the reference's gradients, and
what must always hold.
"""

import math
from itertools import product

import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from attend.testing import check

SIZES = pytest.mark.parametrize("B, T, S", [(2, 3, 4), (1, 2, 5), (3, 1, 2), (2, 4, 1)])
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel


def additive_score_by_hand(queries, keys, W_q, W_k, v):
    (B, T, _), S = queries.shape, keys.shape[1]
    scores = torch.zeros(B, T, S, dtype=torch.float64)
    for b, t, s in product(range(B), range(T), range(S)):
        for h in range(len(v)):
            scores[b, t, s] += v[h] * math.tanh(W_q[h] @ queries[b, t] + W_k[h] @ keys[b, s])
    return scores


def concat_score_by_hand(queries, keys, W, v):
    Dq = queries.shape[2]
    return additive_score_by_hand(queries, keys, W[:, :Dq], W[:, Dq:], v)


def forward_by_hand(module, queries, projected_keys, values, mask=None):
    W_q, v = module.W_q.weight.detach(), module.v.weight.detach()[0]
    as_they_are = torch.eye(len(v), dtype=v.dtype)
    weights = additive_score_by_hand(queries, projected_keys, W_q, as_they_are, v).exp()
    if mask is not None:
        weights[~mask.expand_as(weights)] = 0.0
    context = torch.zeros(*weights.shape[:2], values.shape[2], dtype=torch.float64)
    for b, t in product(*map(range, weights.shape[:2])):
        weights[b, t] /= weights[b, t].sum() or 1.0
        for s, weight in enumerate(weights[b, t]):
            context[b, t] += weight * values[b, s]
    return context, weights


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_mask(torch_rng, *shape):
    """A random mask that hides the first position and allows at least the last."""
    mask = torch.rand(shape, generator=torch_rng) < 0.6
    mask[..., 0], mask[..., -1] = False, True
    return mask


def a_pair(torch_rng, B=2, T=3, S=4):
    """Queries of size 5, keys of size 6, and v of size 7."""
    return {
        "queries": normal(torch_rng, B, T, 5),
        "keys": normal(torch_rng, B, S, 6),
        "v": normal(torch_rng, 7),
    }


def for_additive(torch_rng, **sizes):
    """Arguments of `additive_score`."""
    return a_pair(torch_rng, **sizes) | {"W_q": normal(torch_rng, 7, 5), "W_k": normal(torch_rng, 7, 6)}


def for_concat(torch_rng, **sizes):
    """Arguments of `concat_score`."""
    return a_pair(torch_rng, **sizes) | {"W": normal(torch_rng, 7, 11)}


def for_forward(torch_rng, B=2, T=3, S=4):
    """Arguments of `AdditiveAttention.forward`, whose values have size 8; `a_layer` fits them."""
    return {
        "queries": normal(torch_rng, B, T, 5),
        "projected_keys": normal(torch_rng, B, S, 7),
        "values": normal(torch_rng, B, S, 8),
        "mask": a_mask(torch_rng, B, T, S) if S > 1 else None,
    }


def a_layer(student, reference, key_size=6, **options):
    """The student's layer, and the reference's with the same weights."""
    return check.twin(student, reference, "AdditiveAttention", 5, key_size, 7, **options)


def with_gradients(arguments):
    return {name: value.requires_grad_(value.is_floating_point()) for name, value in arguments.items()}


def in_float32(arguments):
    return {name: value.float() if value.is_floating_point() else value for name, value in arguments.items()}


# t09.1 additive_score


@pytest.mark.exercise("additive_score")
def test_an_additive_score_worked_by_hand(student):
    """The scores of two queries and two keys, where tanh(½ ln 3) = ½ and tanh(ln 3) = ⅘."""
    half, one = math.log(3.0) / 2, math.log(3.0)
    scores = student.additive_score(
        torch.tensor([[[1.0, 0.0], [0.0, 1.0]]], dtype=torch.float64),
        torch.tensor([[[1.0], [-1.0]]], dtype=torch.float64),
        torch.tensor([[half, one], [0.0, half]], dtype=torch.float64),
        torch.tensor([[half], [0.0]], dtype=torch.float64),
        torch.tensor([10.0, 4.0], dtype=torch.float64),
    )
    # hidden: (ln 3, 0), (0, 0) for the first query; (3/2 ln 3, ½ ln 3), (½ ln 3, ½ ln 3) for the second
    expected = torch.tensor([[[8.0, 0.0], [10 * 26 / 28 + 2, 7.0]]], dtype=torch.float64)
    check.close(scores, expected, what="scores")


@SIZES
@pytest.mark.exercise("additive_score")
def test_every_query_meets_every_key(student, torch_rng, B, T, S):
    """Each query of a sentence is scored against each key of the same sentence."""
    arguments = for_additive(torch_rng, B=B, T=T, S=S)
    check.close(student.additive_score(**arguments), additive_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("additive_score")
def test_additive_score_equals_a_small_pytorch_network(student, torch_rng):
    """PyTorch's Linear, Tanh, Linear on query and key laid end to end give the same score."""
    arguments = for_additive(torch_rng)
    network = nn.Sequential(nn.Linear(11, 7, bias=False), nn.Tanh(), nn.Linear(7, 1, bias=False)).double()
    W = torch.cat([arguments["W_q"], arguments["W_k"]], dim=1)
    network.load_state_dict({"0.weight": W, "2.weight": arguments["v"][None]})
    scores = student.additive_score(**arguments)
    check.shape(scores, (2, 3, 4), what="scores")
    for t, s in product(range(3), range(4)):
        pair = torch.cat([arguments["queries"][:, t], arguments["keys"][:, s]], dim=-1)
        check.close(scores[:, t, s], network(pair)[:, 0], what="scores of a pair")


@pytest.mark.exercise("additive_score")
def test_permuted_keys_permute_the_scores(student, torch_rng):
    """A key gets the same score wherever it stands."""
    arguments, order = for_additive(torch_rng), torch.tensor([2, 0, 3, 1])
    expected = additive_score_by_hand(**arguments)[:, :, order]
    permuted = arguments | {"keys": arguments["keys"][:, order]}
    check.close(student.additive_score(**permuted), expected, what="scores")


@pytest.mark.exercise("additive_score")
def test_what_the_query_gains_the_key_may_lose(student, torch_rng):
    """Only the sum of both projections counts: moving them by opposite amounts changes nothing."""
    arguments, move = for_additive(torch_rng), normal(torch_rng, 6)
    arguments |= {"queries": normal(torch_rng, 2, 3, 6), "W_q": arguments["W_k"]}
    moved = arguments | {"queries": arguments["queries"] + move, "keys": arguments["keys"] - move}
    check.close(student.additive_score(**moved), additive_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("additive_score")
def test_additive_score_where_all_sizes_are_equal(student, torch_rng):
    """With as many sentences as queries, keys, numbers in each and hidden units, every axis keeps its meaning."""
    names = {"queries": 3, "keys": 3, "W_q": 2, "W_k": 2, "v": 1}
    arguments = {name: normal(torch_rng, *[4] * axes) for name, axes in names.items()}
    check.close(student.additive_score(**arguments), additive_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("additive_score")
def test_huge_inputs_saturate_additive_scores(student, torch_rng):
    """Queries and keys of ±10,000 saturate tanh, and nothing overflows."""
    arguments = for_additive(torch_rng)
    arguments |= {"queries": 1e4 * arguments["queries"], "keys": 1e4 * arguments["keys"]}
    check.close(student.additive_score(**arguments), additive_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("additive_score")
def test_additive_score_lets_gradients_through(student, reference, torch_rng):
    """The gradients with respect to queries, keys and all weights are right."""
    arguments = with_gradients(for_additive(torch_rng))
    check.agrees(student.additive_score, reference.additive_score, **arguments, what="scores")


@pytest.mark.exercise("additive_score")
def test_additive_score_keeps_float32(student, torch_rng):
    """Everything in float32 gives scores in float32."""
    arguments = in_float32(for_additive(torch_rng))
    expected = additive_score_by_hand(**arguments).float()
    check.close(student.additive_score(**arguments), expected, what="scores", **FLOAT32)


# t09.2 concat_score


@pytest.mark.exercise("concat_score")
def test_a_concat_score_worked_by_hand(student):
    """The scores of two queries and two keys, where tanh(½ ln 3) = ½ and tanh(ln 3) = ⅘."""
    half, one = math.log(3.0) / 2, math.log(3.0)
    scores = student.concat_score(
        torch.tensor([[[1.0], [0.0]]], dtype=torch.float64),
        torch.tensor([[[1.0, 0.0], [0.0, 1.0]]], dtype=torch.float64),
        torch.tensor([[half, half, -half], [0.0, one, -half]], dtype=torch.float64),
        torch.tensor([10.0, 100.0], dtype=torch.float64),
    )
    # hidden: (ln 3, ln 3), (0, -½ ln 3) for the first query; (½ ln 3, ln 3), (-½ ln 3, -½ ln 3) for the second
    expected = torch.tensor([[[88.0, -50.0], [85.0, -55.0]]], dtype=torch.float64)
    check.close(scores, expected, what="scores")


@SIZES
@pytest.mark.exercise("concat_score")
def test_every_query_is_joined_to_every_key(student, torch_rng, B, T, S):
    """Each query of a sentence is joined to each key of the same sentence."""
    arguments = for_concat(torch_rng, B=B, T=T, S=S)
    check.close(student.concat_score(**arguments), concat_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("concat_score")
def test_concat_is_additive_with_its_matrix_cut_in_two(student, reference, torch_rng):
    """The additive score with the columns of W as its two matrices gives the same scores."""
    arguments = for_concat(torch_rng)
    queries, keys, v, W = arguments.values()
    expected = reference.additive_score(queries, keys, W[:, :5], W[:, 5:], v)
    check.close(student.concat_score(**arguments), expected, what="scores")


@pytest.mark.exercise("concat_score")
def test_the_first_columns_read_the_query(student, torch_rng):
    """With the last columns of W at zero, every key gets the same score, whatever it is."""
    arguments = for_concat(torch_rng)
    arguments["W"][:, 5:] = 0.0
    expected = concat_score_by_hand(**arguments)[:, :, :1].expand(2, 3, 4)
    check.close(student.concat_score(**arguments), expected, what="scores")


@pytest.mark.exercise("concat_score")
@pytest.mark.parametrize("B, H", [(2, 7), (4, 12)], ids=["two equal sizes", "all equal and a square W"])
def test_queries_and_keys_of_the_same_size_and_number_are_told_apart(student, torch_rng, B, H):
    """Nothing is mixed up where T = S and Dq = Dk, nor where B is the same too and W is square."""
    arguments = for_concat(torch_rng, B=B, T=4)
    arguments |= {
        "queries": normal(torch_rng, B, 4, 6),
        "W": normal(torch_rng, H, 12),
        "v": normal(torch_rng, H),
    }
    check.close(student.concat_score(**arguments), concat_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("concat_score")
def test_huge_inputs_saturate_concat_scores(student, torch_rng):
    """Queries and keys of ±10,000 saturate tanh, and nothing overflows."""
    arguments = for_concat(torch_rng)
    arguments |= {"queries": 1e4 * arguments["queries"], "keys": 1e4 * arguments["keys"]}
    check.close(student.concat_score(**arguments), concat_score_by_hand(**arguments), what="scores")


@pytest.mark.exercise("concat_score")
def test_concat_score_lets_gradients_through(student, reference, torch_rng):
    """The gradients with respect to queries, keys and all weights are right."""
    arguments = with_gradients(for_concat(torch_rng))
    check.agrees(student.concat_score, reference.concat_score, **arguments, what="scores")


@pytest.mark.exercise("concat_score")
def test_concat_score_keeps_float32(student, torch_rng):
    """Everything in float32 gives scores in float32."""
    arguments = in_float32(for_concat(torch_rng))
    expected = concat_score_by_hand(**arguments).float()
    check.close(student.concat_score(**arguments), expected, what="scores", **FLOAT32)


# t09.3 split_concat

MATRICES = ("W_q", "W_k")


@pytest.mark.exercise("split_concat")
def test_a_matrix_cut_by_hand(student):
    """The query's columns and the key's, of a matrix with two rows."""
    W = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], dtype=torch.float64)
    W_q = torch.tensor([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]], dtype=torch.float64)
    W_k = torch.tensor([[4.0], [8.0]], dtype=torch.float64)
    check.close(student.split_concat(W, 3), (W_q, W_k), what=MATRICES)


@pytest.mark.exercise("split_concat")
@pytest.mark.parametrize("query_size", [1, 2, 3, 5])
def test_both_parts_keep_every_row(student, torch_rng, query_size):
    """Whatever the query's size, each part has H rows, and joined again they are W."""
    W = normal(torch_rng, 4, 6)
    W_q, W_k = student.split_concat(W, query_size)
    check.shape(W_q, (4, query_size), what="W_q")
    check.shape(W_k, (4, 6 - query_size), what="W_k")
    check.close(torch.cat([W_q, W_k], dim=1), W, what="W_q and W_k joined again")


@pytest.mark.exercise("split_concat")
def test_a_square_matrix_is_cut_by_columns_too(student, torch_rng):
    """Where H = Dq + Dk, it is still the columns that are shared between query and key."""
    W, query, key = normal(torch_rng, 5, 5), normal(torch_rng, 2), normal(torch_rng, 3)
    W_q, W_k = student.split_concat(W, 2)
    check.shape(W_q, (5, 2), what="W_q")
    check.shape(W_k, (5, 3), what="W_k")
    check.close(W_q @ query + W_k @ key, W @ torch.cat([query, key]), what="W_q q + W_k k")


@pytest.mark.exercise("split_concat")
def test_both_scores_agree_on_the_parts(student, reference, torch_rng):
    """The additive score with the two parts is the concat score with the whole."""
    queries, keys, v, W = for_concat(torch_rng).values()
    W_q, W_k = student.split_concat(W, 5)
    check.shape(W_q, (7, 5), what="W_q")
    check.shape(W_k, (7, 6), what="W_k")
    expected = reference.concat_score(queries, keys, W, v)
    check.close(reference.additive_score(queries, keys, W_q, W_k, v), expected, what="additive scores")


@pytest.mark.exercise("split_concat")
def test_split_concat_lets_gradients_through(student, reference, torch_rng):
    """The gradient of each part reaches its own columns of W."""
    W = normal(torch_rng, 4, 7).requires_grad_()
    check.agrees(student.split_concat, reference.split_concat, W, 3, what=MATRICES)


@pytest.mark.exercise("split_concat")
def test_split_concat_keeps_float32(student, torch_rng):
    """A matrix in float32 is cut into two in float32."""
    W = normal(torch_rng, 3, 7).float()
    check.close(student.split_concat(W, 2), (W[:, :2], W[:, 2:]), what=MATRICES)


# t09.4 AdditiveAttention

ATTENTION = ("context", "weights")


@pytest.mark.exercise("AdditiveAttention")
def test_the_layer_learns_three_matrices_and_no_bias(student):
    """The parameters are W_q, W_k and v, each the weight of a linear layer."""
    state = student.AdditiveAttention(5, 6, 7).state_dict()
    shapes = {name: tuple(state[name].shape) for name in sorted(state)}
    expected = {"W_k.weight": (7, 6), "W_q.weight": (7, 5), "v.weight": (1, 7)}
    check.equal(shapes, expected, what="the state dict")


@pytest.mark.exercise("AdditiveAttention")
def test_project_multiplies_keys_by_their_matrix(student, reference, torch_rng):
    """`project` gives W_k k for every key of every sentence."""
    handle, module = a_layer(student, reference)
    keys = normal(torch_rng, 2, 4, 6)
    expected = torch.einsum("hk,bsk->bsh", module.W_k.weight.detach(), keys)
    check.close(handle.project(keys), expected, what="projected keys")


@SIZES
@pytest.mark.exercise("AdditiveAttention")
def test_every_query_attends_to_its_own_source(student, reference, torch_rng, B, T, S):
    """Each query scores, shares and sums over the allowed positions of its own sentence."""
    handle, module = a_layer(student, reference)
    arguments = for_forward(torch_rng, B, T, S)
    check.close(handle(**arguments), forward_by_hand(module, **arguments), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_context_equals_pytorchs_attention_with_these_scores(student, reference, torch_rng):
    """PyTorch's attention with zero queries and our scores as its bias gives the same context."""
    handle, module = a_layer(student, reference)
    queries, keys, values = normal(torch_rng, 2, 3, 5), normal(torch_rng, 2, 4, 6), normal(torch_rng, 2, 4, 8)
    W_q, W_k, v = (layer.weight.detach() for layer in (module.W_q, module.W_k, module.v))
    scores = additive_score_by_hand(queries, keys, W_q, W_k, v[0])
    expected = scaled_dot_product_attention(0 * queries, keys[..., :5], values, attn_mask=scores)
    context, _ = handle(queries, handle.project(keys), values)
    check.close(context, expected, what="context")


@pytest.mark.exercise("AdditiveAttention")
def test_without_a_mask_every_position_takes_part(student, reference, torch_rng):
    """A mask of None, or none given, or one that is True everywhere, allows every position."""
    handle, module = a_layer(student, reference)
    queries, projected_keys, values, _ = for_forward(torch_rng).values()
    expected = forward_by_hand(module, queries, projected_keys, values)
    for mask in [(), (None,), (torch.ones(2, 3, 4, dtype=torch.bool),)]:
        answer = handle(queries, projected_keys, values, *mask)
        check.close(answer, expected, what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
@pytest.mark.parametrize("B", [2, 3], ids=["B = 2", "B = T"])
@pytest.mark.parametrize("shape", ["B, 1, S", "1, T, S", "T, S", "S"])
def test_a_smaller_mask_is_broadcast(student, reference, torch_rng, B, shape):
    """A mask with fewer or shorter axes, such as a padding mask (B, 1, S), stands for one of shape (B, T, S)."""
    handle, module = a_layer(student, reference)
    sizes = {"B": B, "1": 1, "T": 3, "S": 4}
    mask = a_mask(torch_rng, *[sizes[axis] for axis in shape.split(", ")])
    arguments = for_forward(torch_rng, B=B) | {"mask": mask}
    check.close(handle(**arguments), forward_by_hand(module, **arguments), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_the_layer_where_all_sizes_are_equal(student, reference, torch_rng):
    """With as many sentences as queries, keys, numbers in each and hidden units, every axis keeps its meaning."""
    handle, module = check.twin(student, reference, "AdditiveAttention", 4, 4, 4)
    arguments = {name: normal(torch_rng, 4, 4, 4) for name in ("queries", "projected_keys", "values")}
    arguments["mask"] = a_mask(torch_rng, 4, 4, 4)
    check.close(handle(**arguments), forward_by_hand(module, **arguments), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
@pytest.mark.parametrize("padding", [0.0, 30.0])
def test_padding_has_no_influence(student, reference, torch_rng, padding):
    """Whatever keys and values stand at the hidden positions, context and weights stay the same."""
    handle, module = a_layer(student, reference)
    arguments = for_forward(torch_rng) | {"mask": torch.tensor([[[True] * 4], [[True, False, True, False]]])}
    expected = forward_by_hand(module, **arguments)
    for name in ("projected_keys", "values"):
        arguments[name][1, [1, 3]] = padding
    check.close(handle(**arguments), expected, what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_nothing_allowed_gives_no_weight_and_no_context(student, reference, torch_rng):
    """A query with nothing to attend to has weights and context of zero, and its neighbours do not notice."""
    handle, module = a_layer(student, reference)
    arguments = for_forward(torch_rng)
    # tanh is ±1 and v whole: a large number added to scores and taken off again gives exactly the same scores
    arguments["projected_keys"] = 100 * arguments["projected_keys"].sign()
    module.v.weight.data = (9 * module.v.weight.data).round()
    handle.load_state_dict(module.state_dict())
    arguments["mask"][0, 1], arguments["mask"][1] = False, False
    check.close(handle(**arguments), forward_by_hand(module, **arguments), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
@pytest.mark.parametrize("low", [0.0, -1e5], ids=["about 0", "about −100,000"])
def test_low_scores_share_everything_beside_high_hidden_ones(student, reference, low):
    """Allowed scores of 0 or of −100,000 receive the whole unit beside hidden scores of +10,000 and of 0."""
    handle, module = check.twin(student, reference, "AdditiveAttention", 1, 1, 3)
    v = torch.tensor([[1e4, low, 2 * math.log(3.0)]], dtype=torch.float64)
    handle.load_state_dict(module.state_dict() | {"v.weight": v})
    none, one, half = 0.0, 30.0, math.log(3.0) / 2  # whose tanhs are 0, 1 and ½
    projected = [[one, none, none], [none, one, none], [none, one, half], [none, none, none]]
    projected = torch.tensor([projected], dtype=torch.float64)
    mask = torch.tensor([False, True, True, False])
    queries, values = projected.new_zeros(1, 2, 1), projected.new_ones(1, 4, 5)
    _, weights = handle(queries, projected, values, mask)
    expected = torch.tensor([[[0.0, 0.25, 0.75, 0.0]] * 2], dtype=torch.float64)
    check.close(weights, expected, what="weights")


@pytest.mark.exercise("AdditiveAttention")
def test_nothing_allowed_leaves_gradients_finite(student, reference, torch_rng):
    """A query with nothing to attend to has gradients of zero, and its neighbours theirs."""
    handle, module = a_layer(student, reference)
    arguments = for_forward(torch_rng)
    arguments["mask"][0, 1], arguments["mask"][1] = False, False
    check.agrees(handle, module, **with_gradients(arguments), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_keys_are_projected_once_for_all_queries(student, reference, torch_rng):
    """Once the keys are projected, W_k plays no part: another W_k changes nothing."""
    handle, module = a_layer(student, reference, key_size=7)
    arguments = for_forward(torch_rng)
    expected = forward_by_hand(module, **arguments)
    handle.load_state_dict(module.state_dict() | {"W_k.weight": normal(torch_rng, 7, 7)})
    check.close(handle(**arguments), expected, what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_queries_may_come_one_at_a_time(student, reference, torch_rng):
    """A decoder that asks step by step gets what it would get for all its queries at once."""
    handle, module = a_layer(student, reference)
    arguments = for_forward(torch_rng)
    context, weights = forward_by_hand(module, **arguments)
    for t in range(3):
        now = {name: arguments[name][:, t : t + 1] for name in ("queries", "mask")}
        answer = handle(**(arguments | now))
        check.close(answer, (context[:, t : t + 1], weights[:, t : t + 1]), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_huge_inputs_saturate_the_layer(student, reference, torch_rng):
    """Queries, keys and values of ±10,000 are ordinary input, and nothing overflows."""
    handle, module = a_layer(student, reference)
    arguments = for_forward(torch_rng)
    arguments |= {name: 1e4 * arguments[name] for name in ("queries", "projected_keys", "values")}
    check.close(handle(**arguments), forward_by_hand(module, **arguments), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_the_layer_lets_gradients_through(student, reference, torch_rng):
    """The gradients with respect to queries, projected keys, values and weights are right."""
    handle, module = a_layer(student, reference)
    check.agrees(handle, module, **with_gradients(for_forward(torch_rng)), what=ATTENTION)


@pytest.mark.exercise("AdditiveAttention")
def test_a_second_call_leaves_the_first_as_it_was(student, reference, torch_rng):
    """After a second call on other inputs, the gradients through the first are still those of the first."""
    handle, module = a_layer(student, reference)
    first, second = with_gradients(for_forward(torch_rng)), with_gradients(for_forward(torch_rng))
    gradients = []
    for layer in (handle, module):
        context, _ = layer(**first)
        layer(**second)
        gradients.append(torch.autograd.grad(context.square().sum(), [first["queries"], first["values"]]))
    what = ("the gradient of queries", "the gradient of values")
    check.close(*gradients, what=what)


@pytest.mark.exercise("AdditiveAttention")
def test_gradients_reach_every_parameter(student, reference, torch_rng):
    """Through `project` and `forward` together, W_q, W_k and v all learn."""
    handle, module = a_layer(student, reference)
    queries, keys, values = normal(torch_rng, 2, 3, 5), normal(torch_rng, 2, 4, 6), normal(torch_rng, 2, 4, 8)
    parameters = dict(handle.named_parameters())
    for layer in (handle, module):
        context, _ = layer(queries, layer.project(keys), values)
        context.square().sum().backward()
    for name, parameter in module.named_parameters():
        check.close(parameters[name].grad, parameter.grad, what=f"the gradient of {name}")


@pytest.mark.exercise("AdditiveAttention")
def test_the_layer_keeps_float32(student, reference, torch_rng):
    """Everything in float32 gives context and weights in float32."""
    handle, module = a_layer(student, reference, dtype=torch.float32)
    arguments = in_float32(for_forward(torch_rng))
    expected = tuple(part.float() for part in forward_by_hand(module, **arguments))
    check.close(handle(**arguments), expected, what=ATTENTION, **FLOAT32)
