"""t12's reference against PyTorch, what it promises about memory, counted, and the figures that its page shows.

The hidden graders take the reference's gradients for right; here they are compared with others.
"""

import json
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import elu, scaled_dot_product_attention
from torch.utils._python_dispatch import TorchDispatchMode

from attend.course.stub_markers import REGION
from attend.student.helpers import TightMemory
from attend.student.module import load_module

from .common import COURSE, ROOT, outcomes, row, submission

T12 = COURSE.topic("t12")
DTYPES = pytest.mark.parametrize(
    "dtype, tolerance", [(torch.float32, 1e-6), (torch.float64, 1e-12)], ids=["float32", "float64"]
)
DATA = json.loads((ROOT / "docs/data/attention.json").read_text(encoding="utf-8"))


def solution_text(topic) -> str:
    return COURSE.solution(topic).read_text(encoding="utf-8")


def module(number: str):
    topic = COURSE.topic(number)
    return load_module(solution_text(topic), f"{number}_promises", str(COURSE.solution(topic)))


@pytest.fixture(scope="module")
def t12():
    return module("t12")


def normal(*size, dtype=torch.float64):
    generator = torch.Generator().manual_seed(math.prod(size))
    return torch.randn(size, generator=generator, dtype=dtype)


def agree(ours, theirs, *inputs, tolerance=1e-10):
    """Values and gradients of two functions on the same inputs."""
    results, gradients = [], []
    for function in (ours, theirs):
        leaves = [tensor.clone().requires_grad_() for tensor in inputs]
        results.append(function(*leaves))
        gradients.append(torch.autograd.grad(results[-1].sin().sum(), leaves))
    torch.testing.assert_close(results[0], results[1], rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=10 * tolerance, atol=10 * tolerance)


# exact


@DTYPES
def test_attention_in_blocks_is_exact_for_every_block_size(t12, dtype, tolerance):
    queries, keys, values = (normal(2, *size, dtype=dtype) for size in [(5, 4), (23, 4), (23, 3)])
    mask = torch.rand(2, 5, 23, generator=torch.Generator().manual_seed(0)) < 0.7
    exact = scaled_dot_product_attention(queries.double(), keys.double(), values.double(), attn_mask=mask)
    for block_size in range(1, 25):
        output = t12.online_softmax_attention(queries, keys, values, block_size, mask)
        assert output.dtype == dtype
        assert (output - exact).abs().max() < tolerance, block_size


@pytest.mark.parametrize("block_size", [1, 2, 5, 9])
def test_attention_in_blocks_has_pytorchs_gradients(t12, block_size):
    mask = torch.ones(4, 7, dtype=torch.bool).tril(2)
    agree(
        lambda *qkv: t12.online_softmax_attention(*qkv, block_size, mask),
        lambda *qkv: scaled_dot_product_attention(*qkv, attn_mask=mask),
        *(normal(2, *size) for size in [(4, 5), (7, 5), (7, 6)]),
    )


@pytest.mark.parametrize("causal", [False, True])
def test_linear_attention_is_the_product_in_the_other_order(t12, causal):
    def in_the_other_order(queries, keys, values):
        likeness = (elu(queries) + 1) @ (elu(keys) + 1).mT
        likeness = likeness.tril() if causal else likeness
        return likeness / likeness.sum(dim=-1, keepdim=True) @ values

    agree(
        lambda *qkv: t12.linear_attention(*qkv, causal),
        in_the_other_order,
        *(normal(2, 6, size) for size in (4, 4, 3)),
    )


def test_groups_have_pytorchs_gradients(t12):
    agree(
        t12.grouped_query_attention,
        lambda *qkv: scaled_dot_product_attention(*qkv, enable_gqa=True),
        *(normal(2, *size) for size in [(6, 3, 4), (2, 5, 4), (2, 5, 7)]),
    )


def test_the_gradient_of_a_turn_is_the_turn_back(t12):
    x, positions = normal(2, 3, 6).requires_grad_(), torch.tensor([4, 0, 9])
    turned = t12.rotary_embedding(x, positions)
    (gradient,) = torch.autograd.grad(turned, x, turned.detach())
    torch.testing.assert_close(gradient, x.detach())
    torch.testing.assert_close(t12.rotary_embedding(turned, -positions), x)


def test_the_pointers_gradients_are_those_of_finite_differences(t12):
    source_ids = torch.tensor([[4, 0, 4], [1, 1, 3]])
    inputs = normal(2, 4).softmax(-1), normal(2, 3).softmax(-1), normal(2, 1).sigmoid()
    inputs = [tensor.requires_grad_() for tensor in inputs]
    assert torch.autograd.gradcheck(
        lambda vocab, weights, p: t12.pointer_distribution(vocab, weights, source_ids, p, 5), inputs
    )


# memory, counted


