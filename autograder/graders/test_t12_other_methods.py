"""Hidden graders of t12.

Oracles: numbers worked by hand, loops over single numbers (`…_by_hand`), PyTorch's own attention, the reference's
gradients, and what must always hold. Memory is never timed: the worker is left too little for a T × S matrix, and a
function that makes none does not notice.
"""

import math
from itertools import product

import pytest
import torch
import torch.nn.functional as F

from attend.testing import check

T, S, D, DV = 4, 5, 6, 7
EXACT = {"rtol": 1e-10, "atol": 1e-10}  # the same numbers in another order
UNMOVED = {"rtol": 1e-12, "atol": 1e-14}  # the same sum in another order
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}  # float32 has seven digits, and sums may cancel
ANGLES = {"rtol": 1e-5, "atol": 1e-5}  # one test of its own asks for angles of full precision
BATCHES = pytest.mark.parametrize("batch", [(), (2,), (2, 3)], ids=["no batch", "one axis", "two axes"])
# Less than the 34 MiB of a matrix of 2,100 × 2,150 numbers, and many times what a block takes.
MEBIBYTES = 32


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_mask(torch_rng, *shape):
    """A random mask that hides the first key from everyone and allows at least the last."""
    mask = torch.rand(shape, generator=torch_rng) < 0.6
    mask[..., 0], mask[..., -1] = False, True
    return mask


def for_attention(torch_rng, *batch, T=T, S=S):
    """Queries and keys of size 6, values of size 7."""
    return [normal(torch_rng, *batch, *size) for size in [(T, D), (S, D), (S, DV)]]


def with_gradients(*tensors):
    return [tensor.requires_grad_() for tensor in tensors]


def attention_by_hand(queries, keys, values, mask=None):
    """Scaled dot-product attention, number by number."""
    output = torch.zeros(*queries.shape[:-1], values.shape[-1], dtype=torch.float64)
    everything = torch.ones(*queries.shape[:-1], keys.shape[-2], dtype=torch.bool)
    mask = everything if mask is None else mask.expand_as(everything)
    for *sentence, t in product(*map(range, queries.shape[:-1])):
        sentence, place = tuple(sentence), (*sentence, t)
        scores = {
            s: float(queries[place] @ keys[sentence][s]) / math.sqrt(queries.shape[-1])
            for s in range(keys.shape[-2])
            if mask[place][s]
        }
        exp = {s: math.exp(score - max(scores.values())) for s, score in scores.items()}
        for s, share in exp.items():
            output[place] += share / sum(exp.values()) * values[sentence][s]
    return output


# t12.1 local_mask


def mask_by_hand(length, window, causal):
    near = [[abs(i - j) <= window and (j <= i or not causal) for j in range(length)] for i in range(length)]
    return torch.tensor(near)


@pytest.mark.exercise("local_mask")
def test_a_window_of_two_worked_by_hand(student):
    """Each of five positions sees itself and two neighbours on either side, where there are any."""
    rows = ["11100", "11110", "11111", "01111", "00111"]
    expected = torch.tensor([[mark == "1" for mark in row] for row in rows])
    check.equal(student.local_mask(5, 2), expected, what="the mask")


@pytest.mark.exercise("local_mask")
def test_a_causal_window_worked_by_hand(student):
    """With `causal`, each of five positions sees itself and two neighbours before it."""
    rows = ["10000", "11000", "11100", "01110", "00111"]
    expected = torch.tensor([[mark == "1" for mark in row] for row in rows])
    check.equal(student.local_mask(5, 2, causal=True), expected, what="the mask")


@pytest.mark.exercise("local_mask")
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("length, window", [(7, 1), (9, 3), (6, 4)])
def test_near_enough_means_at_most_the_window(student, length, window, causal):
    """The window itself is near enough, one more is too far; `causal` takes away what comes later."""
    expected = mask_by_hand(length, window, causal)
    check.equal(student.local_mask(length, window, causal), expected, what="the mask")


@pytest.mark.exercise("local_mask")
@pytest.mark.parametrize("causal", [False, True])
def test_a_window_of_zero_is_oneself(student, causal):
    """With a window of 0 every position sees itself alone."""
    check.equal(student.local_mask(4, 0, causal), torch.eye(4, dtype=torch.bool), what="the mask")


@pytest.mark.exercise("local_mask")
def test_a_window_as_wide_as_the_text_hides_nothing(student):
    """A window that reaches across everything allows everything, or with `causal` all that came before."""
    everything = torch.ones(5, 5, dtype=torch.bool)
    check.equal(student.local_mask(5, 4), everything, what="the mask")
    check.equal(student.local_mask(5, 80, causal=True), everything.tril(), what="the causal mask")


@pytest.mark.exercise("local_mask")
def test_a_single_position_sees_itself(student):
    """A text of one word has a mask of one True."""
    check.equal(student.local_mask(1, 3), torch.ones(1, 1, dtype=torch.bool), what="the mask")


# t12.2 linear_attention


def linear_by_hand(queries, keys, values, causal=False):
    def phi(vector):
        return [x + 1 if x > 0 else math.exp(x) for x in vector.tolist()]

    output = torch.zeros(*queries.shape[:-1], values.shape[-1], dtype=torch.float64)
    for *sentence, t in product(*map(range, queries.shape[:-1])):
        sentence, query = tuple(sentence), phi(queries[(*sentence, t)])
        seen = range(t + 1 if causal else keys.shape[-2])
        likeness = [sum(a * b for a, b in zip(query, phi(keys[sentence][s]), strict=True)) for s in seen]
        for s in seen:
            output[(*sentence, t)] += likeness[s] / (sum(likeness) or 1.0) * values[sentence][s]
    return output


