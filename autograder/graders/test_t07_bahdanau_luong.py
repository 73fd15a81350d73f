"""Hidden graders of t07.

Oracles: the papers' equations written out for single sentences (`…_by_hand`), numbers worked by hand, gradients, and what
must always hold.
"""

import math

import pytest
import torch

from attend.testing import check
from attend.testing.items import for_exercises

V, E, H, A, P = 7, 2, 3, 4, 5
TIGHT = {"rtol": 1e-9, "atol": 1e-10}
BAHDANAU = ("logits", "state", "weights")
LUONG = ("logits", "state", "attentional", "weights")
SCORES = pytest.mark.parametrize("score", ["dot", "general", "concat"])


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_mask(torch_rng, B, S):
    """A random mask that hides the last place and allows the first."""
    mask = torch.rand(B, S, generator=torch_rng) < 0.6
    mask[:, 0], mask[:, -1] = True, S == 1
    return mask


def a_step(torch_rng, B=2, S=5, size=A):
    return {
        "token": torch.randint(0, V, (B,), generator=torch_rng),
        "state": normal(torch_rng, B, H),
        "annotations": normal(torch_rng, B, S, size),
        "mask": a_mask(torch_rng, B, S),
    }


def a_luong_step(torch_rng, score, **sizes):
    size = H if score == "dot" else A
    return a_step(torch_rng, size=size, **sizes) | {"attentional": normal(torch_rng, sizes.get("B", 2), H)}


def with_gradients(arguments):
    return {
        name: value.requires_grad_() if value.is_floating_point() else value
        for name, value in arguments.items()
    }


def all_gradients(module, arguments):
    """The gradients of every floating argument and of every parameter, for one random sum of a step's results."""
    leaves = dict(sorted(module.named_parameters()))
    arguments = {name: value.clone() for name, value in arguments.items()}
    results = module.step(**with_gradients(arguments))
    generator = torch.Generator().manual_seed(7)
    total = sum((result * normal(generator, *result.shape)).sum() for result in results)
    check.true(total.requires_grad, "no gradient comes back through the results")
    leaves |= {name: value for name, value in arguments.items() if value.requires_grad}
    found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    found = zip(leaves.items(), found, strict=True)
    return {name: torch.zeros_like(leaf) if value is None else value for (name, leaf), value in found}


def changed(handle, module, **parts):
    """Both decoders after `parts`, functions of the weights, have worked on them."""
    state = module.state_dict()
    for name, change in parts.items():
        change(state[name.replace("__", ".")])
    module.load_state_dict(state)
    handle.load_state_dict(state)


def open_gate(units):
    """Change a GRUCell's bias so that its first `units` units keep the values that they have."""

    def change(bias):
        bias[H : H + units] = 60.0

    return change


def detached(results):
    return tuple(value.detach() for value in results)


def softmax_by_hand(scores, mask):
    allowed = [s for s in range(len(scores)) if mask is None or mask[s]]
    highest = max((scores[s].item() for s in allowed), default=0.0)
    raised = [math.exp(scores[s].item() - highest) if s in allowed else 0.0 for s in range(len(scores))]
    return torch.tensor(raised, dtype=torch.float64) / (sum(raised) or 1.0)


@torch.no_grad()
def bahdanau_by_hand(module, token, state, annotations, mask):
    rows = []
    for b in range(len(token)):
        scores = [
            module.v_a.weight[0] @ torch.tanh(module.W_a.weight @ state[b] + module.U_a.weight @ annotation)
            for annotation in annotations[b]
        ]
        weights = softmax_by_hand(scores, None if mask is None else mask[b])
        context = sum(weight * annotation for weight, annotation in zip(weights, annotations[b], strict=True))
        word = module.embedding.weight[token[b]]
        new = module.cell(torch.cat([word, context])[None], state[b][None])[0]
        logits = module.output.weight @ torch.cat([new, word, context]) + module.output.bias
        rows.append((logits, new, weights))
    return tuple(torch.stack(part) for part in zip(*rows, strict=True))


