"""Hidden graders of t05.

Oracles: numbers worked by hand, loops over single sentences with PyTorch's GRUCell (`…_by_hand`), PyTorch's own attention,
gradients, and what must always hold.
"""

import math

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from attend.testing import check
from attend.testing.items import for_exercises

E, H, A, V = 2, 3, 4, 7
TIGHT = {"rtol": 1e-9, "atol": 1e-10}
ATTENTION = ("context", "weights")
STEP = ("logits", "state", "context", "weights")


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_mask(torch_rng, B, S):
    """A random mask that hides the last place and allows the first."""
    mask = torch.rand(B, S, generator=torch_rng) < 0.6
    mask[:, 0], mask[:, -1] = True, S == 1
    return mask


def decoders(student, reference, **options):
    return check.twin(student, reference, "AttentionDecoder", V, E, H, A, **options)


def a_source(torch_rng, B=2, S=5):
    return {
        "state": normal(torch_rng, B, H),
        "annotations": normal(torch_rng, B, S, A),
        "mask": a_mask(torch_rng, B, S),
    }


def a_step(torch_rng, B=2, S=5):
    tokens = torch.randint(0, V, (B,), generator=torch_rng)
    return {"token": tokens, "context": normal(torch_rng, B, A)} | a_source(torch_rng, B, S)


def a_sentence(torch_rng, B=2, S=5, T=4):
    return {"inputs": torch.randint(0, V, (B, T), generator=torch_rng)} | a_source(torch_rng, B, S)


def with_gradients(arguments):
    return {
        name: value.requires_grad_() if value.is_floating_point() else value
        for name, value in arguments.items()
    }


def all_gradients(module, method, arguments):
    """The gradients of every floating argument and of every parameter, for one random sum of the results."""
    leaves = dict(sorted(module.named_parameters()))
    arguments = {name: value.clone() for name, value in arguments.items()}
    results = getattr(module, method)(**with_gradients(arguments))
    generator = torch.Generator().manual_seed(7)
    total = sum((result * normal(generator, *result.shape)).sum() for result in results)
    check.true(total.requires_grad, "no gradient comes back through the results")
    leaves |= {name: value for name, value in arguments.items() if value.requires_grad}
    found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    found = zip(leaves.items(), found, strict=True)
    return {name: torch.zeros_like(leaf) if value is None else value for (name, leaf), value in found}


def with_low_scores(handle, module, arguments):
    """The arguments with every allowed score about −20,000 and every hidden one about 0, in each step of the decoder."""
    state = module.state_dict()
    state["cell.bias_ih"][H] = 50.0  # the update gate of the first unit is open: that unit keeps its value, 1
    state["score.weight"][0] = torch.tensor([-2e4, 0, 0, 0])
    module.load_state_dict(state)
    handle.load_state_dict(state)
    arguments["state"][:, 0] = 1.0
    arguments["annotations"][..., 0] = arguments["mask"]
    return arguments


def where_sizes_agree(torch_rng, student, reference):
    """Both decoders with every size 4, and the arguments of `forward`."""
    sides = check.twin(student, reference, "AttentionDecoder", 4, 4, 4, 4)
    mask = torch.tensor([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 1, 1, 0]]).bool()
    arguments = {"inputs": torch.randint(0, 4, (4, 4), generator=torch_rng), "state": normal(torch_rng, 4, 4)}
    return *sides, arguments | {"annotations": normal(torch_rng, 4, 4, 4), "mask": mask}


def attend_by_hand(module, state, annotations, mask):
    """Weight by weight, number by number."""
    W = module.score.weight
    contexts, rows = [], []
    for b in range(len(state)):
        scores = [
            sum(state[b, h] * (W[h] @ annotation) for h in range(len(W))).item()
            for annotation in annotations[b]
        ]
        allowed = [s for s in range(len(scores)) if mask is None or mask[b, s]]
        highest = max((scores[s] for s in allowed), default=0.0)
        raised = [math.exp(scores[s] - highest) if s in allowed else 0.0 for s in range(len(scores))]
        weights = [value / (sum(raised) or 1.0) for value in raised]
        rows.append(weights)
        contexts.append(
            sum(weight * annotation for weight, annotation in zip(weights, annotations[b], strict=True))
        )
    return torch.stack(contexts), torch.tensor(rows, dtype=torch.float64)