CAUSAL = pytest.mark.parametrize("causal", [False, True], ids=["everything", "causal"])


@pytest.mark.exercise("linear_attention")
def test_shares_of_features_worked_by_hand(student):
    """φ(−ln 2) = ½, φ(0) = 1 and φ(2) = 3; the shares are those of the features' dot products."""
    half = -math.log(2.0)
    queries = torch.tensor([[0.0, 2.0], [half, 0.0]], dtype=torch.float64)  # φ: (1, 3), (½, 1)
    keys = torch.tensor([[half, half], [2.0, 0.0], [0.0, 2.0]], dtype=torch.float64)  # (½, ½), (3, 1), (1, 3)
    values = torch.tensor([[18.0, 0.0], [0.0, 36.0], [9.0, 27.0]], dtype=torch.float64)
    # likeness: 2, 6, 10 for the first query; ¾, 2½, 3½ for the second
    first = [2 / 18 * 18 + 10 / 18 * 9, 6 / 18 * 36 + 10 / 18 * 27]
    second = [(0.75 * 18 + 3.5 * 9) / 6.75, (2.5 * 36 + 3.5 * 27) / 6.75]
    expected = torch.tensor([first, second], dtype=torch.float64)
    check.close(student.linear_attention(queries, keys, values), expected, what="output")


@BATCHES
@pytest.mark.exercise("linear_attention")
def test_every_query_shares_by_likeness_of_features(student, torch_rng, batch):
    """With any number of batch axes, each query gets the mean of the values, weighted by likeness."""
    arguments = for_attention(torch_rng, *batch)
    check.close(student.linear_attention(*arguments), linear_by_hand(*arguments), what="output")


@BATCHES
@pytest.mark.exercise("linear_attention")
def test_causal_sums_end_at_the_query(student, torch_rng, batch):
    """With `causal`, a position shares out its attention among those up to its own."""
    arguments = for_attention(torch_rng, *batch, T=S)
    expected = linear_by_hand(*arguments, causal=True)
    check.close(student.linear_attention(*arguments, causal=True), expected, what="output")


@CAUSAL
@pytest.mark.exercise("linear_attention")
def test_linear_attention_where_all_sizes_are_equal(student, torch_rng, causal):
    """With as many sentences as positions and numbers in each, every axis keeps its meaning."""
    arguments = [normal(torch_rng, 4, 4, 4) for _ in range(3)]
    check.close(
        student.linear_attention(*arguments, causal), linear_by_hand(*arguments, causal), what="output"
    )


@CAUSAL
@pytest.mark.exercise("linear_attention")
def test_equal_values_come_back_as_they_are(student, torch_rng, causal):
    """The shares of a query add up to one: where all values are equal, that value is the output."""
    queries, keys, _ = for_attention(torch_rng, 2, T=S)
    value = normal(torch_rng, DV)
    output = student.linear_attention(queries, keys, value.expand(2, S, DV).clone(), causal)
    check.close(output, value.expand(2, S, DV), what="output")


@pytest.mark.exercise("linear_attention")
def test_order_does_not_count_unless_causal(student, torch_rng):
    """Keys and values moved together give the same output."""
    queries, keys, values = for_attention(torch_rng)
    order = torch.tensor([3, 1, 4, 0, 2])
    expected = linear_by_hand(queries, keys, values)
    check.close(student.linear_attention(queries, keys[order], values[order]), expected, what="output")


@pytest.mark.exercise("linear_attention")
def test_first_position_sees_itself_and_the_last_one_everything(student, torch_rng):
    """Causal: the first output is the first value, the last one that of a query that sees all."""
    queries, keys, values = for_attention(torch_rng, T=S)
    output = student.linear_attention(queries, keys, values, causal=True)
    check.shape(output, (S, DV), what="output")
    check.close(output[0], values[0], what="the first output")
    check.close(output[-1:], linear_by_hand(queries[-1:], keys, values), what="the last output")


@pytest.mark.exercise("linear_attention")
def test_later_keys_and_values_change_nothing_before_them(student, torch_rng):
    """Causal: other keys and values from the fourth position on leave the first three outputs as they were."""
    queries, keys, values = for_attention(torch_rng, T=S)
    expected = linear_by_hand(queries, keys, values, causal=True)[:3]
    keys[3:], values[3:] = 50 * normal(torch_rng, 2, D), 50 * normal(torch_rng, 2, DV)
    output = student.linear_attention(queries, keys, values, causal=True)
    check.shape(output, (S, DV), what="output")
    check.close(output[:3], expected, what="the first three outputs")


@CAUSAL
@pytest.mark.exercise("linear_attention")
def test_huge_queries_and_keys_do_not_overflow(student, torch_rng, causal):
    """Queries and keys of ±10,000 are ordinary input."""
    queries, keys, values = for_attention(torch_rng, T=S)
    arguments = 1e4 * queries, 1e4 * keys, values
    expected = linear_by_hand(*arguments, causal)
    check.close(student.linear_attention(*arguments, causal), expected, what="output")


@CAUSAL
@pytest.mark.exercise("linear_attention")
def test_too_low_features_give_zeros_and_finite_gradients(student, reference, torch_rng, causal):
    """A query so low that all its features round to zero has an output and gradients of zero, not NaN."""
    queries, keys, values = for_attention(torch_rng, T=S)
    queries[1] = -1e4
    arguments = with_gradients(queries, keys, values)
    functions = student.linear_attention, reference.linear_attention
    check.agrees(*functions, *arguments, causal, what="output")