@torch.no_grad()
def luong_by_hand(module, token, state, attentional, annotations, mask):
    rows = []
    for b in range(len(token)):
        read = torch.cat([module.embedding.weight[token[b]], attentional[b]])
        h = module.cell(read[None], state[b][None])[0]
        scores = []
        for annotation in annotations[b]:
            if hasattr(module, "v_a"):
                pair = torch.cat([h, annotation])
                scores.append(module.v_a.weight[0] @ torch.tanh(module.W_a.weight @ pair))
            elif hasattr(module, "W_a"):
                scores.append(h @ module.W_a.weight @ annotation)
            else:
                scores.append(h @ annotation)
        weights = softmax_by_hand(scores, None if mask is None else mask[b])
        context = sum(weight * annotation for weight, annotation in zip(weights, annotations[b], strict=True))
        new = torch.tanh(module.W_c.weight @ torch.cat([context, h]))
        rows.append((module.W_s.weight @ new + module.W_s.bias, h, new, weights))
    return tuple(torch.stack(part) for part in zip(*rows, strict=True))


def where_sizes_agree(torch_rng):
    """Arguments of a step with every size 4."""
    mask = torch.tensor([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 1, 1, 0]]).bool()
    arguments = {"token": torch.randint(0, 4, (4,), generator=torch_rng), "state": normal(torch_rng, 4, 4)}
    return arguments | {"annotations": normal(torch_rng, 4, 4, 4), "mask": mask}


def bahdanaus(student, reference):
    return check.twin(student, reference, "BahdanauDecoder", V, E, H, A, P)


def luongs(student, reference, score):
    return check.twin(student, reference, "LuongDecoder", V, E, H, H if score == "dot" else A, score)


# t07.1 BahdanauDecoder


@pytest.mark.exercise("BahdanauDecoder")
@pytest.mark.parametrize(("B", "S"), [(2, 5), (1, 3), (3, 1)])
def test_bahdanau_follows_the_equations(student, reference, torch_rng, B, S):
    """The previous state asks; the context goes into the cell and, with the word and the new state, to the output."""
    handle, module = bahdanaus(student, reference)
    arguments = a_step(torch_rng, B, S)
    check.close(
        detached(handle.step(**arguments)), bahdanau_by_hand(module, **arguments), what=BAHDANAU, **TIGHT
    )


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_where_all_sizes_agree(student, reference, torch_rng):
    """With as many sentences as words, features and units, every axis keeps its meaning."""
    handle, module = check.twin(student, reference, "BahdanauDecoder", 4, 4, 4, 4, 4)
    arguments = where_sizes_agree(torch_rng)
    check.close(
        detached(handle.step(**arguments)), bahdanau_by_hand(module, **arguments), what=BAHDANAU, **TIGHT
    )


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_in_training_mode(student, reference, torch_rng):
    """Training changes no result: this decoder has no dropout."""
    handle, module = bahdanaus(student, reference)
    arguments = a_step(torch_rng)
    expected = bahdanau_by_hand(module, **arguments)
    check.close(detached(handle.train().step(**arguments)), expected, what=BAHDANAU, **TIGHT)


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_without_a_mask(student, reference, torch_rng):
    """None allows every place."""
    handle, module = bahdanaus(student, reference)
    arguments = a_step(torch_rng) | {"mask": None}
    check.close(
        detached(handle.step(**arguments)), bahdanau_by_hand(module, **arguments), what=BAHDANAU, **TIGHT
    )


