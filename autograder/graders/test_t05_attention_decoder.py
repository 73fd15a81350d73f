"""Hidden graders of t05.

Oracles: numbers worked by hand, loops over single sentences with PyTorch's GRUCell (`…_by_hand`), PyTorch's own attention,
gradients, and what must always hold.
"""

import math

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from attend.testing import check

E, H, A, V = 2, 3, 4, 7
TIGHT = {"rtol": 1e-9, "atol": 1e-10}
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


def attend_by_hand(module, state, annotations, mask):
    """Weight by weight, number by number."""
    W = module.score.weight
    contexts, rows = [], []
    for b in range(len(state)):
        scores = [
            sum(state[b, h] * (W[h] @ annotation) for h in range(H)).item() for annotation in annotations[b]
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


# t05.1 attend


@pytest.mark.exercise("attend")
@pytest.mark.parametrize(("B", "S"), [(2, 5), (1, 3), (3, 1)])
def test_attend_agrees_with_a_loop(student, reference, torch_rng, B, S):
    """Each state weighs its own sentence's annotations, in any batch and with a single word too."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng, B, S) | {"mask": torch.arange(S) < torch.arange(1, B + 1)[:, None]}
    with torch.no_grad():
        expected = attend_by_hand(module, **arguments)
    check.close(detached(handle.attend(**arguments)), expected, what=("context", "weights"), **TIGHT)


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
    """Weights and context are zero, and gradients stay finite."""
    handle, module = decoders(student, reference)
    arguments = a_source(torch_rng)
    arguments["mask"][1] = False
    context, weights = detached(handle.attend(**arguments))
    check.equal(weights[1], torch.zeros(5, dtype=torch.float64), what="weights where nothing is allowed")
    check.equal(context[1], torch.zeros(A, dtype=torch.float64), what="context where nothing is allowed")
    check.agrees(
        handle.attend, module.attend, **with_gradients(arguments), what=("context", "weights"), **TIGHT
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
    check.close(detached(handle.attend(**arguments)), expected, what=STEP[2:], rtol=1e-5, atol=1e-6)


# t05.2 step


@pytest.mark.exercise("step")
@pytest.mark.parametrize(("B", "S"), [(2, 5), (1, 4), (3, 1)])
def test_step_agrees_with_a_loop(student, reference, torch_rng, B, S):
    """Cell, attention and output do what the docstring's equations say."""
    handle, module = decoders(student, reference)
    arguments = a_step(torch_rng, B, S)
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_has_the_right_gradients(student, reference, torch_rng):
    """Gradients with respect to every input are right, to nine digits."""
    handle, module = decoders(student, reference)
    check.agrees(handle.step, module.step, **with_gradients(a_step(torch_rng)), what=STEP, **TIGHT)


@pytest.mark.exercise("step")
def test_step_never_sees_what_the_mask_hides(student, reference, torch_rng):
    """Other hidden annotations change no bit of the results."""
    handle, _ = decoders(student, reference)
    arguments = a_step(torch_rng)
    before = detached(handle.step(**arguments))
    arguments["annotations"] = torch.where(arguments["mask"][..., None], arguments["annotations"], 50.0)
    check.equal(detached(handle.step(**arguments)), before, what=STEP)


@pytest.mark.exercise("step")
def test_step_from_a_zero_context(student, reference, torch_rng):
    """A context of zero, as at the first word, is ordinary input."""
    handle, module = decoders(student, reference)
    arguments = a_step(torch_rng) | {"context": torch.zeros(2, A, dtype=torch.float64), "mask": None}
    check.close(detached(handle.step(**arguments)), step_by_hand(module, **arguments), what=STEP, **TIGHT)


# t05.3 forward


@pytest.mark.exercise("forward")
@pytest.mark.parametrize(("B", "S", "T"), [(2, 5, 4), (1, 3, 6), (3, 1, 2), (2, 4, 1)])
def test_forward_agrees_with_a_loop(student, reference, torch_rng, B, S, T):
    """One step after another, state and context handed on, the first context zero."""
    handle, module = decoders(student, reference)
    arguments = a_sentence(torch_rng, B, S, T)
    state, context = arguments["state"], torch.zeros(B, A, dtype=torch.float64)
    logits, weights = [], []
    for token in arguments["inputs"].unbind(dim=1):
        step = step_by_hand(module, token, state, context, arguments["annotations"], arguments["mask"])
        logits.append(step[0])
        weights.append(step[3])
        state, context = step[1:3]
    expected = torch.stack(logits, dim=1), torch.stack(weights, dim=1)
    check.close(detached(handle(**arguments)), expected, what=("logits", "weights"), **TIGHT)


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
    logits = handle(**arguments)[0].detach()
    arguments["inputs"][:, -1] = (arguments["inputs"][:, -1] + 1) % V
    check.equal(handle(**arguments)[0].detach()[:, :-1], logits[:, :-1], what="logits of the earlier words")


@pytest.mark.exercise("forward")
def test_forward_of_a_sentence_alone(student, reference, torch_rng):
    """A sentence's results do not depend on its batch."""
    handle, _ = decoders(student, reference)
    arguments = a_sentence(torch_rng, B=3)
    together = detached(handle(**arguments))
    alone = detached(handle(**{name: value[1:2] for name, value in arguments.items()}))
    check.close(alone, tuple(value[1:2] for value in together), what=("logits", "weights"), **TIGHT)