@CAUSAL
@pytest.mark.exercise("linear_attention")
def test_linear_attention_lets_gradients_through(student, reference, torch_rng, causal):
    """The gradients of queries, keys and values are right."""
    arguments = with_gradients(*for_attention(torch_rng, 2, T=S))
    functions = student.linear_attention, reference.linear_attention
    check.agrees(*functions, *arguments, causal, what="output")


@pytest.mark.exercise("linear_attention")
def test_linear_attention_keeps_float32(student, torch_rng):
    """Everything in float32 gives an output in float32."""
    arguments = for_attention(torch_rng, T=S)
    output = student.linear_attention(*(tensor.float() for tensor in arguments), causal=True)
    check.close(output, linear_by_hand(*arguments, causal=True).float(), what="output", **FLOAT32)


@pytest.mark.exercise("linear_attention")
@pytest.mark.parametrize("T, S", [(1, 1), (1, 3), (3, 1)])
def test_a_single_query_or_key_is_enough(student, torch_rng, T, S):
    """One query, one key, or one of both."""
    arguments = for_attention(torch_rng, T=T, S=S)
    check.close(student.linear_attention(*arguments), linear_by_hand(*arguments), what="output")


@CAUSAL
@pytest.mark.exercise("linear_attention")
def test_no_matrix_of_all_pairs_is_made(student, reference, torch_rng, causal):
    """2,100 positions fit into memory that is too small for a T × S matrix."""
    queries, keys, values = (normal(torch_rng, 2100 + 50 * (not causal) * part, 3) for part in (0, 1, 1))
    student.given.TightMemory(MEBIBYTES)
    expected = reference.linear_attention(queries, keys, values, causal)
    check.close(student.linear_attention(queries, keys, values, causal), expected, what="output")


# t12.3 online_softmax_attention

BLOCKS = pytest.mark.parametrize("block_size", [1, 2, 3, 5, 8])


@BLOCKS
@pytest.mark.exercise("online_softmax_attention")
def test_an_attention_in_blocks_worked_by_hand(student, block_size):
    """Scores of ln 3, 0 and ln 12 give weights of 3/16, 1/16 and 12/16, whatever the block size."""
    logs = torch.tensor([[3.0], [1.0], [12.0]], dtype=torch.float64).log()
    keys = 3 * logs * torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0, 0]], dtype=torch.float64)  # of size 9
    values = torch.tensor([[16.0, 0.0], [32.0, 16.0], [0.0, 48.0]], dtype=torch.float64)
    output = student.online_softmax_attention(torch.ones(1, 9).double(), keys, values, block_size)
    check.close(output, torch.tensor([[5.0, 37.0]], dtype=torch.float64), what="output")


@BLOCKS
@BATCHES
@pytest.mark.exercise("online_softmax_attention")
def test_every_block_size_is_exact(student, torch_rng, batch, block_size):
    """With any number of batch axes and a mask of full size, the output is that of attention in one piece."""
    arguments, mask = for_attention(torch_rng, *batch), a_mask(torch_rng, *batch, T, S)
    expected = attention_by_hand(*arguments, mask)
    check.close(student.online_softmax_attention(*arguments, block_size, mask), expected, what="output")


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("shape", [None, (S,), (T, S), (T, 1), (2, 1, S), (2, T, 1)], ids=str)
def test_attention_in_blocks_is_that_of_pytorch(student, torch_rng, shape):
    """With no mask or one that broadcasts, the output is F.scaled_dot_product_attention's."""
    arguments = for_attention(torch_rng, 2)
    mask = a_mask(torch_rng, *shape) if shape else None
    whole = None if mask is None else mask.expand(2, T, S)
    expected = F.scaled_dot_product_attention(*arguments, attn_mask=whole)
    check.close(student.online_softmax_attention(*arguments, 2, mask), expected, what="output", **EXACT)


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("axes", [2, 3], ids=["a mask (T, S)", "a mask (B, T, S)"])
def test_attention_in_blocks_where_all_sizes_are_equal(student, torch_rng, axes):
    """With as many sentences as queries, keys and numbers in each, every axis keeps its meaning."""
    arguments, mask = [normal(torch_rng, 4, 4, 4) for _ in range(3)], a_mask(torch_rng, *[4] * axes)
    expected = attention_by_hand(*arguments, mask)
    check.close(student.online_softmax_attention(*arguments, 2, mask), expected, what="output")


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("D, DV", [(6, 1), (1, 7)], ids=["values of one number", "keys of one number"])
def test_the_output_is_as_long_as_a_value(student, torch_rng, D, DV):
    """Values may be shorter or longer than queries and keys, even where one of them is a single number."""
    arguments = [normal(torch_rng, 2, *size) for size in [(T, D), (S, D), (S, DV)]]
    mask = a_mask(torch_rng, T, S)
    expected = attention_by_hand(*arguments, mask)
    check.close(student.online_softmax_attention(*arguments, 2, mask), expected, what="output")


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("direction", [1.0, -1.0], ids=["rising", "falling"])
def test_scores_may_rise_or_fall_from_block_to_block(student, torch_rng, direction):
    """Where each block has a larger maximum than the one before, or a smaller one, every position keeps its share."""
    queries = torch.full((3, 4), 0.5, dtype=torch.float64)
    keys = direction * torch.arange(1.0, 10.0, dtype=torch.float64)[:, None].expand(9, 4)
    values = normal(torch_rng, 9, 5)
    expected = attention_by_hand(queries, keys, values)
    output = student.online_softmax_attention(queries, keys.clone(), values, 2)
    check.close(output, expected, what="output")