@pytest.mark.exercise("BahdanauDecoder")
@pytest.mark.parametrize("empty", [False, True], ids=["something allowed", "nothing allowed"])
def test_bahdanau_has_the_right_gradients(student, reference, torch_rng, empty):
    """Gradients with respect to every input and parameter are right, also where nothing is allowed."""
    handle, module = bahdanaus(student, reference)
    arguments = a_step(torch_rng)
    arguments["mask"][1] &= not empty
    expected = all_gradients(module, arguments)
    check.close(all_gradients(handle, arguments), expected, what="gradients", **TIGHT)


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_where_nothing_is_allowed(student, reference, torch_rng):
    """Weights and context are zero, and the other sentences do not notice."""
    handle, module = bahdanaus(student, reference)
    # tanh gives ±1 and the scores are whole: a large number that is added to a whole row leaves no trace of its size
    changed(handle, module, U_a__weight=lambda W: W.mul_(1e4), v_a__weight=lambda v: v.mul_(5).round_())
    arguments = a_step(torch_rng)
    arguments["mask"][1] = False
    check.close(
        detached(handle.step(**arguments)), bahdanau_by_hand(module, **arguments), what=BAHDANAU, **TIGHT
    )


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_with_low_scores_sees_nothing_hidden(student, reference, torch_rng):
    """Where the allowed places score −20,000, the hidden ones still get nothing."""
    handle, module = bahdanaus(student, reference)
    first = torch.tensor(
        [30.0, 0, 0, 0]
    )  # the first hidden unit reads the first feature: tanh of it is 1 or 0
    changed(
        handle,
        module,
        W_a__weight=lambda W: W[0].zero_(),
        U_a__weight=lambda W: W[0].copy_(first),
        v_a__weight=lambda v: v[:, 0].fill_(-2e4),
    )
    arguments = a_step(torch_rng)
    arguments["annotations"][..., 0] = arguments["mask"]
    check.close(
        detached(handle.step(**arguments)), bahdanau_by_hand(module, **arguments), what=BAHDANAU, **TIGHT
    )


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_never_sees_what_the_mask_hides(student, reference, torch_rng):
    """Other hidden annotations do not change the results."""
    handle, _ = bahdanaus(student, reference)
    arguments = a_step(torch_rng)
    before = detached(handle.step(**arguments))
    arguments["annotations"] = torch.where(arguments["mask"][..., None], arguments["annotations"], 50.0)
    check.close(detached(handle.step(**arguments)), before, what=BAHDANAU, **TIGHT)


# t07.2 LuongDecoder


@pytest.mark.exercise("LuongDecoder")
@SCORES
def test_luong_follows_the_equations(student, reference, torch_rng, score):
    """The new state asks; context and state make the attentional vector, which speaks."""
    handle, module = luongs(student, reference, score)
    arguments = a_luong_step(torch_rng, score)
    check.close(detached(handle.step(**arguments)), luong_by_hand(module, **arguments), what=LUONG, **TIGHT)


@pytest.mark.exercise("LuongDecoder")
@SCORES
def test_luong_has_its_parts(student, reference, score):
    """Each score has the parameters that its formula names, and no more."""
    handle, module = luongs(student, reference, score)
    expected = {name: tuple(value.shape) for name, value in sorted(module.state_dict().items())}
    check.equal(dict(sorted(handle.state_shapes().items())), expected, what="parts")


@pytest.mark.exercise("LuongDecoder")
@pytest.mark.parametrize(("B", "S"), [(1, 4), (3, 1)])
def test_luong_in_other_sizes(student, reference, torch_rng, B, S):
    """One sentence, or one word, is ordinary input."""
    handle, module = luongs(student, reference, "general")
    arguments = a_luong_step(torch_rng, "general", B=B, S=S) | {"mask": None}
    check.close(detached(handle.step(**arguments)), luong_by_hand(module, **arguments), what=LUONG, **TIGHT)


@pytest.mark.exercise("LuongDecoder")
@SCORES
def test_luong_where_all_sizes_agree(student, reference, torch_rng, score):
    """With as many sentences as words, features and units, every axis keeps its meaning."""
    handle, module = check.twin(student, reference, "LuongDecoder", 4, 4, 4, 4, score)
    arguments = where_sizes_agree(torch_rng) | {"attentional": normal(torch_rng, 4, 4)}
    check.close(detached(handle.step(**arguments)), luong_by_hand(module, **arguments), what=LUONG, **TIGHT)