class Largest(TorchDispatchMode):
    """The numbers of the largest tensor that is made."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                held = tensor.untyped_storage().nbytes() // tensor.element_size()
                self.numbers = max(self.numbers, held)
        return result


def largest(call) -> int:
    with Largest() as mode:
        call()
    return mode.numbers


def growth(attend_to, lengths=(64, 128, 256)) -> list[float]:
    counted = []
    for length in lengths:
        inputs = [normal(length, 4) for _ in range(3)]
        counted.append(largest(lambda inputs=inputs: attend_to(*inputs)))
    return [after / before for before, after in pairwise(counted)]


def test_the_largest_tensor_grows_with_the_length_and_not_with_its_square(t12):
    assert growth(t12.linear_attention) == [2, 2]
    assert growth(lambda *qkv: t12.linear_attention(*qkv, causal=True)) == [2, 2]
    assert growth(lambda *qkv: t12.online_softmax_attention(*qkv, 16)) == [2, 2]
    mask = torch.ones(1, 1, dtype=torch.bool)
    assert growth(lambda *qkv: t12.online_softmax_attention(*qkv, 16, mask)) == [2, 2]
    assert growth(module("t13").scaled_dot_product_attention) == [4, 4]


def test_shared_keys_are_never_copied_for_every_head(t12):
    N, G, S, D = 32, 2, 40, 8
    queries, keys, values = normal(1, N, 1, D), normal(1, G, S, D), normal(1, G, S, D)
    assert largest(lambda: t12.grouped_query_attention(queries, keys, values)) == N * S  # the scores
    group = queries.unflatten(1, (G, N // G))
    assert largest(lambda: group @ keys.unsqueeze(2).mT) == N * S * D  # what a broadcasting product makes


# memory, in the graders

WHOLE_MATRIX = {
    "linear_attention": """
    phi_q, phi_k = F.elu(queries) + 1, F.elu(keys) + 1
    weights = phi_q @ phi_k.mT
    weights = weights.tril() if causal else weights
    total = weights.sum(dim=-1, keepdim=True)
    return weights @ values / torch.where(total == 0, 1.0, total)
""",
    "online_softmax_attention": """
    scores = queries @ keys.mT / math.sqrt(queries.shape[-1])
    mask = torch.tensor(True) if mask is None else mask
    return (scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1) * mask) @ values
""",
    "grouped_query_attention": """
    N, G = queries.shape[1], keys.shape[1]
    if N % G:
        raise ValueError("no multiple")
    keys, values = (tensor.repeat_interleave(N // G, dim=1) for tensor in (keys, values))
    return (queries @ keys.mT / math.sqrt(queries.shape[-1])).softmax(dim=-1) @ values
""",
}
MEMORY_TESTS = {
    "linear_attention": "test_no_matrix_of_all_pairs_is_made",
    "online_softmax_attention": "test_memory_grows_with_the_queries_alone",
    "grouped_query_attention": "test_keys_are_not_copied_for_every_head",
}


@pytest.mark.slow
def test_right_values_from_too_large_a_matrix_lose_the_test_of_memory_and_no_other(lane, level):
    if level == "none":
        pytest.skip("this machine confines no worker, so nothing limits its memory")
    text = solution_text(T12)
    bodies = dict(zip((exercise.name for exercise in T12.exercises), REGION.finditer(text), strict=True))
    for name, body in WHOLE_MATRIX.items():
        text = text.replace(bodies[name][0], body.strip("\n"))
    graded = lane.grader(T12).grade(submission(T12, text))
    assert {name for name, outcome in outcomes(graded).items() if outcome != "full"} == set(WHOLE_MATRIX)
    for name, memory_test in MEMORY_TESTS.items():
        failed = [test for test in row(graded, name).tests if not test.passed]
        assert {test.name.partition("[")[0] for test in failed} == {memory_test}
        assert all("it raised MemoryError" in test.message and "line" in test.message for test in failed)


def test_memory_is_not_tight_where_nothing_limits_it():
    assert TightMemory(1).taken == []


# what the page shows


def last_growth(name: str, kind: str) -> float:
    before, after = DATA["functions"][name][kind][-2:]
    return after / before


def test_linear_attention_was_measured_to_grow_linearly():
    assert DATA["lengths"] == [128, 256, 512, 1024, 2048, 4096, 8192]
    assert last_growth("linear (t12)", "seconds") < 2.8 < 3.2 < last_growth("whole matrix (t13)", "seconds")
    assert (
        last_growth("linear (t12)", "mebibytes") < 2.8 < 3.2 < last_growth("whole matrix (t13)", "mebibytes")
    )
    assert last_growth("blocks of 128 (t12)", "mebibytes") < 2.8


def test_every_function_was_measured_at_every_length():
    for columns in DATA["functions"].values():
        assert len(columns["seconds"]) == len(columns["mebibytes"]) == len(DATA["lengths"])
        assert min(columns["seconds"]) > 0


def test_the_picture_of_the_measurement_says_what_it_shows():
    picture = (ROOT / "docs/assets/figures/attention.svg").read_text(encoding="utf-8")
    root = ET.fromstring(picture)
    assert root.attrib["role"] == "img" and "8192" in root.attrib["aria-label"]
    ratio = (
        DATA["functions"]["linear (t12)"]["seconds"][-1] / DATA["functions"]["PyTorch's own"]["seconds"][-1]
    )
    assert re.search(rf"linear \(t12\): {ratio:.2f} times PyTorch", root.attrib["aria-label"])
