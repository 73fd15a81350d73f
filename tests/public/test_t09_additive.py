"""Public tests of t09: small worked examples and properties to build against.

Run them with `attend check t09`, or with `pytest tests/public/test_t09_additive.py`.
The graders ask for more of the same: other sizes, extreme inputs, float32, gradients.
"""

import math

import pytest
import torch

from attend.testing import check

HALF, ONE = math.log(3.0) / 2, math.log(3.0)  # tanh(½ ln 3) = 1/2 and tanh(ln 3) = 4/5


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


# t09.1 additive_score


@pytest.mark.exercise("additive_score")
def test_additive_score_of_a_worked_example(student):
    """One query of ½ ln 3 meets the keys 0, ½ ln 3 and −½ ln 3: tanh of the sums is 1/2, 4/5 and 0."""
    scores = student.additive_score(
        queries=torch.tensor([[[HALF]]]),
        keys=torch.tensor([[[0.0], [HALF], [-HALF]]]),
        W_q=torch.tensor([[1.0]]),
        W_k=torch.tensor([[1.0]]),
        v=torch.tensor([10.0]),
    )
    check.close(scores, torch.tensor([[[5.0, 8.0, 0.0]]]), what="scores", atol=1e-6)


@pytest.mark.exercise("additive_score")
def test_additive_score_adds_up_its_hidden_units(student):
    """Two hidden units, 1/2 and 4/5, read out by v = (10, 100): the score is 5 + 80."""
    scores = student.additive_score(
        queries=torch.tensor([[[1.0, 0.0]]]),
        keys=torch.tensor([[[1.0]]]),
        W_q=torch.tensor([[HALF, 7.0], [HALF, 7.0]]),
        W_k=torch.tensor([[0.0], [HALF]]),
        v=torch.tensor([10.0, 100.0]),
    )
    check.close(scores, torch.tensor([[[85.0]]]), what="scores", rtol=1e-5)


@pytest.mark.exercise("additive_score")
def test_additive_score_has_a_row_for_each_query(student, torch_rng):
    """Row t, column s belongs to query t and key s: scored alone, the two get the same score."""
    queries, keys = normal(torch_rng, 2, 3, 5), normal(torch_rng, 2, 4, 6)
    weights = normal(torch_rng, 7, 5), normal(torch_rng, 7, 6), normal(torch_rng, 7)
    scores = student.additive_score(queries, keys, *weights)
    check.shape(scores, (2, 3, 4), what="scores")
    alone = student.additive_score(queries[:, 2:], keys[:, 1:2], *weights)
    check.close(alone[:, 0, 0], scores[:, 2, 1], what="score of query 2 and key 1 alone")


# t09.2 concat_score


@pytest.mark.exercise("concat_score")
def test_concat_score_of_a_worked_example(student):
    """One query of ½ ln 3 meets the keys 0, ½ ln 3 and −½ ln 3: tanh of the sums is 1/2, 4/5 and 0."""
    scores = student.concat_score(
        queries=torch.tensor([[[HALF]]]),
        keys=torch.tensor([[[0.0], [HALF], [-HALF]]]),
        W=torch.tensor([[1.0, 1.0]]),
        v=torch.tensor([10.0]),
    )
    check.close(scores, torch.tensor([[[5.0, 8.0, 0.0]]]), what="scores", atol=1e-6)


@pytest.mark.exercise("concat_score")
def test_concat_score_puts_the_query_first(student):
    """W = [1, 0] reads the query and not the key: tanh(½ ln 3) = 1/2."""
    scores = student.concat_score(
        queries=torch.tensor([[[HALF]]]),
        keys=torch.tensor([[[ONE]]]),
        W=torch.tensor([[1.0, 0.0]]),
        v=torch.tensor([10.0]),
    )
    check.close(scores, torch.tensor([[[5.0]]]), what="scores", rtol=1e-5)