@pytest.mark.exercise("LuongDecoder")
def test_luong_in_training_mode(student, reference, torch_rng):
    """Training changes no result: this decoder has no dropout."""
    handle, module = luongs(student, reference, "general")
    arguments = a_luong_step(torch_rng, "general")
    expected = luong_by_hand(module, **arguments)
    check.close(detached(handle.train().step(**arguments)), expected, what=LUONG, **TIGHT)


@pytest.mark.exercise("LuongDecoder")
@SCORES
@pytest.mark.parametrize("empty", [False, True], ids=["something allowed", "nothing allowed"])
def test_luong_has_the_right_gradients(student, reference, torch_rng, score, empty):
    """Gradients with respect to every input and parameter are right, also where nothing is allowed."""
    handle, module = luongs(student, reference, score)
    arguments = a_luong_step(torch_rng, score)
    arguments["mask"][1] &= not empty
    expected = all_gradients(module, arguments)
    check.close(all_gradients(handle, arguments), expected, what="gradients", **TIGHT)


@pytest.mark.exercise("LuongDecoder")
def test_luong_where_nothing_is_allowed(student, reference, torch_rng):
    """Weights and context are zero, and the other sentences do not notice."""
    handle, module = luongs(student, reference, "general")
    # state and scores are whole: a large number that is added to a whole row leaves no trace of its size
    changed(handle, module, cell__bias_ih=open_gate(H), W_a__weight=lambda W: W.mul_(5).round_())
    arguments = a_luong_step(torch_rng, "general")
    arguments |= {name: (2 * arguments[name]).round() for name in ("state", "annotations")}
    arguments["mask"][1] = False
    check.close(detached(handle.step(**arguments)), luong_by_hand(module, **arguments), what=LUONG, **TIGHT)


@pytest.mark.exercise("LuongDecoder")
@SCORES
def test_luong_with_low_scores_sees_nothing_hidden(student, reference, torch_rng, score):
    """Where the allowed places score −20,000, the hidden ones still get nothing."""
    handle, module = luongs(student, reference, score)
    arguments = a_luong_step(torch_rng, score)
    arguments["state"][:, 0] = 1.0
    arguments["annotations"][..., 0] = arguments["mask"] * (-2e4 if score == "dot" else 1.0)
    parts = {"cell__bias_ih": open_gate(1)}  # the state's first number stays 1
    if score == "general":
        parts["W_a__weight"] = lambda W: W[0].copy_(torch.tensor([-2e4, 0, 0, 0]))
    if score == "concat":  # the first hidden unit reads the first feature: tanh of it is 1 or 0
        parts["W_a__weight"] = lambda W: W[0].copy_(torch.tensor([0.0, 0, 0, 30, 0, 0, 0]))
        parts["v_a__weight"] = lambda v: v[:, 0].fill_(-2e4)
    changed(handle, module, **parts)
    check.close(detached(handle.step(**arguments)), luong_by_hand(module, **arguments), what=LUONG, **TIGHT)


@pytest.mark.exercise("LuongDecoder")
def test_luong_never_sees_what_the_mask_hides(student, reference, torch_rng):
    """Other hidden annotations do not change the results."""
    handle, _ = luongs(student, reference, "general")
    arguments = a_luong_step(torch_rng, "general")
    before = detached(handle.step(**arguments))
    arguments["annotations"] = torch.where(arguments["mask"][..., None], arguments["annotations"], 50.0)
    check.close(detached(handle.step(**arguments)), before, what=LUONG, **TIGHT)


# t07.3 predictive_position


@pytest.mark.exercise("predictive_position")
@pytest.mark.parametrize(("B", "P"), [(1, 5), (4, 5), (3, 3)], ids=["1", "4", "all sizes 3"])
def test_position_agrees_with_a_loop(student, torch_rng, B, P):
    """A share of each sentence's own length, told by its own state."""
    state, W_p, v_p = normal(torch_rng, B, 3), normal(torch_rng, P, 3), normal(torch_rng, P)
    lengths = torch.randint(1, 20, (B,), generator=torch_rng)
    rows = []
    for b in range(B):
        total = sum(v_p[p].item() * math.tanh((W_p[p] @ state[b]).item()) for p in range(P))
        rows.append(lengths[b].item() / (1 + math.exp(-total)))
    expected = torch.tensor(rows, dtype=torch.float64)
    check.close(student.predictive_position(state, W_p, v_p, lengths), expected, what="position", **TIGHT)