@BLOCKS
@pytest.mark.exercise("online_softmax_attention")
def test_huge_scores_do_not_overflow_in_any_block(student, torch_rng, block_size):
    """Scores of ±10,000 are ordinary input, hidden or not, whether the largest comes first or last."""
    queries, keys, values = for_attention(torch_rng)
    mask = a_mask(torch_rng, T, S)
    arguments = 100 * queries, 100 * keys, values
    expected = attention_by_hand(*arguments, mask)
    check.close(student.online_softmax_attention(*arguments, block_size, mask), expected, what="output")


@pytest.mark.exercise("online_softmax_attention")
def test_what_is_hidden_from_a_block_changes_nothing(student, torch_rng):
    """Other keys and values at hidden positions, however large, leave the output as it was."""
    queries, keys, values = for_attention(torch_rng, 2)
    mask = a_mask(torch_rng, 2, 1, S)
    before = student.online_softmax_attention(queries, keys, values, 2, mask)
    check.close(before, attention_by_hand(queries, keys, values, mask), what="output")
    for tensor in (keys, values):
        tensor[~mask[:, 0]] = 1e4 * normal(torch_rng, int((~mask).sum()), tensor.shape[-1])
    after = student.online_softmax_attention(queries, keys, values, 2, mask)
    check.close(after, before, what="output", **UNMOVED)


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("hidden", [slice(0, 2), slice(2, 4), slice(4, 5)], ids=["first", "middle", "last"])
def test_a_block_with_nothing_allowed_adds_nothing(student, torch_rng, hidden):
    """A block that the mask hides as a whole, wherever it stands, has no part in the output."""
    arguments = for_attention(torch_rng, 2)
    mask = torch.ones(S, dtype=torch.bool)
    mask[hidden] = False
    expected = attention_by_hand(*arguments, mask)
    check.close(student.online_softmax_attention(*arguments, 2, mask), expected, what="output")


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("masked", [False, True], ids=["nothing hidden", "beside high hidden ones"])
def test_low_scores_share_everything(student, masked):
    """Scores of −100,000 receive the whole unit, alone or beside hidden scores of +10,000 and of 0."""
    scores = torch.tensor([[1e4], [-1e5], [math.log(3.0) - 1e5], [0.0]], dtype=torch.float64)
    values, queries = torch.eye(4, dtype=torch.float64), torch.ones(2, 1, dtype=torch.float64)
    mask, low = torch.tensor([False, True, True, False]), slice(1, 3)
    arguments = (scores, values, 2, mask) if masked else (scores[low], values[low], 1)
    output = student.online_softmax_attention(queries, *arguments)
    check.close(output, torch.tensor([[0.0, 0.25, 0.75, 0.0]] * 2, dtype=torch.float64), what="output")


@pytest.mark.exercise("online_softmax_attention")
def test_nothing_allowed_gives_zeros(student, torch_rng):
    """A query with nothing to attend to has an output of zero; the others do not notice."""
    # whole scores: a large number added and taken off again gives exactly the same scores
    queries, keys = 4 * normal(torch_rng, 2, T, 4).round(), normal(torch_rng, 2, S, 4).round()
    values, mask = normal(torch_rng, 2, S, DV), a_mask(torch_rng, 2, T, S)
    mask[0, 1], mask[1] = False, False
    expected = attention_by_hand(queries, keys, values, mask)
    check.close(student.online_softmax_attention(queries, keys, values, 2, mask), expected, what="output")


@pytest.mark.exercise("online_softmax_attention")
def test_nothing_allowed_gives_zeros_and_finite_gradients(student, reference, torch_rng):
    """A query with nothing to attend to has an output and gradients of zero; the others do not notice."""
    arguments = with_gradients(*for_attention(torch_rng, 2))
    mask = a_mask(torch_rng, 2, T, S)
    mask[0, 1], mask[1] = False, False
    functions = student.online_softmax_attention, reference.online_softmax_attention
    check.agrees(*functions, *arguments, 2, mask, what="output", **EXACT)


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("block_size", [2, 5])
def test_attention_in_blocks_lets_gradients_through(student, reference, torch_rng, block_size):
    """The gradients of queries, keys and values are right across the borders of blocks."""
    arguments = with_gradients(*for_attention(torch_rng, 2))
    functions = student.online_softmax_attention, reference.online_softmax_attention
    check.agrees(*functions, *arguments, block_size, what="output", **EXACT)


@pytest.mark.exercise("online_softmax_attention")
def test_attention_in_blocks_keeps_float32(student, torch_rng):
    """Everything in float32 gives an output in float32, with a mask too."""
    arguments, mask = for_attention(torch_rng), a_mask(torch_rng, T, S)
    expected = attention_by_hand(*arguments, mask).float()
    output = student.online_softmax_attention(*(tensor.float() for tensor in arguments), 2, mask)
    check.close(output, expected, what="output", **FLOAT32)


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("T, S", [(1, 1), (1, 3), (3, 1)])
def test_a_single_query_or_key_fits_any_block(student, torch_rng, T, S):
    """One query, one key, or one of both, in blocks of two."""
    arguments = for_attention(torch_rng, T=T, S=S)
    check.close(student.online_softmax_attention(*arguments, 2), attention_by_hand(*arguments), what="output")