@pytest.mark.exercise("concat_score")
def test_concat_score_meets_every_pair(student, torch_rng):
    """Row t, column s belongs to query t and key s: scored alone, the two get the same score."""
    queries, keys = normal(torch_rng, 2, 3, 5), normal(torch_rng, 2, 4, 6)
    W, v = normal(torch_rng, 7, 11), normal(torch_rng, 7)
    scores = student.concat_score(queries, keys, W, v)
    check.shape(scores, (2, 3, 4), what="scores")
    for t in range(3):
        for s in range(4):
            alone = student.concat_score(queries[:, t : t + 1], keys[:, s : s + 1], W, v)
            check.close(scores[:, t, s], alone[:, 0, 0], what=f"score of query {t} and key {s}")


# t09.3 split_concat


@pytest.mark.exercise("split_concat")
def test_split_concat_of_a_worked_example(student):
    """The query has size 2, so W's first two columns are W_q and the third is W_k."""
    W_q, W_k = student.split_concat(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 2)
    check.close(W_q, torch.tensor([[1.0, 2.0], [4.0, 5.0]]), what="W_q")
    check.close(W_k, torch.tensor([[3.0], [6.0]]), what="W_k")


@pytest.mark.exercise("split_concat")
def test_split_concat_makes_both_scores_agree(student, torch_rng):
    """Your additive_score with the two parts gives what your concat_score gives with the whole."""
    queries, keys = normal(torch_rng, 2, 3, 5), normal(torch_rng, 2, 4, 6)
    W, v = normal(torch_rng, 7, 11), normal(torch_rng, 7)
    W_q, W_k = student.split_concat(W, 5)
    check.shape(W_q, (7, 5), what="W_q")
    check.shape(W_k, (7, 6), what="W_k")
    scores = student.additive_score(queries, keys, W_q, W_k, v)
    check.close(scores, student.concat_score(queries, keys, W, v), what="additive scores")


# t09.4 AdditiveAttention


def a_layer(student, v):
    """A layer with one hidden unit whose W_q and W_k are 1."""
    layer = student.AdditiveAttention(query_size=1, key_size=1, hidden_size=1)
    one = torch.tensor([[1.0]])
    return layer.load_state_dict({"W_q.weight": one, "W_k.weight": one, "v.weight": v * one})


@pytest.mark.exercise("AdditiveAttention")
def test_layer_has_three_linear_layers_without_bias(student):
    """The state dict holds the weights of W_q (H, Dq), W_k (H, Dk) and v (1, H), and nothing else."""
    state = student.AdditiveAttention(query_size=2, key_size=3, hidden_size=4).state_dict()
    check.equal(sorted(state), ["W_k.weight", "W_q.weight", "v.weight"], what="the names in the state dict")
    check.shape(state["W_q.weight"], (4, 2), what="W_q.weight")
    check.shape(state["W_k.weight"], (4, 3), what="W_k.weight")
    check.shape(state["v.weight"], (1, 4), what="v.weight")


@pytest.mark.exercise("AdditiveAttention")
def test_layer_projects_keys_with_w_k(student, torch_rng):
    """`project` multiplies each key by W_k, before any tanh."""
    layer, keys = student.AdditiveAttention(2, 3, 4).double(), normal(torch_rng, 2, 5, 3)
    W_k = layer.state_dict()["W_k.weight"]
    check.close(layer.project(keys), keys @ W_k.T, what="projected keys")


@pytest.mark.exercise("AdditiveAttention")
def test_layer_of_a_worked_example(student):
    """tanh gives 0 and 4/5, so the scores are 0 and ln 3, the weights 1/4 and 3/4, and ¼ · 4 + ¾ · 8 = 7."""
    layer = a_layer(student, v=ONE * 5 / 4)
    context, weights = layer(
        queries=torch.tensor([[[HALF]]]),
        projected_keys=torch.tensor([[[-HALF], [HALF]]]),
        values=torch.tensor([[[4.0, 0.0], [8.0, 4.0]]]),
    )
    check.close(weights, torch.tensor([[[0.25, 0.75]]]), what="weights", rtol=1e-5)
    check.close(context, torch.tensor([[[7.0, 3.0]]]), what="context", rtol=1e-5)


