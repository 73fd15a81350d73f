"""Hidden graders of t13.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), PyTorch's own modules with copied weights
(rank by rank of the mask), the reference's gradients, and what a mask hides, changed and compared.
"""

import math
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attend.testing import check

B, T, S, D, N, D_FF = 2, 4, 5, 6, 3, 7
EXACT = {"rtol": 1e-10, "atol": 1e-10}  # the same numbers in another order
UNMOVED = {"rtol": 1e-12, "atol": 1e-14}  # the same sum in another order
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel
FLOAT32_ANGLES = {"rtol": 0.0, "atol": 5e-6}  # an angle of 60 is rough in float32
NORM_ORDERS = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
ATTENTION = ("output", "weights")


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_mask(torch_rng, *shape):
    """A random mask that hides the first key from everyone and allows at least the last."""
    mask = torch.rand(shape, generator=torch_rng) < 0.6
    mask[..., 0], mask[..., -1] = False, True
    return mask


def a_pair(student, reference, torch_rng, name, *sizes, dtype=torch.float64, **options):
    """The student's module and the reference's, with the same weights, biases and norms, all of them random."""
    handle, module = check.twin(student, reference, name, *sizes, dtype=dtype, **options)
    state = {
        key: value + 0.3 * normal(torch_rng, *value.shape).to(dtype)
        for key, value in module.state_dict().items()
    }
    module.load_state_dict(state)
    return handle.load_state_dict(state), module


def in_pytorchs_names(state):
    """The weights of one of our layers, under the names that PyTorch's layer has for them."""
    named = {}
    for name, value in state.items():
        if "k_proj" in name or "v_proj" in name:
            continue
        if "q_proj" in name:  # PyTorch keeps the three in one
            value = torch.cat(
                [state[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            )
            name = name.replace("q_proj.", "in_proj_")
        name = name.replace("self_attention", "self_attn").replace("cross_attention", "multihead_attn")
        named[name.replace("feed_forward.", "")] = value
    return named


def pytorchs(kind, module, *sizes, **options):
    """PyTorch's module with the weights of ours; in training, where it takes no shortcuts."""
    theirs = kind(*sizes, batch_first=True, dropout=0.0, **options).double()
    theirs.load_state_dict(in_pytorchs_names(module.state_dict()))
    return theirs


def in_pytorchs_rank(mask):
    """A mask of ours as PyTorch takes it: (T, S) or (B · N, T, S), True where attention is *not* allowed."""
    if mask.ndim == 3:
        mask = mask.repeat_interleave(N, dim=0)
    return ~(mask.flatten(0, 1) if mask.ndim == 4 else mask)


def with_gradients(*tensors):
    return [tensor.requires_grad_() for tensor in tensors]


def first_call_survives(handle, module, first, second):
    """After a call on `second`, the gradients through the call on `first` are still those of the first."""
    gradients = []
    for one in (handle, module):
        answer = one(*first)
        one(*second)
        output = answer[0] if isinstance(answer, tuple) else answer
        gradients.append(list(torch.autograd.grad(output.square().sum(), first)))
    check.close(*gradients, what="the gradients through the first of two calls", **EXACT)


# t13.1 scaled_dot_product_attention


def attention_by_hand(queries, keys, values, mask=None):
    weights = torch.zeros(*queries.shape[:-1], keys.shape[-2], dtype=torch.float64)
    output = torch.zeros(*queries.shape[:-1], values.shape[-1], dtype=torch.float64)
    mask = torch.ones_like(weights, dtype=torch.bool) if mask is None else mask.expand_as(weights)
    for *sentence, t in product(*map(range, queries.shape[:-1])):
        sentence, place = tuple(sentence), (*sentence, t)
        allowed = [s for s in range(keys.shape[-2]) if mask[place][s]]
        scores = {
            s: float(queries[place] @ keys[sentence][s]) / math.sqrt(queries.shape[-1]) for s in allowed
        }
        exp = {s: math.exp(score - max(scores.values())) for s, score in scores.items()}
        for s in allowed:
            weights[place][s] = exp[s] / sum(exp.values())
            output[place] += weights[place][s] * values[sentence][s]
    return output, weights


def for_attention(torch_rng, *batch):
    """Queries and keys of size 6, values of size 7."""
    return [normal(torch_rng, *batch, *size) for size in [(T, D), (S, D), (S, 7)]]


@pytest.mark.exercise("scaled_dot_product_attention")
def test_an_attention_worked_by_hand(student):
    """Dot products that are logarithms, times the root of the size, give weights in the ratio of the numbers."""
    logs = torch.tensor([[3.0], [1.0], [12.0]], dtype=torch.float64).log()
    keys = 3 * logs * torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0, 0]], dtype=torch.float64)  # of size 9
    values = torch.tensor([[16.0, 0.0], [32.0, 16.0], [0.0, 48.0]], dtype=torch.float64)
    answer = student.scaled_dot_product_attention(torch.ones(1, 9).double(), keys, values)
    expected = torch.tensor([[5.0, 37.0]]), torch.tensor([[3 / 16, 1 / 16, 12 / 16]])
    check.close(answer, tuple(part.double() for part in expected), what=ATTENTION)


@pytest.mark.exercise("scaled_dot_product_attention")
@pytest.mark.parametrize("batch", [(), (2, 3)], ids=["no batch", "two axes"])
def test_every_query_shares_its_attention_over_the_allowed_keys(student, torch_rng, batch):
    """With any number of batch axes and a mask of full size, each query attends for itself."""
    queries, keys, values = for_attention(torch_rng, *batch)
    mask = a_mask(torch_rng, *batch, T, S)
    expected = attention_by_hand(queries, keys, values, mask)
    check.close(student.scaled_dot_product_attention(queries, keys, values, mask), expected, what=ATTENTION)


@pytest.mark.exercise("scaled_dot_product_attention")
@pytest.mark.parametrize("shape", [None, (S,), (T, S), (2, 1, S)], ids=str)
def test_attention_is_that_of_pytorch(student, torch_rng, shape):
    """With no mask or one that broadcasts, the output is F.scaled_dot_product_attention's."""
    queries, keys, values = for_attention(torch_rng, 2)
    mask = a_mask(torch_rng, *shape) if shape else None
    output, _ = student.scaled_dot_product_attention(queries, keys, values, mask)
    expected = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    check.close(output, expected, what="output", **EXACT)


@pytest.mark.exercise("scaled_dot_product_attention")
@pytest.mark.parametrize("axes", [2, 3], ids=["a mask (T, S)", "a mask (B, T, S)"])
def test_attention_where_all_sizes_are_equal(student, torch_rng, axes):
    """With as many sentences as queries, keys and numbers in each, every axis keeps its meaning."""
    arguments, mask = [normal(torch_rng, 4, 4, 4) for _ in range(3)], a_mask(torch_rng, *[4] * axes)
    answer = student.scaled_dot_product_attention(*arguments, mask)
    check.close(answer, attention_by_hand(*arguments, mask), what=ATTENTION)