@pytest.mark.exercise("online_softmax_attention")
@pytest.mark.parametrize("masked", [False, True])
def test_memory_grows_with_the_queries_alone(student, torch_rng, masked):
    """2,100 queries and 2,150 keys fit into memory that is too small for a T × S matrix, with a mask (S,) or without."""
    queries, keys, values = (normal(torch_rng, length, 2) for length in (2100, 2150, 2150))
    mask = a_mask(torch_rng, 2150) if masked else torch.ones(2150, dtype=torch.bool)
    some = slice(None, None, 50)  # a whole matrix would take the grader longer than all other tests
    expected = F.scaled_dot_product_attention(queries[some], keys[mask], values[mask])
    student.given.TightMemory(MEBIBYTES)
    # blocks of 100: whoever cuts the queries into blocks as well makes no more than 462 of them
    output = student.online_softmax_attention(queries, keys, values, 100, mask if masked else None)
    check.shape(output, (2100, 2), what="output")
    check.close(output[some], expected, what="output", **EXACT)


# t12.4 alibi_bias


def alibi_by_hand(num_heads, length):
    bias = torch.zeros(num_heads, length, length)
    for h, i, j in product(range(num_heads), range(length), range(length)):
        bias[h, i, j] = -(2.0 ** (-8 * (h + 1) / num_heads)) * abs(i - j)
    return bias


@pytest.mark.exercise("alibi_bias")
def test_slopes_of_eight_heads_worked_by_hand(student):
    """Eight heads have the slopes 1/2, 1/4, … 1/256, the steepest first."""
    bias = student.alibi_bias(8, 2)
    check.shape(bias, (8, 2, 2), what="bias")
    slopes = torch.tensor([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256])
    check.close(-bias[:, 1, 0], slopes, what="the penalties on a distance of 1")


@pytest.mark.exercise("alibi_bias")
@pytest.mark.parametrize("num_heads, length", [(1, 5), (2, 6), (4, 3), (16, 7)])
def test_every_head_has_a_slope_of_its_own(student, num_heads, length):
    """The bias is minus slope times distance, in float32, for any power of two of heads."""
    check.close(student.alibi_bias(num_heads, length), alibi_by_hand(num_heads, length), what="bias")


@pytest.mark.exercise("alibi_bias")
def test_only_the_distance_counts(student):
    """One step further on, for query and key alike, the bias is the same; so it is from either side."""
    bias, expected = student.alibi_bias(4, 9), alibi_by_hand(4, 9)
    check.shape(bias, (4, 9, 9), what="bias")
    check.close(bias[:, 3:, 3:], expected[:, :-3, :-3], what="the bias three positions on")
    check.close(bias.mT, expected, what="the bias with the roles exchanged")


@pytest.mark.exercise("alibi_bias")
def test_weights_fade_with_the_distance(student):
    """Where all scores are equal, a softmax after the bias gives each step away e^(−slope) of the weight before."""
    weights = student.alibi_bias(2, 6).softmax(dim=-1)
    check.shape(weights, (2, 6, 6), what="the weights")
    fading = torch.tensor([1 / 16, 1 / 256]).neg().exp()
    check.close(
        weights[:, 0, 1:] / weights[:, 0, :-1], fading[:, None].expand(2, 5), what="the ratios", rtol=1e-5
    )


@pytest.mark.exercise("alibi_bias")
def test_a_single_position_has_no_distance(student):
    """A text of one word has a bias of zero in every head."""
    check.close(student.alibi_bias(4, 1), torch.zeros(4, 1, 1), what="bias")


@pytest.mark.exercise("alibi_bias")
@pytest.mark.parametrize("num_heads", [0, 3, 6, 12, -4])
def test_other_numbers_of_heads_are_refused(student, num_heads):
    """A number of heads that is no power of two is a ValueError."""
    with pytest.raises(ValueError):
        student.alibi_bias(num_heads, 3)


# t12.5 rotary_embedding