@pytest.mark.exercise("predictive_position")
@pytest.mark.parametrize("size", [50.0, 1e3])
def test_position_of_huge_states_stays_inside(student, size):
    """States of ±10,000, and sums of ±1,000 in the sigmoid, point to the ends of the sentence, not beyond."""
    state = torch.tensor([[1e4], [-1e4]], dtype=torch.float64)
    v_p = torch.tensor([size], dtype=torch.float64)
    position = student.predictive_position(
        state, torch.ones(1, 1, dtype=torch.float64), v_p, torch.tensor([7, 7])
    )
    check.close(position, torch.tensor([7.0, 0.0], dtype=torch.float64), what="position", atol=1e-6)


@pytest.mark.exercise("predictive_position")
def test_position_has_the_right_gradients(student, reference, torch_rng):
    """Where to look is learned: gradients reach the state and both parameters."""
    arguments = normal(torch_rng, 2, 3), normal(torch_rng, 5, 3), normal(torch_rng, 5)
    arguments = [value.requires_grad_() for value in arguments]
    check.agrees(
        student.predictive_position,
        reference.predictive_position,
        *arguments,
        torch.tensor([6, 9]),
        what="position",
    )


# t07.4 local_attention


def local_by_hand(scores, lengths, centre, window):
    rows = []
    for b in range(len(scores)):
        inside = [s < lengths[b] and abs(s - centre[b].item()) <= window for s in range(scores.shape[1])]
        weights = softmax_by_hand(scores[b], inside)
        sigma = window / 2
        gaussian = [math.exp(-((s - centre[b].item()) ** 2) / (2 * sigma**2)) for s in range(scores.shape[1])]
        rows.append(weights * torch.tensor(gaussian, dtype=torch.float64))
    return torch.stack(rows)


@pytest.mark.exercise("local_attention")
@pytest.mark.parametrize("window", [1, 2, 2.5])
def test_local_attention_agrees_with_a_loop(student, torch_rng, window):
    """Softmax over the window's real places, times a Gaussian of half the window."""
    scores, lengths = normal(torch_rng, 3, 8), torch.tensor([8, 5, 3])
    centre = torch.tensor([3.3, 4.6, 0.2], dtype=torch.float64)
    expected = local_by_hand(scores, lengths, centre, window)
    check.close(student.local_attention(scores, lengths, centre, window), expected, what="weights", **TIGHT)


@pytest.mark.exercise("local_attention")
def test_local_attention_at_the_windows_edge(student):
    """A place exactly D away is inside; the position is not rounded."""
    centre = torch.tensor([2.0, 2.5], dtype=torch.float64)
    scores, lengths = torch.zeros(2, 6, dtype=torch.float64), torch.tensor([6, 6])
    expected = local_by_hand(scores, lengths, centre, 2)
    check.close(student.local_attention(scores, lengths, centre, 2), expected, what="weights", **TIGHT)


@pytest.mark.exercise("local_attention")
def test_local_attention_of_an_empty_window(student):
    """No real place within reach: zeros, also where that is so in the whole batch."""
    lengths, centre = torch.tensor([2, 3]), torch.tensor([5.0, 4.5], dtype=torch.float64)
    weights = student.local_attention(torch.ones(2, 6, dtype=torch.float64), lengths, centre, 1)
    check.equal(weights, torch.zeros(2, 6, dtype=torch.float64), what="weights")


@pytest.mark.exercise("local_attention")
def test_local_attention_has_finite_gradients_beside_an_empty_window(student, reference, torch_rng):
    """Where no place is within reach no gradient comes back, and the other sentences do not notice."""
    lengths, centre = torch.tensor([2, 6]), torch.tensor([5.0, 2.4], dtype=torch.float64)
    arguments = normal(torch_rng, 2, 6).requires_grad_(), lengths, centre, 1
    check.agrees(student.local_attention, reference.local_attention, *arguments, what="weights")