@torch.no_grad()
def step_by_hand(module, token, state, context, annotations, mask):
    read = torch.stack(
        [torch.cat([module.embedding.weight[t], c]) for t, c in zip(token, context, strict=True)]
    )
    state = module.cell(read, state)
    context, weights = attend_by_hand(module, state, annotations, mask)
    said = torch.stack([torch.cat([h, c]) for h, c in zip(state, context, strict=True)])
    return said @ module.output.weight.T + module.output.bias, state, context, weights


def detached(results):
    return tuple(value.detach() for value in results)


@torch.no_grad()
def forward_by_hand(module, inputs, state, annotations, mask):
    context, steps = torch.zeros_like(annotations[:, 0]), []
    for token in inputs.unbind(dim=1):
        logits, state, context, weights = step_by_hand(module, token, state, context, annotations, mask)
        steps.append((logits, weights))
    return tuple(torch.stack(part, dim=1) for part in zip(*steps, strict=True))


# t05.1 attend


@pytest.mark.exercise("attend")
@pytest.mark.parametrize(("B", "S"), [(2, 5), (1, 3), (3, 1)])
def test_attend_agrees_with_a_loop(student, reference, torch_rng, B, S):
    """Each state weighs its own sentence's annotations, in any batch and with a single word too."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng, B, S) | {"mask": torch.arange(S) < torch.arange(1, B + 1)[:, None]}
    check.close(
        detached(handle.attend(**arguments)), attend_by_hand(module, **arguments), what=ATTENTION, **TIGHT
    )


@pytest.mark.exercise("attend")
def test_attend_where_all_sizes_agree(student, reference, torch_rng):
    """With as many sentences as words and features, and a square W, every axis keeps its meaning."""
    handle, module, arguments = where_sizes_agree(torch_rng, student, reference)
    del arguments["inputs"]
    check.close(
        detached(handle.attend(**arguments)), attend_by_hand(module, **arguments), what=ATTENTION, **TIGHT
    )


@pytest.mark.exercise("attend")
def test_attend_has_the_right_gradients(student, reference, torch_rng):
    """Gradients with respect to state, annotations and W are right, to nine digits."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng)
    expected = all_gradients(module, "attend", arguments)
    check.close(all_gradients(handle, "attend", arguments), expected, what="gradients", **TIGHT)


@pytest.mark.exercise("attend")
def test_attend_agrees_with_torch(student, reference, torch_rng):
    """It is PyTorch's attention over projected keys, without its scale."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng)
    with torch.no_grad():
        keys = module.score(arguments["annotations"])
    query, mask = arguments["state"].unsqueeze(1), arguments["mask"].unsqueeze(1)
    expected = scaled_dot_product_attention(query, keys, arguments["annotations"], mask, scale=1.0).squeeze(1)
    check.close(handle.attend(**arguments)[0].detach(), expected, what="context", **TIGHT)


@pytest.mark.exercise("attend")
def test_attend_without_a_mask_allows_everything(student, reference, torch_rng):
    """None allows every place."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng) | {"mask": None}
    check.close(
        detached(handle.attend(**arguments)), detached(module.attend(**arguments)), what=STEP[2:], **TIGHT
    )


@pytest.mark.exercise("attend")
def test_attend_where_nothing_is_allowed(student, reference, torch_rng):
    """Weights and context are zero, and the other sentences do not notice."""
    handle, module = decoders(student, reference)
    # whole scores: a large number that is added to a whole row leaves no trace of its size
    state = {name: value.round() for name, value in module.state_dict().items()}
    state["score.weight"] = (2 * normal(torch_rng, H, A)).round()
    module.load_state_dict(state)
    handle.load_state_dict(state)
    arguments = a_source(torch_rng)
    arguments |= {name: (2 * arguments[name]).round() for name in ("state", "annotations")}
    arguments["mask"][1] = False
    check.close(
        detached(handle.attend(**arguments)), attend_by_hand(module, **arguments), what=ATTENTION, **TIGHT
    )