@pytest.mark.exercise("AdditiveAttention")
def test_layer_hides_what_the_mask_hides(student, torch_rng):
    """Positions where the mask is False get no weight; a query with nothing to attend to gets nothing."""
    layer = a_layer(student, v=ONE)
    queries, keys, values = (normal(torch_rng, 1, length, 1).float() for length in (3, 4, 4))
    mask = torch.tensor([[[True, True, True, True], [True, False, False, True], [False] * 4]])
    context, weights = layer(queries, layer.project(keys), values, mask)
    check.shape(weights, (1, 3, 4), what="weights")
    check.close(weights[~mask], torch.zeros(6), what="weights of hidden positions")
    check.close(weights.sum(dim=-1), torch.tensor([[1.0, 1.0, 0.0]]), what="sums of the weights", rtol=1e-5)
    check.close(context[:, 2], torch.zeros(1, 1), what="context of the query with nothing to attend to")


@pytest.mark.exercise("AdditiveAttention")
def test_layer_takes_a_mask_with_a_row_for_each_query(student, torch_rng):
    """A mask (T, S) holds for all sentences, here also with as many queries as sentences."""
    layer = a_layer(student, v=ONE)
    queries, keys, values = (normal(torch_rng, 2, length, 1).float() for length in (2, 3, 3))
    mask = torch.tensor([[True, True, False], [False, True, True]])
    _, weights = layer(queries, layer.project(keys), values, mask)
    check.equal(weights > 0, mask.expand(2, 2, 3), what="where weights are above zero")


@pytest.mark.exercise("AdditiveAttention")
@pytest.mark.parametrize("far", [-30.0, 30.0], ids=["-20000", "20000"])
def test_layer_of_extreme_scores(student, far):
    """tanh gives −1 or 1: both allowed scores are −20,000 or 20,000, and the hidden one is at the other end."""
    layer = a_layer(student, v=20_000.0)
    projected_keys = torch.tensor([[[far], [far], [-far]]])
    mask = torch.tensor([True, True, False])
    _, weights = layer(torch.zeros(1, 1, 1), projected_keys, torch.ones(1, 3, 1), mask)
    check.close(weights, torch.tensor([[[0.5, 0.5, 0.0]]]), what="weights")


@pytest.mark.exercise("AdditiveAttention")
def test_layer_keeps_gradients_finite(student, torch_rng):
    """A query with nothing to attend to neither learns nor spoils the gradients of the others."""
    layer = a_layer(student, v=ONE)
    queries, keys, values = (normal(torch_rng, 1, length, 1).float().requires_grad_() for length in (2, 3, 3))
    context, _ = layer(queries, layer.project(keys), values, torch.tensor([[[True] * 3, [False] * 3]]))
    context.sum().backward()
    check.close(queries.grad[:, 1], torch.zeros(1, 1), what="gradient of the query with nothing to attend to")
    check.true(keys.grad.isfinite().all(), "the gradient of the keys holds NaN or infinity")


@pytest.mark.exercise("AdditiveAttention")
def test_layer_uses_projected_keys_as_they_come(student, torch_rng):
    """After `project`, W_k is not needed any more: the layer gives the same when it is set to zero."""
    layer = a_layer(student, v=ONE)
    queries, keys, values = (normal(torch_rng, 2, length, 1).float() for length in (3, 4, 4))
    projected_keys = layer.project(keys).detach()
    before, _ = layer(queries, projected_keys, values)
    layer.load_state_dict(layer.state_dict() | {"W_k.weight": torch.zeros(1, 1)})
    after, _ = layer(queries, projected_keys, values)
    check.close(after, before, what="context with W_k set to zero", rtol=1e-5)