@pytest.mark.exercise("scaled_dot_product_attention")
def test_what_is_hidden_changes_nothing(student, torch_rng):
    """Other keys and values at hidden positions, however large, leave output and weights as they were."""
    queries, keys, values = for_attention(torch_rng, 2)
    mask = a_mask(torch_rng, 2, 1, S)
    before = student.scaled_dot_product_attention(queries, keys, values, mask)
    for tensor in (keys, values):
        tensor[~mask[:, 0]] = 1e4 * normal(torch_rng, int((~mask).sum()), tensor.shape[-1])
    after = student.scaled_dot_product_attention(queries, keys, values, mask)
    check.close(after, before, what=ATTENTION, **UNMOVED)


@pytest.mark.exercise("scaled_dot_product_attention")
def test_low_scores_share_everything_beside_high_hidden_ones(student):
    """Allowed scores of −100,000 receive the whole unit beside hidden scores of +10,000 and of 0."""
    keys = torch.tensor([[1e4], [-1e5], [math.log(3.0) - 1e5], [0.0]], dtype=torch.float64)
    mask = torch.tensor([False, True, True, False])
    queries, values = torch.ones(2, 1, dtype=torch.float64), torch.ones(4, 1, dtype=torch.float64)
    _, weights = student.scaled_dot_product_attention(queries, keys, values, mask)
    check.close(weights, torch.tensor([[0.0, 0.25, 0.75, 0.0]] * 2).double(), what="weights")


@pytest.mark.exercise("scaled_dot_product_attention")
def test_nothing_allowed_gives_zeros(student, torch_rng):
    """A query with nothing to attend to has weights and output of zero; the others do not notice."""
    # whole scores: a large number added and taken off again gives exactly the same scores
    queries, keys = 4 * normal(torch_rng, 2, T, 4).round(), normal(torch_rng, 2, S, 4).round()
    values, mask = normal(torch_rng, 2, S, 7), a_mask(torch_rng, 2, T, S)
    mask[0, 1], mask[1] = False, False
    expected = attention_by_hand(queries, keys, values, mask)
    check.close(student.scaled_dot_product_attention(queries, keys, values, mask), expected, what=ATTENTION)


@pytest.mark.exercise("scaled_dot_product_attention")
def test_nothing_allowed_gives_zeros_and_finite_gradients(student, reference, torch_rng):
    """A query with nothing to attend to has weights, output and gradients of zero; the others do not notice."""
    arguments = with_gradients(*for_attention(torch_rng, 2))
    mask = a_mask(torch_rng, 2, T, S)
    mask[0, 1], mask[1] = False, False
    functions = student.scaled_dot_product_attention, reference.scaled_dot_product_attention
    check.agrees(*functions, *arguments, mask, what=ATTENTION, **EXACT)


@pytest.mark.exercise("scaled_dot_product_attention")
def test_huge_scores_do_not_overflow(student, torch_rng):
    """Scores of ±10,000 are ordinary input, hidden or not."""
    queries, keys, values = for_attention(torch_rng)
    mask = a_mask(torch_rng, T, S)
    expected = attention_by_hand(100 * queries, 100 * keys, values, mask)
    answer = student.scaled_dot_product_attention(100 * queries, 100 * keys, values, mask)
    check.close(answer, expected, what=ATTENTION)


@pytest.mark.exercise("scaled_dot_product_attention")
def test_attention_keeps_float32(student, torch_rng):
    """Everything in float32 gives output and weights in float32, with a mask too."""
    arguments = [tensor.float() for tensor in for_attention(torch_rng)]
    mask = a_mask(torch_rng, T, S)
    expected = tuple(part.float() for part in attention_by_hand(*arguments, mask))
    check.close(student.scaled_dot_product_attention(*arguments, mask), expected, what=ATTENTION, **FLOAT32)


# t13.2 causal_mask


@pytest.mark.exercise("causal_mask")
@pytest.mark.parametrize("length", [1, 2, 5])
def test_no_position_sees_a_later_one(student, length):
    """Row t is True up to column t and False after it; the mask is boolean."""
    expected = torch.tensor([[s <= t for s in range(length)] for t in range(length)])
    check.equal(student.causal_mask(length), expected, what="the mask")


@pytest.mark.exercise("causal_mask")
def test_the_mask_does_in_pytorch_what_is_causal_does(student, torch_rng):
    """Given to F.scaled_dot_product_attention, it does what is_causal=True does."""
    x = normal(torch_rng, T, D)
    mask = student.causal_mask(T)
    check.shape(mask, (T, T), what="the mask")
    check.true(mask.dtype == torch.bool, "the mask is not boolean")
    expected = F.scaled_dot_product_attention(x, x, x, is_causal=True)
    check.close(
        F.scaled_dot_product_attention(x, x, x, attn_mask=mask), expected, what="output with the mask"
    )


# t13.3 MultiHeadAttention


def for_heads(torch_rng):
    """Queries (B, T, D), keys and values (B, S, D)."""
    return [normal(torch_rng, B, *size) for size in [(T, D), (S, D), (S, D)]]


@pytest.mark.exercise("MultiHeadAttention")
def test_four_projections_with_biases_are_learned(student):
    """q_proj, k_proj, v_proj and out_proj are linear layers of size D × D; a D that cannot be shared out is refused."""
    state = student.MultiHeadAttention(D, N).state_dict()
    shapes = {name: tuple(state[name].shape) for name in sorted(state)}
    parts = ("k_proj", "out_proj", "q_proj", "v_proj")
    expected = {
        f"{part}.{kind}": size for part in parts for kind, size in (("bias", (D,)), ("weight", (D, D)))
    }
    check.equal(shapes, expected, what="the shapes in the state dict")
    with pytest.raises(ValueError):
        student.MultiHeadAttention(7, 3)


@pytest.mark.exercise("MultiHeadAttention")
@pytest.mark.parametrize("num_heads", [1, 3])
def test_heads_are_those_of_pytorch(student, reference, torch_rng, num_heads):
    """nn.MultiheadAttention with the same weights gives the same output, and in every head the same weights."""
    handle, module = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, num_heads)
    arguments = for_heads(torch_rng)
    theirs = pytorchs(nn.MultiheadAttention, module, D, num_heads)
    expected = theirs(*arguments, average_attn_weights=False)
    check.close(handle(*arguments), expected, what=ATTENTION, **EXACT)