@pytest.mark.exercise("attend")
def test_attend_has_finite_gradients_where_nothing_is_allowed(student, reference, torch_rng):
    """Where nothing is allowed no gradient comes back, and NaN least of all."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng)
    arguments["mask"][1] = False
    check.agrees(handle.attend, module.attend, **with_gradients(arguments), what=ATTENTION, **TIGHT)


@pytest.mark.exercise("attend")
def test_attend_with_low_scores_sees_nothing_hidden(student, reference, torch_rng):
    """Where the allowed places score −20,000, the hidden ones still get nothing."""
    handle, module = decoders(student, reference)
    arguments = with_low_scores(handle, module, a_source(torch_rng))
    check.close(
        detached(handle.attend(**arguments)), attend_by_hand(module, **arguments), what=ATTENTION, **TIGHT
    )


@pytest.mark.exercise("attend")
def test_attend_with_extreme_scores(student, reference, torch_rng):
    """Scores of ±10,000 overflow nothing: the best place gets everything."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng)
    arguments["state"] = arguments["state"] * 1e5
    check.close(
        detached(handle.attend(**arguments)), detached(module.attend(**arguments)), what=STEP[2:], **TIGHT
    )


@pytest.mark.exercise("attend")
def test_attend_keeps_float32(student, reference, torch_rng):
    """float32 comes out where float32 went in."""
    handle, module = decoders(student, reference, dtype=torch.float32)
    arguments = {
        name: value.float() if value.is_floating_point() else value
        for name, value in a_source(torch_rng).items()
    }
    expected = detached(module.attend(**arguments))
    check.close(detached(handle.attend(**arguments)), expected, what=STEP[2:], rtol=1e-5, atol=1e-5)


@pytest.mark.exercise("attend")
def test_attend_in_training_mode(student, reference, torch_rng):
    """Training changes no result: this decoder has no dropout."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng)
    expected = attend_by_hand(module, **arguments)
    check.close(detached(handle.train().attend(**arguments)), expected, what=ATTENTION, **TIGHT)


# t05.2 step


@pytest.mark.exercise("step")
@pytest.mark.parametrize(("B", "S"), [(2, 5), (1, 4), (3, 1)])
def test_step_agrees_with_a_loop(student, reference, torch_rng, B, S):
    """Cell, attention and output do what the docstring's equations say."""
    handle, module = decoders(student, reference)
    arguments = a_step(torch_rng, B, S)
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_where_all_sizes_agree(student, reference, torch_rng):
    """With as many sentences as words, features and units, every axis keeps its meaning."""
    handle, module, arguments = where_sizes_agree(torch_rng, student, reference)
    arguments |= {"token": arguments.pop("inputs")[:, 0], "context": normal(torch_rng, 4, 4)}
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_has_the_right_gradients(student, reference, torch_rng):
    """Gradients with respect to every input and parameter are right, to nine digits."""
    handle, module = decoders(student, reference)
    arguments = a_step(torch_rng)
    expected = all_gradients(module, "step", arguments)
    check.close(all_gradients(handle, "step", arguments), expected, what="gradients", **TIGHT)