def rotary_by_hand(x, positions, base=10000.0):
    turned = torch.zeros_like(x)
    for *sentence, t in product(*map(range, x.shape[:-1])):
        place = (*sentence, t)
        for i in range(x.shape[-1] // 2):
            theta = int(positions[t]) * base ** (-2 * i / x.shape[-1])
            a, b = x[place][2 * i].item(), x[place][2 * i + 1].item()
            turned[place][2 * i] = a * math.cos(theta) - b * math.sin(theta)
            turned[place][2 * i + 1] = a * math.sin(theta) + b * math.cos(theta)
    return turned


@pytest.mark.exercise("rotary_embedding")
def test_turns_worked_by_hand(student):
    """With D = 4 and base 9, position t turns the first pair by t and the second by t / 3."""
    x = torch.tensor([[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 3.0, 0.0]], dtype=torch.float64)
    output = student.rotary_embedding(x, torch.tensor([3, 6]), base=9.0)
    c, s = math.cos, math.sin
    expected = [[c(3), s(3), -2 * s(1), 2 * c(1)], [-s(6), c(6), 3 * c(2), 3 * s(2)]]
    check.close(output, torch.tensor(expected, dtype=torch.float64), what="output", **ANGLES)


@BATCHES
@pytest.mark.exercise("rotary_embedding")
def test_neighbouring_numbers_are_turned_together(student, torch_rng, batch):
    """With any number of batch axes, pair number i of position t turns by t · base^(−2i / D)."""
    x, positions = normal(torch_rng, *batch, T, D), torch.arange(T)
    output = student.rotary_embedding(x, positions)
    check.close(output, rotary_by_hand(x, positions), what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
@pytest.mark.parametrize("base", [10000.0, 500.0, 7.0])
def test_positions_come_in_any_order_and_any_base(student, torch_rng, base):
    """Each row turns by the position that is given for it."""
    x, positions = normal(torch_rng, 2, T, 8), torch.tensor([7, 0, 11, 7])
    expected = rotary_by_hand(x, positions, base)
    check.close(student.rotary_embedding(x, positions, base), expected, what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
def test_rotation_where_all_sizes_are_equal(student, torch_rng):
    """With as many sentences and heads as positions and numbers, it is positions that turn and pairs that are turned."""
    x, positions = normal(torch_rng, 4, 4, 4, 4), torch.tensor([5, 0, 3, 9])
    check.close(student.rotary_embedding(x, positions), rotary_by_hand(x, positions), what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
def test_a_turn_is_a_product_of_complex_numbers_in_pytorch(student, torch_rng):
    """Pairs read as complex numbers, times torch.polar's numbers of length 1, give the same."""
    x, positions = normal(torch_rng, 3, T, 10), torch.tensor([2, 5, 1, 9])
    angles = positions[:, None] * 10000.0 ** (-torch.arange(0, 10, 2, dtype=torch.float64) / 10)
    turned = torch.view_as_complex(x.unflatten(-1, (5, 2))) * torch.polar(torch.ones_like(angles), angles)
    expected = torch.view_as_real(turned).flatten(-2)
    check.close(student.rotary_embedding(x, positions), expected, what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
@pytest.mark.parametrize("shift", [1, 40])
def test_dot_products_depend_on_the_distance_alone(student, torch_rng, shift):
    """Query and key moved on by the same number of positions have the same dot product."""
    queries, keys = normal(torch_rng, T, 8), normal(torch_rng, S, 8)
    ask, stand = torch.tensor([3, 0, 5, 9]), torch.arange(S)
    expected = rotary_by_hand(queries, ask) @ rotary_by_hand(keys, stand).T
    turned = student.rotary_embedding(queries, ask + shift), student.rotary_embedding(keys, stand + shift)
    check.shape(turned[0], (T, 8), what="turned queries")
    check.shape(turned[1], (S, 8), what="turned keys")
    # as ANGLES, summed
    check.close(turned[0] @ turned[1].T, expected, what="the dot products", rtol=1e-4, atol=1e-4)


@pytest.mark.exercise("rotary_embedding")
def test_a_turn_keeps_the_length_and_position_zero_keeps_everything(student, torch_rng):
    """No vector gets longer or shorter, and at position 0 nothing turns."""
    x, positions = normal(torch_rng, T, D), torch.tensor([0, 4, 0, 30])
    output = student.rotary_embedding(x, positions)
    check.shape(output, (T, D), what="output")
    check.close(output[0::2], x[0::2], what="the output at position 0")
    check.close(output.norm(dim=-1), x.norm(dim=-1), what="the lengths")
    check.close(output, rotary_by_hand(x, positions), what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
def test_far_positions_keep_the_precision_of_x(student, torch_rng):
    """In float64, position 10,000 turns as exactly as position 1."""
    x, positions = normal(torch_rng, 3, D), torch.tensor([10_000, 9_999, 1])
    check.close(
        student.rotary_embedding(x, positions), rotary_by_hand(x, positions), what="output", atol=1e-7
    )


@pytest.mark.exercise("rotary_embedding")
@pytest.mark.parametrize("size", [1, 5])
def test_an_odd_size_is_refused(student, torch_rng, size):
    """Numbers that do not pair off are a ValueError."""
    with pytest.raises(ValueError):
        student.rotary_embedding(normal(torch_rng, 3, size), torch.arange(3))


@pytest.mark.exercise("rotary_embedding")
def test_a_single_pair_at_a_single_position(student, torch_rng):
    """D = 2 has one pair, which turns by the position itself."""
    x, positions = normal(torch_rng, 1, 2), torch.tensor([2])
    check.close(student.rotary_embedding(x, positions), rotary_by_hand(x, positions), what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
def test_rotary_embedding_lets_gradients_through(student, reference, torch_rng):
    """The gradient of x is turned back."""
    x = normal(torch_rng, 2, T, D).requires_grad_()
    functions = student.rotary_embedding, reference.rotary_embedding
    check.agrees(*functions, x, torch.tensor([3, 1, 0, 8]), what="output", **ANGLES)


@pytest.mark.exercise("rotary_embedding")
def test_rotary_embedding_keeps_float32(student, torch_rng):
    """An x in float32 gives an output in float32."""
    x, positions = normal(torch_rng, 2, T, D), torch.arange(T)
    expected = rotary_by_hand(x, positions).float()
    check.close(student.rotary_embedding(x.float(), positions), expected, what="output", **ANGLES)


# t12.6 grouped_query_attention


def grouped_by_hand(queries, keys, values):
    N, G = queries.shape[1], keys.shape[1]
    heads = [attention_by_hand(queries[:, n], keys[:, n * G // N], values[:, n * G // N]) for n in range(N)]
    return torch.stack(heads, dim=1)


def for_groups(torch_rng, N=6, G=3, B=2, T=T, S=S):
    return [normal(torch_rng, B, *size) for size in [(N, T, D), (G, S, D), (G, S, DV)]]


@pytest.mark.exercise("grouped_query_attention")
def test_groups_of_heads_worked_by_hand(student):
    """Six heads and two groups: the first three share the first keys and values, weighted 1/4 and 3/4."""
    keys = torch.zeros(1, 2, 2, 4, dtype=torch.float64)
    keys[:, :, 1, 0] = 2 * math.log(3.0)  # divided by √4
    values = torch.tensor([[[[8.0], [4.0]], [[40.0], [80.0]]]], dtype=torch.float64)
    output = student.grouped_query_attention(torch.ones(1, 6, 1, 4).double(), keys, values)
    expected = torch.tensor([5.0, 5, 5, 70, 70, 70], dtype=torch.float64).view(1, 6, 1, 1)
    check.close(output, expected, what="output")


@pytest.mark.exercise("grouped_query_attention")
@pytest.mark.parametrize("N, G", [(6, 3), (6, 2), (8, 2), (4, 4), (5, 1)])
def test_neighbouring_heads_share_keys_and_values(student, torch_rng, N, G):
    """Any number of groups that N is a multiple of: as many as there are heads, or a single one."""
    arguments = for_groups(torch_rng, N, G)
    check.close(student.grouped_query_attention(*arguments), grouped_by_hand(*arguments), what="output")


@pytest.mark.exercise("grouped_query_attention")
def test_groups_are_those_of_pytorch(student, torch_rng):
    """F.scaled_dot_product_attention with enable_gqa gives the same."""
    arguments = for_groups(torch_rng, 8, 4)
    expected = F.scaled_dot_product_attention(*arguments, enable_gqa=True)
    check.close(student.grouped_query_attention(*arguments), expected, what="output", **EXACT)


@pytest.mark.exercise("grouped_query_attention")
def test_groups_where_all_sizes_are_equal(student, torch_rng):
    """With as many sentences as groups, queries, keys and numbers in each, every axis keeps its meaning."""
    arguments = [normal(torch_rng, 2, heads, 2, 2) for heads in (4, 2, 2)]
    check.close(student.grouped_query_attention(*arguments), grouped_by_hand(*arguments), what="output")


@pytest.mark.exercise("grouped_query_attention")
def test_one_groups_keys_reach_its_own_heads_alone(student, torch_rng):
    """Other keys and values in the second of three groups change the third and fourth of six heads."""
    queries, keys, values = for_groups(torch_rng)
    expected = grouped_by_hand(queries, keys, values)
    keys[:, 1], values[:, 1] = normal(torch_rng, 2, S, D), normal(torch_rng, 2, S, DV)
    expected[:, 2:4] = grouped_by_hand(queries, keys, values)[:, 2:4]
    check.close(student.grouped_query_attention(queries, keys, values), expected, what="output")


@pytest.mark.exercise("grouped_query_attention")
@pytest.mark.parametrize("N, G", [(5, 2), (4, 3), (2, 4)])
def test_heads_that_do_not_fit_the_groups_are_refused(student, torch_rng, N, G):
    """An N that is no multiple of G is a ValueError."""
    with pytest.raises(ValueError):
        student.grouped_query_attention(*for_groups(torch_rng, N, G))


@pytest.mark.exercise("grouped_query_attention")
def test_huge_scores_do_not_overflow_in_groups(student, torch_rng):
    """Scores of ±10,000 are ordinary input."""
    queries, keys, values = for_groups(torch_rng)
    arguments = 100 * queries, 100 * keys, values
    check.close(student.grouped_query_attention(*arguments), grouped_by_hand(*arguments), what="output")


@pytest.mark.exercise("grouped_query_attention")
@pytest.mark.parametrize("B, T, S", [(1, 1, 1), (3, 1, 4), (1, 3, 1)])
def test_single_queries_and_keys_in_groups(student, torch_rng, B, T, S):
    """One query, one key, or one of both."""
    arguments = for_groups(torch_rng, 4, 2, B, T, S)
    check.close(student.grouped_query_attention(*arguments), grouped_by_hand(*arguments), what="output")


@pytest.mark.exercise("grouped_query_attention")
def test_grouped_attention_lets_gradients_through(student, reference, torch_rng):
    """Shared keys and values gather the gradients of all heads of their group."""
    arguments = with_gradients(*for_groups(torch_rng))
    functions = student.grouped_query_attention, reference.grouped_query_attention
    check.agrees(*functions, *arguments, what="output", **EXACT)


@pytest.mark.exercise("grouped_query_attention")
def test_grouped_attention_keeps_float32(student, torch_rng):
    """Everything in float32 gives an output in float32."""
    arguments = for_groups(torch_rng)
    output = student.grouped_query_attention(*(tensor.float() for tensor in arguments))
    check.close(output, grouped_by_hand(*arguments).float(), what="output", **FLOAT32)


@pytest.mark.exercise("grouped_query_attention")
def test_keys_are_not_copied_for_every_head(student, torch_rng):
    """64 heads and two groups of long keys fit into memory that is too small for 64 heads of keys."""
    # values as large as keys: PyTorch's own function copies others
    sizes = [(64, 3, 64), (2, 1200, 64), (2, 1200, 64)]
    arguments = [normal(torch_rng, 1, *size) for size in sizes]
    expected = F.scaled_dot_product_attention(*arguments, enable_gqa=True)
    student.given.TightMemory(MEBIBYTES)  # 64 heads of keys take 38
    check.close(student.grouped_query_attention(*arguments), expected, what="output", **EXACT)


# t12.7 pointer_distribution


def pointer_by_hand(vocab_probs, weights, source_ids, p_gen, extended_size):
    P = torch.zeros(len(vocab_probs), extended_size, dtype=torch.float64)
    for b, w in product(range(len(P)), range(extended_size)):
        generated = vocab_probs[b, w] if w < vocab_probs.shape[1] else 0.0
        copied = sum(float(weights[b, s]) for s, word in enumerate(source_ids[b].tolist()) if word == w)
        P[b, w] = p_gen[b, 0] * generated + (1 - p_gen[b, 0]) * copied
    return P


def for_pointer(torch_rng, B=3, V=6, S=5, extended_size=9):
    """A vocabulary of six words, sources of five, up to three unknown words; the first word of a source comes twice."""
    source_ids = torch.randint(0, extended_size, (B, S), generator=torch_rng)
    source_ids[:, -1] = source_ids[:, 0]
    return {
        "vocab_probs": normal(torch_rng, B, V).softmax(dim=-1),
        "weights": normal(torch_rng, B, S).softmax(dim=-1),
        "source_ids": source_ids,
        "p_gen": normal(torch_rng, B, 1).sigmoid(),
        "extended_size": extended_size,
    }


@pytest.mark.exercise("pointer_distribution")
def test_a_pointer_worked_by_hand(student):
    """Two sources of three words, a vocabulary of two, and one unknown word, which one of them names twice."""
    P = student.pointer_distribution(
        torch.tensor([[0.75, 0.25], [0.5, 0.5]], dtype=torch.float64),
        torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], dtype=torch.float64),
        torch.tensor([[2, 1, 2], [0, 1, 0]]),
        torch.tensor([[0.5], [0.25]], dtype=torch.float64),
        3,
    )
    expected = [[0.375, 0.25, 0.375], [0.125 + 0.6, 0.125 + 0.15, 0.0]]
    check.close(P, torch.tensor(expected, dtype=torch.float64), what="P")


@pytest.mark.exercise("pointer_distribution")
@pytest.mark.parametrize("extended_size", [6, 7, 12])
def test_every_word_gets_what_is_generated_and_what_is_copied(student, torch_rng, extended_size):
    """With as many unknown words as there may be, or with none, each word's two shares are added."""
    arguments = for_pointer(torch_rng, extended_size=extended_size)
    check.close(student.pointer_distribution(**arguments), pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
def test_pointer_where_all_sizes_are_equal(student, torch_rng):
    """With as many sources as words in each and in both vocabularies, every axis keeps its meaning."""
    arguments = for_pointer(torch_rng, B=4, V=4, S=4, extended_size=4)
    check.close(student.pointer_distribution(**arguments), pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
def test_a_word_that_comes_often_gets_all_its_weights(student, torch_rng):
    """A source that is one word said five times gives this word all that is copied."""
    arguments = for_pointer(torch_rng) | {"source_ids": torch.tensor([[7] * 5, [2] * 5, [0] * 5])}
    check.close(student.pointer_distribution(**arguments), pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
def test_probabilities_of_the_extended_vocabulary_add_up_to_one(student, torch_rng):
    """Nothing is lost and nothing comes twice."""
    arguments = for_pointer(torch_rng)
    P = student.pointer_distribution(**arguments)
    check.shape(P, (3, 9), what="P")
    check.close(P.sum(dim=-1), torch.ones(3).double(), what="the sums of P")
    check.close(P, pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
@pytest.mark.parametrize("p_gen", [0.0, 1.0], ids=["only copied", "only generated"])
def test_the_gate_may_be_wide_open_or_shut(student, torch_rng, p_gen):
    """With p_gen = 1 only the vocabulary speaks, and with p_gen = 0 only the source."""
    arguments = for_pointer(torch_rng) | {"p_gen": torch.full((3, 1), p_gen, dtype=torch.float64)}
    check.close(student.pointer_distribution(**arguments), pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
def test_padding_without_weight_is_not_copied(student, torch_rng):
    """Padding has the number 0 and a weight of 0: word 0 gets nothing from it."""
    arguments = for_pointer(torch_rng)
    arguments["source_ids"][:, 3:] = 0
    arguments["weights"][:, 3:] = 0.0
    check.close(student.pointer_distribution(**arguments), pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
def test_an_only_word_in_an_only_source(student, torch_rng):
    """One source of a single word."""
    arguments = for_pointer(torch_rng, B=1, V=2, S=1, extended_size=3) | {"source_ids": torch.tensor([[2]])}
    check.close(student.pointer_distribution(**arguments), pointer_by_hand(**arguments), what="P")


@pytest.mark.exercise("pointer_distribution")
def test_pointer_lets_gradients_through(student, reference, torch_rng):
    """The gradients of the vocabulary's probabilities, of the weights and of the gate are right."""
    arguments = for_pointer(torch_rng)
    for name in ("vocab_probs", "weights", "p_gen"):
        arguments[name].requires_grad_()
    functions = student.pointer_distribution, reference.pointer_distribution
    check.agrees(*functions, **arguments, what="P", **EXACT)


@pytest.mark.exercise("pointer_distribution")
def test_pointer_keeps_float32(student, torch_rng):
    """Everything in float32 gives probabilities in float32."""
    arguments = for_pointer(torch_rng)
    expected = pointer_by_hand(**arguments).float()
    for name in ("vocab_probs", "weights", "p_gen"):
        arguments[name] = arguments[name].float()
    check.close(student.pointer_distribution(**arguments), expected, what="P", **FLOAT32)