@pytest.mark.exercise("MultiHeadAttention")
@pytest.mark.parametrize("shape", [(T, S), (B, T, S), (B, N, T, S)], ids=str)
def test_masks_of_every_rank_are_those_of_pytorch(student, reference, torch_rng, shape):
    """A mask for all, for each sentence or for each head does what it does in nn.MultiheadAttention."""
    handle, module = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, N)
    arguments, mask = for_heads(torch_rng), a_mask(torch_rng, *shape)
    theirs = pytorchs(nn.MultiheadAttention, module, D, N)
    expected = theirs(*arguments, attn_mask=in_pytorchs_rank(mask), average_attn_weights=False)
    check.close(handle(*arguments, mask), expected, what=ATTENTION, **EXACT)


@pytest.mark.exercise("MultiHeadAttention")
@pytest.mark.parametrize("shape", [(B, 1, S), (B, 1, 1, S), (1, N, T, S)], ids=str)
def test_masks_broadcast(student, reference, torch_rng, shape):
    """An axis of size 1 stands for all; the rank of the mask decides which axes it has."""
    handle, module = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, N)
    arguments, mask = for_heads(torch_rng), a_mask(torch_rng, *shape)
    check.close(handle(*arguments, mask), module(*arguments, mask), what=ATTENTION, **EXACT)


@pytest.mark.exercise("MultiHeadAttention")
def test_sentences_are_not_taken_for_heads(student, reference, torch_rng):
    """Where there are as many sentences as heads, a mask of rank 3 still belongs to the sentences."""
    handle, module = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, 2)
    arguments, mask = for_heads(torch_rng), a_mask(torch_rng, B, T, S)
    check.close(handle(*arguments, mask), module(*arguments, mask), what=ATTENTION, **EXACT)


@pytest.mark.exercise("MultiHeadAttention")
@pytest.mark.parametrize("axes", [2, 3, 4], ids=["a mask (T, S)", "a mask (B, T, S)", "a mask (B, N, T, S)"])
def test_heads_where_all_sizes_are_equal(student, reference, torch_rng, axes):
    """With as many sentences as heads, queries, keys and numbers in a head, every axis keeps its meaning."""
    handle, module = a_pair(student, reference, torch_rng, "MultiHeadAttention", 16, 4)
    arguments, mask = [normal(torch_rng, 4, 4, 16) for _ in range(3)], a_mask(torch_rng, *[4] * axes)
    check.close(handle(*arguments, mask), module(*arguments, mask), what=ATTENTION, **EXACT)


def as_they_come(student, reference, d_model, num_heads):
    """Heads whose projections change nothing."""
    handle, module = check.twin(student, reference, "MultiHeadAttention", d_model, num_heads)
    state = module.state_dict()
    for name, value in state.items():
        state[name] = torch.eye(d_model).double() if value.ndim == 2 else torch.zeros_like(value)
    module.load_state_dict(state)
    return handle.load_state_dict(state), module


@pytest.mark.exercise("MultiHeadAttention")
def test_low_scores_share_everything_in_every_head(student, reference):
    """Allowed scores of −100,000 receive the whole unit beside hidden scores of +10,000 and of 0."""
    handle, _ = as_they_come(student, reference, 2, 2)
    scores = torch.tensor([1e4, -1e5, math.log(3.0) - 1e5, 0.0], dtype=torch.float64)
    keys = scores[None, :, None].repeat(3, 1, 2)
    mask = torch.tensor([False, True, True, False]).expand(3, 1, 4).clone()
    _, weights = handle(torch.ones(3, 5, 2).double(), keys, torch.ones(3, 4, 2).double(), mask)
    expected = torch.tensor([0.0, 0.25, 0.75, 0.0], dtype=torch.float64).expand(3, 2, 5, 4)
    check.close(weights, expected, what="weights")


@pytest.mark.exercise("MultiHeadAttention")
def test_nothing_allowed_gives_zeros_in_every_head(student, reference, torch_rng):
    """A query with nothing to attend to has weights of zero in every head; the others do not notice."""
    handle, module = as_they_come(student, reference, 8, 2)
    # whole scores: a large number added and taken off again gives exactly the same scores
    queries, keys = 2 * normal(torch_rng, B, T, 8).round(), normal(torch_rng, B, S, 8).round()
    values, mask = normal(torch_rng, B, S, 8), a_mask(torch_rng, B, T, S)
    mask[0, 1], mask[1, 2] = False, False
    check.close(handle(queries, keys, values, mask), module(queries, keys, values, mask), what=ATTENTION)


@pytest.mark.exercise("MultiHeadAttention")
def test_what_is_hidden_changes_nothing_in_any_head(student, reference, torch_rng):
    """Other keys and values at hidden positions leave output and weights as they were."""
    handle, _ = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, N)
    queries, keys, values = for_heads(torch_rng)
    mask = a_mask(torch_rng, B, 1, S)
    before = handle(queries, keys, values, mask)
    for tensor in (keys, values):
        tensor[~mask[:, 0]] = 100 * normal(torch_rng, int((~mask).sum()), D)
    check.close(handle(queries, keys, values, mask), before, what=ATTENTION, **UNMOVED)


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_learn(student, reference, torch_rng):
    """Queries, keys, values and every parameter get their gradients, a query with nothing to attend to included."""
    pair = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, N)
    mask = a_mask(torch_rng, B, T, S)
    mask[1, 2] = False
    check.agrees(*pair, *with_gradients(*for_heads(torch_rng)), mask, what=ATTENTION, **EXACT)


@pytest.mark.exercise("MultiHeadAttention")
def test_a_second_call_leaves_the_heads_of_the_first(student, reference, torch_rng):
    """After a second call on other inputs, the gradients through the first are still those of the first."""
    pair = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, N)
    first_call_survives(*pair, with_gradients(*for_heads(torch_rng)), for_heads(torch_rng))


@pytest.mark.exercise("MultiHeadAttention")
def test_heads_keep_float32(student, reference, torch_rng):
    """Everything in float32 gives output and weights in float32."""
    handle, module = a_pair(student, reference, torch_rng, "MultiHeadAttention", D, N, dtype=torch.float32)
    arguments = [tensor.float() for tensor in for_heads(torch_rng)]
    check.close(handle(*arguments), module(*arguments), what=ATTENTION, **FLOAT32)


# t13.4 sinusoidal_positions