@pytest.mark.exercise("step")
def test_step_never_sees_what_the_mask_hides(student, reference, torch_rng):
    """Other hidden annotations do not change the results."""
    handle, _ = decoders(student, reference)
    arguments = a_step(torch_rng)
    before = detached(handle.step(**arguments))
    arguments["annotations"] = torch.where(arguments["mask"][..., None], arguments["annotations"], 50.0)
    check.close(detached(handle.step(**arguments)), before, what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_with_low_scores_sees_nothing_hidden(student, reference, torch_rng):
    """Where the allowed places score −20,000, the hidden ones still get nothing."""
    handle, module = decoders(student, reference)
    arguments = with_low_scores(handle, module, a_step(torch_rng))
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_from_a_zero_context(student, reference, torch_rng):
    """A context of zero, as at the first word, is ordinary input."""
    handle, module = decoders(student, reference)
    arguments = a_step(torch_rng) | {"context": torch.zeros(2, A, dtype=torch.float64), "mask": None}
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_in_training_mode(student, reference, torch_rng):
    """Training changes no result: this decoder has no dropout."""
    handle, module = decoders(student, reference)
    arguments = a_step(torch_rng)
    expected = step_by_hand(module, **arguments)
    check.close(detached(handle.train().step(**arguments)), expected, what=STEP, **TIGHT)


# t05.3 forward


@pytest.mark.exercise("forward")
@pytest.mark.parametrize(("B", "S", "T"), [(2, 5, 4), (1, 3, 6), (3, 1, 2), (2, 4, 1)])
def test_forward_agrees_with_a_loop(student, reference, torch_rng, B, S, T):
    """One step after another, state and context handed on, the first context zero."""
    handle, module = decoders(student, reference)
    arguments = a_sentence(torch_rng, B, S, T)
    expected = forward_by_hand(module, **arguments)
    check.close(detached(handle(**arguments)), expected, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("forward")
def test_forward_where_all_sizes_agree(student, reference, torch_rng):
    """With as many sentences as source words, target words and features, every axis keeps its meaning."""
    handle, module, arguments = where_sizes_agree(torch_rng, student, reference)
    expected = forward_by_hand(module, **arguments)
    check.close(detached(handle(**arguments)), expected, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("forward")
def test_forward_with_low_scores_sees_nothing_hidden(student, reference, torch_rng):
    """Where the allowed places score −20,000, the hidden ones still get nothing."""
    handle, module = decoders(student, reference)
    arguments = with_low_scores(handle, module, a_sentence(torch_rng))
    expected = forward_by_hand(module, **arguments)
    check.close(detached(handle(**arguments)), expected, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("forward")
def test_forward_in_training_mode(student, reference, torch_rng):
    """Training changes no result: this decoder has no dropout."""
    handle, module = decoders(student, reference)
    arguments = a_sentence(torch_rng)
    expected = forward_by_hand(module, **arguments)
    check.close(detached(handle.train()(**arguments)), expected, what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("forward")
def test_forward_has_the_right_gradients(student, reference, torch_rng):
    """Gradients with respect to inputs and all parameters are right, to nine digits."""
    handle, module = decoders(student, reference)
    check.agrees(handle, module, **with_gradients(a_sentence(torch_rng)), what=("logits", "weights"), **TIGHT)


@pytest.mark.exercise("forward")
def test_forward_does_not_look_ahead(student, reference, torch_rng):
    """Another last word changes no earlier logits."""
    handle, _ = decoders(student, reference)
    arguments = a_sentence(torch_rng)
    logits, _ = detached(handle(**arguments))
    arguments["inputs"][:, -1] = (arguments["inputs"][:, -1] + 1) % V
    other, _ = detached(handle(**arguments))
    check.close(other[:, :-1], logits[:, :-1], what="logits of the earlier words", **TIGHT)


@pytest.mark.exercise("forward")
def test_forward_of_a_sentence_alone(student, reference, torch_rng):
    """A sentence's results do not depend on its batch."""
    handle, _ = decoders(student, reference)
    arguments = a_sentence(torch_rng, B=3)
    together = detached(handle(**arguments))
    alone = detached(handle(**{name: value[1:2] for name, value in arguments.items()}))
    check.close(alone, tuple(value[1:2] for value in together), what=("logits", "weights"), **TIGHT)


# t05, every exercise

ARGUMENTS = {
    "attend": lambda torch_rng: tuple(a_source(torch_rng).values()),
    "step": lambda torch_rng: tuple(a_step(torch_rng)[name] for name in ("token", *STEP[1:3], *SOURCE)),
    "forward": lambda torch_rng: tuple(a_sentence(torch_rng).values()),
}
SOURCE = ("annotations", "mask")
EACH = for_exercises(*ARGUMENTS)


@EACH
def test_the_order_of_numbers_in_memory_does_not_matter(student, reference, torch_rng, name):
    """Tensors that are transposed in memory give the same result."""
    handle, module = decoders(student, reference)
    check.in_any_order(getattr(handle, name), getattr(module, name), *ARGUMENTS[name](torch_rng))


@EACH
def test_a_result_stays_as_it_is(student, reference, torch_rng, name):
    """Another call leaves an earlier result as it was."""
    handle, module = decoders(student, reference)
    first, second = ARGUMENTS[name](torch_rng), ARGUMENTS[name](torch_rng)
    check.stays(handle, name, getattr(module, name), first, second)