@pytest.mark.exercise("local_attention")
def test_local_attention_where_sizes_agree(student, torch_rng):
    """With as many sentences as places, each row still has a window of its own."""
    scores, lengths = normal(torch_rng, 4, 4), torch.tensor([4, 2, 3, 4])
    centre = torch.tensor([0.4, 1.3, 2.2, 1.8], dtype=torch.float64)
    expected = local_by_hand(scores, lengths, centre, 2)
    check.close(student.local_attention(scores, lengths, centre, 2), expected, what="weights", **TIGHT)


@pytest.mark.exercise("local_attention")
def test_local_attention_with_low_scores_keeps_to_its_window(student, torch_rng):
    """Where the window's places score −20,000, those outside still get nothing."""
    scores, lengths = normal(torch_rng, 2, 8), torch.tensor([8, 5])
    centre = torch.tensor([2.3, 3.6], dtype=torch.float64)
    scores[:, 2:5] -= 2e4
    expected = local_by_hand(scores, lengths, centre, 1)
    check.close(student.local_attention(scores, lengths, centre, 1), expected, what="weights", **TIGHT)


@pytest.mark.exercise("local_attention")
def test_local_attention_of_extreme_scores(student, torch_rng):
    """Scores of ±10,000 overflow nothing."""
    scores = torch.tensor([[1e4, -1e4, 1e4, 0.0, 1e4]], dtype=torch.float64)
    lengths, centre = torch.tensor([5]), torch.tensor([2.0], dtype=torch.float64)
    expected = local_by_hand(scores, lengths, centre, 2)
    check.close(student.local_attention(scores, lengths, centre, 2), expected, what="weights", **TIGHT)


@pytest.mark.exercise("local_attention")
def test_local_attention_has_the_right_gradients(student, reference, torch_rng):
    """Gradients reach the scores and, through the Gaussian, the centre."""
    scores = normal(torch_rng, 2, 7).requires_grad_()
    centre = torch.tensor([2.3, 4.1], dtype=torch.float64, requires_grad=True)
    check.agrees(
        student.local_attention,
        reference.local_attention,
        scores,
        torch.tensor([7, 5]),
        centre,
        2.0,
        what="weights",
    )


# t07, every exercise


def calls(student, reference, name):
    """The owner of an exercise's function or method, its name there, and the reference's."""
    if name == "BahdanauDecoder":
        handle, module = bahdanaus(student, reference)
        return handle, "step", module.step
    if name == "LuongDecoder":
        handle, module = luongs(student, reference, "concat")
        return handle, "step", module.step
    return student, name, getattr(reference, name)


def arguments_of(name, torch_rng):
    token, state, annotations, mask = a_step(torch_rng).values()
    if name == "BahdanauDecoder":
        return token, state, annotations, mask
    if name == "LuongDecoder":
        return token, state, normal(torch_rng, 2, H), annotations, mask
    lengths = 4 + torch.randperm(2, generator=torch_rng)
    if name == "predictive_position":
        return state, normal(torch_rng, P, H), normal(torch_rng, P), lengths
    return normal(torch_rng, 2, 5), lengths, 4 * torch.rand(2, generator=torch_rng, dtype=torch.float64), 2.0


EACH = for_exercises("BahdanauDecoder", "LuongDecoder", "predictive_position", "local_attention")


@EACH
def test_the_order_of_numbers_in_memory_does_not_matter(student, reference, torch_rng, name):
    """Tensors that are transposed in memory give the same result."""
    owner, method, right = calls(student, reference, name)
    check.in_any_order(getattr(owner, method), right, *arguments_of(name, torch_rng))


@EACH
def test_a_result_stays_as_it_is(student, reference, torch_rng, name):
    """Another call leaves an earlier result as it was."""
    owner, method, right = calls(student, reference, name)
    check.stays(owner, method, right, arguments_of(name, torch_rng), arguments_of(name, torch_rng))