@pytest.mark.exercise("sinusoidal_positions")
@pytest.mark.parametrize("length, d_model", [(9, 6), (60, 16), (1, 2), (4, 4)])
def test_each_pair_turns_at_its_own_speed(student, length, d_model):
    """Entry 2i of position t is the sine, entry 2i + 1 the cosine of t / 10000^(2i/D)."""
    expected = torch.zeros(length, d_model)
    for t, i in product(range(length), range(d_model // 2)):
        angle = t / 10000 ** (2 * i / d_model)
        expected[t, 2 * i], expected[t, 2 * i + 1] = math.sin(angle), math.cos(angle)
    check.close(student.sinusoidal_positions(length, d_model), expected, what="positions", **FLOAT32_ANGLES)


@pytest.mark.exercise("sinusoidal_positions")
def test_an_odd_size_ends_with_a_sine(student):
    """Where D is odd, the last sine has no cosine beside it."""
    positions = student.sinusoidal_positions(4, 3)
    slow = 10000 ** (2 / 3)
    expected = torch.tensor([[math.sin(t), math.cos(t), math.sin(t / slow)] for t in range(4)])
    check.close(positions, expected, what="positions", **FLOAT32_ANGLES)


@pytest.mark.exercise("sinusoidal_positions")
def test_the_length_does_not_matter_to_a_position(student):
    """A position's numbers are the same in a short table and in a long one."""
    long, short = student.sinusoidal_positions(50, 8), student.sinusoidal_positions(7, 8)
    check.shape(long, (50, 8), what="positions")
    check.close(short, long[:7], what="the first positions", **FLOAT32_ANGLES)


@pytest.mark.exercise("sinusoidal_positions")
def test_every_pair_stays_on_the_unit_circle(student):
    """Squares of sine and cosine side by side add up to one, far out as well."""
    positions = student.sinusoidal_positions(3000, 4)
    check.shape(positions, (3000, 4), what="positions")
    squares = positions.square().unflatten(-1, (2, 2)).sum(dim=-1)
    check.close(squares, torch.ones(3000, 2), what="sums of squares", **FLOAT32)


# t13.5 LayerNorm


def norm_by_hand(x, weight, bias, eps):
    y = torch.zeros_like(x)
    for place in product(*map(range, x.shape[:-1])):
        row = x[place].tolist()
        mean = sum(row) / len(row)
        variance = sum((value - mean) ** 2 for value in row) / len(row)
        for d, value in enumerate(row):
            y[place][d] = weight[d] * (value - mean) / math.sqrt(variance + eps) + bias[d]
    return y


@pytest.mark.exercise("LayerNorm")
def test_scale_and_shift_start_at_one_and_zero(student):
    """The parameters are weight and bias of size D, ones and zeros at first."""
    state = student.LayerNorm(D).state_dict()
    expected = {"bias": torch.zeros(D), "weight": torch.ones(D)}
    check.equal(dict(sorted(state.items())), expected, what="the state dict")


@pytest.mark.exercise("LayerNorm")
@pytest.mark.parametrize("batch", [(), (2, 4), (D, D)], ids=["no batch", "two axes", "all sizes equal"])
def test_every_position_is_normalised_by_itself(student, reference, torch_rng, batch):
    """Mean and biased variance are those of one position's features; then come weight and bias."""
    handle, module = a_pair(student, reference, torch_rng, "LayerNorm", D)
    x = 3 + 2 * normal(torch_rng, *batch, D)
    expected = norm_by_hand(x, *module.state_dict().values(), eps=1e-5)
    check.close(handle(x), expected, what="y", **EXACT)


@pytest.mark.exercise("LayerNorm")
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_norm_is_that_of_pytorch_where_the_variance_is_small(student, reference, torch_rng, eps):
    """Where the variance is as small as ε, nn.LayerNorm still gives the same."""
    handle, module = a_pair(student, reference, torch_rng, "LayerNorm", D, eps=eps)
    theirs = nn.LayerNorm(D, eps=eps).double()
    theirs.load_state_dict(module.state_dict())
    x = math.sqrt(eps) * normal(torch_rng, B, T, D)
    check.close(handle(x), theirs(x), what="y", **EXACT)


@pytest.mark.exercise("LayerNorm")
def test_equal_features_give_the_bias_alone(student, reference, torch_rng):
    """A position whose features are all the same has no variance, and nothing is divided by zero."""
    handle, module = a_pair(student, reference, torch_rng, "LayerNorm", D)
    x = normal(torch_rng, T, 1).expand(T, D).clone().requires_grad_()
    check.agrees(handle, module, x, what="y")


@pytest.mark.exercise("LayerNorm")
def test_norm_learns(student, reference, torch_rng):
    """x, weight and bias get their gradients, through mean and variance too."""
    pair = a_pair(student, reference, torch_rng, "LayerNorm", D)
    check.agrees(*pair, *with_gradients(normal(torch_rng, B, T, D)), what="y", **EXACT)


@pytest.mark.exercise("LayerNorm")
def test_norm_keeps_float32(student, reference, torch_rng):
    """float32 in, float32 out."""
    handle, module = a_pair(student, reference, torch_rng, "LayerNorm", D, dtype=torch.float32)
    x = normal(torch_rng, B, D).float()
    check.close(handle(x), module(x), what="y", **FLOAT32)


# t13.6 FeedForward


@pytest.mark.exercise("FeedForward")
def test_two_linear_layers_are_learned(student):
    """linear1 goes from D to d_ff, linear2 back, both with a bias."""
    state = student.FeedForward(D, D_FF).state_dict()
    shapes = {name: tuple(state[name].shape) for name in sorted(state)}
    expected = {"linear1.bias": (D_FF,), "linear1.weight": (D_FF, D)}
    expected |= {"linear2.bias": (D,), "linear2.weight": (D, D_FF)}
    check.equal(shapes, expected, what="the shapes in the state dict")


@pytest.mark.exercise("FeedForward")
@pytest.mark.parametrize("batch", [(), (2, 4)], ids=["no batch", "two axes"])
def test_every_position_passes_the_same_network(student, reference, torch_rng, batch):
    """Each position's output is W₂ max(0, W₁ x + b₁) + b₂ of its own x."""
    handle, module = a_pair(student, reference, torch_rng, "FeedForward", D, D_FF)
    state, x = module.state_dict(), normal(torch_rng, *batch, D)
    W_1, b_1, W_2, b_2 = (state[f"linear{layer}.{kind}"] for layer in (1, 2) for kind in ("weight", "bias"))
    expected = torch.zeros(*batch, D, dtype=torch.float64)
    for place in product(*map(range, batch)):
        hidden = [max(0.0, float(row @ x[place] + b)) for row, b in zip(W_1, b_1, strict=True)]
        expected[place] = W_2 @ torch.tensor(hidden, dtype=torch.float64) + b_2
    check.close(handle(x), expected, what="output", **EXACT)


@pytest.mark.exercise("FeedForward")
def test_network_is_that_of_pytorch(student, reference, torch_rng):
    """nn.Sequential(Linear, ReLU, Linear) with the same weights gives the same, for large inputs as well."""
    handle, module = a_pair(student, reference, torch_rng, "FeedForward", D, D_FF)
    theirs = nn.Sequential(nn.Linear(D, D_FF), nn.ReLU(), nn.Linear(D_FF, D)).double()
    names = {"linear1": "0", "linear2": "2"}
    theirs.load_state_dict({names[key[:7]] + key[7:]: value for key, value in module.state_dict().items()})
    x = 100 * normal(torch_rng, B, T, D)
    check.close(handle(x), theirs(x), what="output", **EXACT)


@pytest.mark.exercise("FeedForward")
def test_network_learns(student, reference, torch_rng):
    """x and both layers get their gradients."""
    pair = a_pair(student, reference, torch_rng, "FeedForward", D, D_FF)
    check.agrees(*pair, *with_gradients(normal(torch_rng, B, T, D)), what="output", **EXACT)


# t13.7 EncoderLayer


@pytest.mark.exercise("EncoderLayer")
def test_an_encoder_layer_has_two_sublayers_and_two_norms(student):
    """The state dict holds self_attention, feed_forward, norm1 and norm2."""
    parts = sorted({name.split(".")[0] for name in student.EncoderLayer(D, N, D_FF).state_dict()})
    check.equal(parts, ["feed_forward", "norm1", "norm2", "self_attention"], what="the parts")


@pytest.mark.exercise("EncoderLayer")
@pytest.mark.parametrize(
    "shape, norm_first", [(None, True), ((S, S), False), ((B, S, S), True), ((B, N, S, S), False)], ids=str
)
def test_encoder_layer_is_that_of_pytorch(student, reference, torch_rng, shape, norm_first):
    """nn.TransformerEncoderLayer with the same weights gives the same, in both norm orders, under masks of every rank."""
    pair = a_pair(student, reference, torch_rng, "EncoderLayer", D, N, D_FF, norm_first=norm_first)
    theirs = pytorchs(nn.TransformerEncoderLayer, pair[1], D, N, D_FF, norm_first=norm_first)
    x, mask = normal(torch_rng, B, S, D), a_mask(torch_rng, *shape) if shape else None
    expected = theirs(x, src_mask=None if mask is None else in_pytorchs_rank(mask))
    check.close(pair[0](x, mask), expected, what="output", **EXACT)


@pytest.mark.exercise("EncoderLayer")
def test_encoder_layer_where_all_sizes_are_equal(student, reference, torch_rng):
    """With as many sentences as positions and heads, and d_ff = D, every axis keeps its meaning."""
    pair = a_pair(student, reference, torch_rng, "EncoderLayer", 4, 4, 4)
    check.agrees(
        *pair, normal(torch_rng, 4, 4, 4), a_mask(torch_rng, 4, 4), what="output", gradients=False, **EXACT
    )


@pytest.mark.exercise("EncoderLayer")
def test_what_is_hidden_changes_nothing_elsewhere(student, reference, torch_rng):
    """Other numbers at padding leave the real positions' output as it was."""
    handle, _ = a_pair(student, reference, torch_rng, "EncoderLayer", D, N, D_FF)
    x, real = normal(torch_rng, B, S, D), torch.tensor([[True] * S, [True, True, False, False, False]])
    before = handle(x, real[:, None])
    x[~real] = 100 * normal(torch_rng, 3, D)
    after = handle(x, real[:, None])
    check.close(after[real], before[real], what="output at the real positions", **UNMOVED)


def half_is_dropped(student, reference, torch_rng, name, attentions, *others):
    """A pre-norm layer whose sublayers say 1, 10, … at every place, in training with a dropout of ½."""
    handle, module = check.twin(student, reference, name, D, N, D_FF, dropout=0.5, norm_first=True)
    state = module.state_dict()
    for number, part in enumerate(attentions):
        state[f"{part}.v_proj.weight"].zero_()
        state[f"{part}.v_proj.bias"].fill_(1.0)
        state[f"{part}.out_proj.weight"].copy_(10.0**number * torch.eye(D))
        state[f"{part}.out_proj.bias"].zero_()
    state["feed_forward.linear1.weight"].zero_()
    state["feed_forward.linear1.bias"].fill_(1.0)
    state["feed_forward.linear2.weight"].fill_(10.0 ** len(attentions) / D_FF)
    state["feed_forward.linear2.bias"].zero_()
    x = normal(torch_rng, 8, 25, D)
    added = handle.load_state_dict(state).train()(x, *others) - x
    check.true((added - added.round()).abs().max() < 1e-6, "a number was neither dropped nor doubled")
    digits = [added.round() // 10**place % 10 for place in range(len(attentions) + 1)]
    check.true(
        all(((digit == 0) | (digit == 2)).all() for digit in digits),
        "a number was neither dropped nor doubled",
    )
    kept = [digit == 2 for digit in digits]
    shares = [float(part.double().mean()) for part in kept]
    check.true(all(abs(share - 0.5) < 0.1 for share in shares), "far from half of the numbers were dropped")
    both = float((kept[0] & kept[-1]).double().mean())
    check.true(abs(both - 0.25) < 0.1, "two sublayers do not drop their numbers independently of each other")


@pytest.mark.exercise("EncoderLayer")
def test_half_of_what_two_sublayers_return_is_dropped(student, reference, torch_rng):
    """With a dropout of ½, in training, half of the numbers that a sublayer returns are dropped, the others doubled."""
    half_is_dropped(student, reference, torch_rng, "EncoderLayer", ["self_attention"])


@pytest.mark.exercise("EncoderLayer")
def test_a_second_call_leaves_the_encoder_layers_first(student, reference, torch_rng):
    """After a second call on another x, the gradients through the first are still those of the first."""
    pair = a_pair(student, reference, torch_rng, "EncoderLayer", D, N, D_FF)
    first_call_survives(*pair, with_gradients(normal(torch_rng, B, S, D)), [normal(torch_rng, B, S, D)])


@NORM_ORDERS
@pytest.mark.exercise("EncoderLayer")
def test_dropout_falls_on_what_the_sublayers_return(student, reference, torch_rng, norm_first):
    """With a dropout of 1, x alone passes in training; in eval mode nothing is dropped."""
    options = {"dropout": 1.0, "norm_first": norm_first}
    handle, module = a_pair(student, reference, torch_rng, "EncoderLayer", D, N, D_FF, **options)
    x = normal(torch_rng, B, S, D)
    check.close(handle(x), module(x), what="output in eval mode", **EXACT)
    expected = x if norm_first else module.norm2(module.norm1(x))
    check.close(handle.train()(x), expected, what="output in training", **EXACT)


@NORM_ORDERS
@pytest.mark.exercise("EncoderLayer")
def test_encoder_layer_learns(student, reference, torch_rng, norm_first):
    """x and every parameter of the layer get their gradients."""
    pair = a_pair(student, reference, torch_rng, "EncoderLayer", D, N, D_FF, norm_first=norm_first)
    mask = a_mask(torch_rng, B, S, S)
    check.agrees(*pair, *with_gradients(normal(torch_rng, B, S, D)), mask, what="output", **EXACT)


# t13.8 DecoderLayer


def for_decoder(torch_rng):
    """x (B, T, D) and memory (B, S, D)."""
    return normal(torch_rng, B, T, D), normal(torch_rng, B, S, D)


@pytest.mark.exercise("DecoderLayer")
def test_a_decoder_layer_has_three_sublayers_and_three_norms(student):
    """The state dict holds self_attention, cross_attention, feed_forward and norm1 to norm3."""
    parts = sorted({name.split(".")[0] for name in student.DecoderLayer(D, N, D_FF).state_dict()})
    expected = ["cross_attention", "feed_forward", "norm1", "norm2", "norm3", "self_attention"]
    check.equal(parts, expected, what="the parts")


@pytest.mark.exercise("DecoderLayer")
@pytest.mark.parametrize("rank, norm_first", [(0, True), (2, False), (3, True), (4, False)])
def test_decoder_layer_is_that_of_pytorch(student, reference, torch_rng, rank, norm_first):
    """nn.TransformerDecoderLayer with the same weights gives the same, in both norm orders, under masks of every rank."""
    pair = a_pair(student, reference, torch_rng, "DecoderLayer", D, N, D_FF, norm_first=norm_first)
    theirs = pytorchs(nn.TransformerDecoderLayer, pair[1], D, N, D_FF, norm_first=norm_first)
    x, memory = for_decoder(torch_rng)
    masks = [a_mask(torch_rng, *(B, N)[: rank - 2], T, length) for length in (T, S)] if rank else []
    expected = theirs(x, memory, *map(in_pytorchs_rank, masks))
    check.close(pair[0](x, memory, *masks), expected, what="output", **EXACT)


@NORM_ORDERS
@pytest.mark.exercise("DecoderLayer")
def test_decoder_layer_where_all_sizes_are_equal(student, reference, torch_rng, norm_first):
    """With as many words in the target as in the memory, each of the two masks still has its own keys."""
    pair = a_pair(student, reference, torch_rng, "DecoderLayer", 4, 4, 4, norm_first=norm_first)
    arguments = normal(torch_rng, 4, 4, 4), normal(torch_rng, 4, 4, 4)
    masks = a_mask(torch_rng, 4, 4), a_mask(torch_rng, 4, 4, 4)
    check.agrees(*pair, *arguments, *masks, what="output", gradients=False, **EXACT)


@pytest.mark.exercise("DecoderLayer")
def test_neither_the_future_nor_padding_changes_anything(student, reference, torch_rng):
    """Later words and padding in the memory, changed, leave the earlier words' output as it was."""
    handle, _ = a_pair(student, reference, torch_rng, "DecoderLayer", D, N, D_FF, norm_first=True)
    x, memory = for_decoder(torch_rng)
    real = torch.tensor([[True] * S, [True, True, True, False, False]])
    masks = torch.ones(T, T, dtype=torch.bool).tril(), real[:, None]
    before = handle(x, memory, *masks)
    x[:, 2:], memory[~real] = 100 * normal(torch_rng, B, 2, D), 100 * normal(torch_rng, 2, D)
    after = handle(x, memory, *masks)
    check.close(after[:, :2], before[:, :2], what="output of the first two words", **UNMOVED)


@pytest.mark.exercise("DecoderLayer")
def test_half_of_what_three_sublayers_return_is_dropped(student, reference, torch_rng):
    """With a dropout of ½, in training, half of the numbers that a sublayer returns are dropped, the others doubled."""
    memory = normal(torch_rng, 8, S, D)
    parts = ["self_attention", "cross_attention"]
    half_is_dropped(student, reference, torch_rng, "DecoderLayer", parts, memory)


@pytest.mark.exercise("DecoderLayer")
def test_a_second_call_leaves_the_decoder_layers_first(student, reference, torch_rng):
    """After a second call on another x and memory, the gradients through the first are still those of the first."""
    pair = a_pair(student, reference, torch_rng, "DecoderLayer", D, N, D_FF)
    first_call_survives(*pair, with_gradients(*for_decoder(torch_rng)), for_decoder(torch_rng))


@NORM_ORDERS
@pytest.mark.exercise("DecoderLayer")
def test_dropout_falls_on_all_three_sublayers(student, reference, torch_rng, norm_first):
    """With a dropout of 1, x alone passes in training; in eval mode nothing is dropped."""
    options = {"dropout": 1.0, "norm_first": norm_first}
    handle, module = a_pair(student, reference, torch_rng, "DecoderLayer", D, N, D_FF, **options)
    x, memory = for_decoder(torch_rng)
    check.close(handle(x, memory), module(x, memory), what="output in eval mode", **EXACT)
    expected = x if norm_first else module.norm3(module.norm2(module.norm1(x)))
    check.close(handle.train()(x, memory), expected, what="output in training", **EXACT)


@NORM_ORDERS
@pytest.mark.exercise("DecoderLayer")
def test_decoder_layer_learns(student, reference, torch_rng, norm_first):
    """x, the memory and every parameter of the layer get their gradients."""
    pair = a_pair(student, reference, torch_rng, "DecoderLayer", D, N, D_FF, norm_first=norm_first)
    masks = a_mask(torch_rng, B, T, T), a_mask(torch_rng, B, T, S)
    check.agrees(*pair, *with_gradients(*for_decoder(torch_rng)), *masks, what="output", **EXACT)


# t13.9 Transformer

SOURCE = torch.tensor([[3, 5, 4, 7, 8], [6, 8, 2, 0, 0]])  # 0 is padding
INPUTS = torch.tensor([[1, 9, 2, 4], [1, 4, 0, 0]])
POSITIONS = {"rtol": 1e-5, "atol": 1e-5}  # positions come in float32


def a_model(student, reference, torch_rng, num_layers=1, **options):
    """10 source words, 11 target words."""
    return a_pair(student, reference, torch_rng, "Transformer", 10, 11, D, N, num_layers, D_FF, **options)


def of_one(module, part):
    """The part of a module's state dict below `part`, as a state dict of its own."""
    return {
        key.removeprefix(part): value for key, value in module.state_dict().items() if key.startswith(part)
    }


def pytorchs_stack(kind, module, side):
    """PyTorch's layers with the weights of a model's encoder or decoder."""
    layers = []
    for index in range(len(getattr(module, side))):
        layers.append(kind(D, N, D_FF, dropout=0.0, batch_first=True).double())
        layers[-1].load_state_dict(in_pytorchs_names(of_one(module, f"{side}.{index}.")))
    return layers


def check_logits(student_logits, logits, inputs, pad=0, what="logits"):
    """They agree at every real word; the logits at padding are not compared."""
    check.shape(student_logits, tuple(logits.shape), what=what)
    check.close(
        student_logits[inputs != pad], logits[inputs != pad], what=f"{what} of the real words", **POSITIONS
    )


def embedded(module, side, tokens, positions):
    return (
        math.sqrt(D) * module.state_dict()[f"{side}_embedding.weight"][tokens] + positions[: tokens.shape[1]]
    )


@pytest.mark.exercise("Transformer")
def test_model_holds_embeddings_layers_and_output(student, reference):
    """The state dict holds both embeddings, num_layers layers on either side, and the output layer."""
    ours, theirs = (one.Transformer(10, 11, D, N, 2, D_FF) for one in (student, reference))
    expected = {name: tuple(value.shape) for name, value in sorted(theirs.state_dict().items())}
    actual = {name: tuple(value.shape) for name, value in sorted(ours.state_dict().items())}
    check.equal(actual, expected, what="the shapes in the state dict")


@pytest.mark.exercise("Transformer")
def test_without_layers_embeddings_and_positions_are_left(student, reference, torch_rng):
    """With no layers, the memory is √D times the embeddings, plus the positions; so is what the output reads."""
    handle, module = a_model(student, reference, torch_rng, num_layers=0)
    positions = student.sinusoidal_positions(S, D)
    memory, mask = handle.encode(SOURCE)
    check.close(memory, embedded(module, "source", SOURCE, positions), what="memory", **POSITIONS)
    check.equal(mask, SOURCE != 0, what="source mask")
    expected = module.output(embedded(module, "target", INPUTS, positions))
    check.close(handle(SOURCE, INPUTS), expected, what="logits", **POSITIONS)


@pytest.mark.exercise("Transformer")
def test_encoder_is_a_stack_of_pytorchs_layers(student, reference, torch_rng):
    """nn.TransformerEncoderLayers with the same weights and padding give the same memory at the real words."""
    handle, module = a_model(student, reference, torch_rng, num_layers=2)
    x, padding = embedded(module, "source", SOURCE, reference.sinusoidal_positions(S, D)), SOURCE == 0
    for layer in pytorchs_stack(nn.TransformerEncoderLayer, module, "encoder"):
        x = layer(x, src_key_padding_mask=padding)
    memory, mask = handle.encode(SOURCE)
    check.equal(mask, ~padding, what="source mask")
    check.shape(memory, (B, S, D), what="memory")
    check.close(memory[~padding], x[~padding], what="memory at the real words", **POSITIONS)


@pytest.mark.exercise("Transformer")
def test_decoder_is_a_stack_of_pytorchs_layers(student, reference, torch_rng):
    """nn.TransformerDecoderLayers with the same weights, padding and future hidden, give the real words the same logits."""
    handle, module = a_model(student, reference, torch_rng, num_layers=2)
    memory, source_mask = normal(torch_rng, B, S, D), SOURCE != 0
    x = embedded(module, "target", INPUTS, reference.sinusoidal_positions(T, D))
    options = {
        "tgt_mask": torch.ones(T, T, dtype=torch.bool).triu(1),
        "memory_key_padding_mask": ~source_mask,
    }
    for layer in pytorchs_stack(nn.TransformerDecoderLayer, module, "decoder"):
        x = layer(x, memory, tgt_key_padding_mask=INPUTS == 0, **options)
    check_logits(handle.decode(INPUTS, memory, source_mask), module.output(x), INPUTS)


@pytest.mark.exercise("Transformer")
@pytest.mark.parametrize("length, words", [(1, 1), (3, 6)])
def test_forward_encodes_and_decodes(student, reference, torch_rng, length, words):
    """Source and inputs give logits, whatever their lengths."""
    handle, module = a_model(student, reference, torch_rng)
    source = torch.randint(1, 10, (3, length), generator=torch_rng)
    inputs = torch.randint(1, 11, (3, words), generator=torch_rng)
    check.close(handle(source, inputs), module(source, inputs), what="logits", **POSITIONS)


@pytest.mark.exercise("Transformer")
def test_another_token_may_be_the_padding(student, reference, torch_rng):
    """`pad` says which token is padding; 0 is then a word like others."""
    handle, module = a_model(student, reference, torch_rng, pad=4)
    check_logits(handle(SOURCE, INPUTS), module(SOURCE, INPUTS), INPUTS, pad=4)


@pytest.mark.exercise("Transformer")
def test_model_where_all_sizes_are_equal(student, reference, torch_rng):
    """With as many sentences as words on either side, padding still belongs to its own sentence."""
    handle, module = a_model(student, reference, torch_rng)
    source = torch.tensor([[3, 5, 4], [6, 8, 0], [2, 0, 0]])
    inputs = torch.tensor([[1, 9, 2], [1, 4, 0], [1, 0, 0]])
    check_logits(handle(source, inputs), module(source, inputs), inputs)


@pytest.mark.exercise("Transformer")
def test_the_future_changes_nothing(student, reference, torch_rng):
    """Other words later in the target leave the earlier logits as they were."""
    handle, _ = a_model(student, reference, torch_rng)
    before, others = handle(SOURCE, INPUTS), INPUTS.clone()
    others[:, 2:] = torch.tensor([[8, 3], [10, 6]])
    check.shape(before, (B, T, 11), what="logits")
    after = handle(SOURCE, others)
    check.close(after[:, :2], before[:, :2], what="logits of the first two words", **UNMOVED)


@pytest.mark.exercise("Transformer")
def test_padding_changes_nothing(student, reference, torch_rng):
    """Another vector for the padding, on either side, leaves the real words' logits as they were."""
    handle, module = a_model(student, reference, torch_rng)
    before, state = handle(SOURCE, INPUTS), module.state_dict()
    for side in ("source", "target"):
        state[f"{side}_embedding.weight"][0] = 100 * normal(torch_rng, D)
    after, real = handle.load_state_dict(state)(SOURCE, INPUTS), INPUTS != 0
    check.shape(before, (B, T, 11), what="logits")
    check.close(after[real], before[real], what="logits of the real words", **UNMOVED)


@pytest.mark.exercise("Transformer")
def test_dropout_reaches_the_layers(student, reference, torch_rng):
    """With a dropout of 1, in training, nothing of the source reaches the logits; in eval mode all does."""
    handle, module = a_model(student, reference, torch_rng, dropout=1.0)
    check_logits(handle(SOURCE, INPUTS), module(SOURCE, INPUTS), INPUTS, what="logits in eval mode")
    handle.train()
    expected = handle(SOURCE, INPUTS)
    check.close(handle(SOURCE.flip(0), INPUTS), expected, what="logits in training for another source")


@pytest.mark.exercise("Transformer")
def test_model_learns(student, reference, torch_rng):
    """Every parameter of the model gets its gradient."""
    handle, module = a_model(student, reference, torch_rng)
    source, inputs = SOURCE, torch.tensor([[1, 9, 2, 4], [1, 4, 7, 10]])
    check.agrees(handle, module, source, inputs, what="logits", rtol=1e-4, atol=1e-5)  # positions in float32


# t13.10 noam_rate


@pytest.mark.exercise("noam_rate")
def test_rates_worked_by_hand(student):
    """With D = 64 and 9 steps of warm-up, the rates are fractions that can be worked out by hand."""
    rates = [student.noam_rate(step, 64, 9) for step in (1, 3, 9, 16, 36)]
    check.close(rates, [1 / 216, 1 / 72, 1 / 24, 1 / 32, 1 / 48], what="the rates")


@pytest.mark.exercise("noam_rate")
@pytest.mark.parametrize("d_model, warmup", [(512, 4000), (100, 1)])
def test_rate_is_highest_where_the_warm_up_ends(student, d_model, warmup):
    """There it is 1 / √(D · warmup); before and after it is lower."""
    rates = [student.noam_rate(step, d_model, warmup) for step in (warmup, warmup + 1, 4 * warmup)]
    peak = 1 / math.sqrt(d_model * warmup)
    check.close(rates, [peak, peak * math.sqrt(warmup / (warmup + 1)), peak / 2], what="the rates")


@pytest.mark.exercise("noam_rate")
def test_step_zero_counts_as_one(student):
    """A scheduler may begin to count at 0: that step has the rate of step 1."""
    check.close(student.noam_rate(0, 16, 4), 1 / 32, what="rate of step 0")


# t13.11 label_smoothing_loss


def loss_by_hand(logits, targets, smoothing, pad):
    total, count, V = 0.0, 0, logits.shape[-1]
    for b, t in product(*map(range, targets.shape)):
        right = int(targets[b, t])
        if right == pad:
            continue
        row = logits[b, t].tolist()
        log_sum = max(row) + math.log(sum(math.exp(logit - max(row)) for logit in row))
        for v in range(V):
            q = 1 - smoothing if v == right else 0.0 if v == pad else smoothing / (V - 2)
            total -= q * (row[v] - log_sum)
        count += 1
    return torch.tensor(total / max(count, 1), dtype=torch.float64)


def for_loss(torch_rng, pad=0):
    """Logits (3, 4, 5), and targets with one, two and no words of padding at their end."""
    targets = torch.tensor([[3, 1, 4, 0], [2, 4, 0, 0], [1, 1, 3, 2]])
    return {"logits": 2 * normal(torch_rng, 3, 4, 5), "targets": (targets + pad) % 5, "pad": pad}


@pytest.mark.exercise("label_smoothing_loss")
@pytest.mark.parametrize("smoothing, pad", [(0.1, 0), (0.4, 2)])
def test_other_words_share_the_smoothing(student, torch_rng, smoothing, pad):
    """The right word is expected with 1 − ε, each other word but pad with its share of ε; the mean is per real token."""
    arguments = for_loss(torch_rng, pad) | {"smoothing": smoothing}
    check.close(student.label_smoothing_loss(**arguments), loss_by_hand(**arguments), what="loss")


@pytest.mark.exercise("label_smoothing_loss")
def test_without_smoothing_it_is_pytorchs_cross_entropy(student, torch_rng):
    """With ε = 0 it is F.cross_entropy with padding ignored."""
    arguments = for_loss(torch_rng) | {"smoothing": 0.0}
    expected = F.cross_entropy(
        arguments["logits"].flatten(0, 1), arguments["targets"].flatten(), ignore_index=0
    )
    check.close(student.label_smoothing_loss(**arguments), expected, what="loss", **EXACT)


@pytest.mark.exercise("label_smoothing_loss")
def test_loss_where_all_sizes_are_equal(student, torch_rng):
    """With as many sentences as words in each and in the vocabulary, it is the vocabulary that shares the smoothing."""
    targets = torch.tensor([[3, 1, 2, 0], [2, 3, 0, 0], [1, 1, 3, 2], [1, 0, 0, 0]])
    arguments = {"logits": 2 * normal(torch_rng, 4, 4, 4), "targets": targets, "smoothing": 0.3, "pad": 0}
    check.close(student.label_smoothing_loss(**arguments), loss_by_hand(**arguments), what="loss")


@pytest.mark.exercise("label_smoothing_loss")
def test_logits_at_padding_change_nothing(student, torch_rng):
    """Whatever the model says where the target is padding, the loss stays what it is."""
    arguments = for_loss(torch_rng) | {"smoothing": 0.1}
    before = student.label_smoothing_loss(**arguments)
    arguments["logits"][arguments["targets"] == 0] = 1e4 * normal(torch_rng, 3, 5)
    check.close(student.label_smoothing_loss(**arguments), before, what="loss", **UNMOVED)


@pytest.mark.exercise("label_smoothing_loss")
def test_nothing_but_padding_has_loss_zero(student, reference, torch_rng):
    """A batch of nothing but padding has loss 0 and gradients of zero."""
    arguments = for_loss(torch_rng) | {"smoothing": 0.1, "targets": torch.zeros(3, 4, dtype=torch.int64)}
    arguments["logits"].requires_grad_()
    check.agrees(student.label_smoothing_loss, reference.label_smoothing_loss, **arguments, what="loss")


@pytest.mark.exercise("label_smoothing_loss")
def test_huge_logits_do_not_overflow_the_loss(student, torch_rng):
    """Logits of ±10,000 give a finite loss."""
    arguments = for_loss(torch_rng) | {"smoothing": 0.1}
    arguments["logits"] = 1e4 * arguments["logits"]
    check.close(student.label_smoothing_loss(**arguments), loss_by_hand(**arguments), what="loss")


@pytest.mark.exercise("label_smoothing_loss")
def test_loss_lets_gradients_through(student, reference, torch_rng):
    """The gradient of the logits is right, and zero at padding."""
    arguments = for_loss(torch_rng) | {"smoothing": 0.1}
    arguments["logits"].requires_grad_()
    check.agrees(
        student.label_smoothing_loss, reference.label_smoothing_loss, **arguments, what="loss", **EXACT
    )


@pytest.mark.exercise("label_smoothing_loss")
def test_loss_keeps_float32(student, torch_rng):
    """Logits in float32 give a loss in float32."""
    arguments = for_loss(torch_rng) | {"smoothing": 0.1}
    arguments["logits"] = arguments["logits"].float()
    expected = loss_by_hand(**arguments).float()
    check.close(student.label_smoothing_loss(**arguments), expected, what="loss", **FLOAT32)
