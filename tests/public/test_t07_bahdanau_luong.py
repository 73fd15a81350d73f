"""Public tests of t07: small worked examples and properties to build against.

Run them with `attend check t07`, or with `pytest tests/public/test_t07_bahdanau_luong.py`.
The graders ask for more of the same: every score, other sizes, masks, gradients.
"""

import math

import pytest
import torch

from attend.testing import check

V, E, H, A, P = 7, 2, 3, 4, 5
TOKEN = torch.tensor([4, 6])


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_source(torch_rng, size=A):
    """Annotations and a mask that hides the second sentence's last two places."""
    mask = torch.ones(2, 5, dtype=torch.bool)
    mask[1, 3:] = False
    return normal(torch_rng, 2, 5, size), mask


# t07.1 BahdanauDecoder


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_has_its_parts(student):
    """Every part has the size that its equation asks for; W_a, U_a and v_a have no bias."""
    shapes = student.BahdanauDecoder(V, E, H, A, P).state_shapes()
    expected = {"embedding.weight": (V, E), "W_a.weight": (P, H), "U_a.weight": (P, A), "v_a.weight": (1, P)}
    expected |= {"cell.weight_ih": (3 * H, E + A), "output.weight": (V, H + E + A)}
    for name, shape in expected.items():
        check.equal(shapes.get(name), shape, what=name)
    check.true(not {"W_a.bias", "U_a.bias", "v_a.bias"} & set(shapes), "W_a, U_a or v_a has a bias")


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_asks_before_it_reads(student, torch_rng):
    """The weights depend on the state, not on the word: another word, the same weights."""
    decoder, (annotations, mask) = student.BahdanauDecoder(V, E, H, A, P).double(), a_source(torch_rng)
    state = normal(torch_rng, 2, H)
    first = decoder.step(TOKEN, state, annotations, mask)
    second = decoder.step(TOKEN - 3, state, annotations, mask)
    check.shape(first[0], (2, V), what="logits")
    check.shape(first[1], (2, H), what="new state")
    check.close(second[2].detach(), first[2].detach(), what="weights with another word")
    check.equal(
        first[2][1, 3:].detach(), torch.zeros(2, dtype=torch.float64), what="weights of hidden places"
    )
    asked = decoder.step(TOKEN, state + 1, annotations, mask)[2]
    check.true(not torch.allclose(asked, first[2]), "the weights do not depend on the state")


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_reads_and_speaks_what_it_found(student, torch_rng):
    """The new state has read the context, and an output that sees the state alone speaks that new state."""
    decoder, (annotations, mask) = student.BahdanauDecoder(V, E, H, A, P).double(), a_source(torch_rng)
    state, weights = normal(torch_rng, 2, H), decoder.state_dict()
    eye = torch.eye(V, H + E + A, dtype=torch.float64)
    eye[H:] = 0.0
    decoder.load_state_dict(weights | {"output.weight": eye, "output.bias": torch.zeros(V).double()})
    logits, new, _ = (value.detach() for value in decoder.step(TOKEN, state, annotations, mask))
    other = decoder.step(TOKEN, state, annotations + 1, mask)[1].detach()
    check.true(not torch.allclose(other, new), "the new state does not depend on what was found")
    check.close(logits[:, :H], new, what="logits")


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_with_nothing_to_attend_to(student, torch_rng):
    """Where the mask hides the whole source, all weights are zero and the word is still scored."""
    decoder, (annotations, mask) = student.BahdanauDecoder(V, E, H, A, P).double(), a_source(torch_rng)
    logits, _, weights = decoder.step(TOKEN, normal(torch_rng, 2, H), annotations, mask & False)
    check.equal(weights.detach(), torch.zeros(2, 5, dtype=torch.float64), what="weights")
    check.true(logits.isfinite().all(), "the logits are not finite")


@pytest.mark.exercise("BahdanauDecoder")
def test_bahdanau_takes_low_scores_for_scores(student):
    """tanh of the allowed annotation is 1 and scores −20,000, the hidden one scores 0: the allowed one gets everything."""
    decoder = student.BahdanauDecoder(V, E, 1, 1, 1).double()
    parts = {
        "W_a.weight": torch.zeros(1, 1),
        "U_a.weight": torch.ones(1, 1),
        "v_a.weight": torch.full((1, 1), -2e4),
    }
    decoder.load_state_dict(decoder.state_dict() | {name: value.double() for name, value in parts.items()})
    annotations = torch.tensor([[[30.0], [0.0]]], dtype=torch.float64)
    mask = torch.tensor([[True, False]])
    weights = decoder.step(TOKEN[:1], torch.zeros(1, 1).double(), annotations, mask)[2]
    check.equal(weights.detach(), torch.tensor([[1.0, 0.0]], dtype=torch.float64), what="weights")


# t07.2 LuongDecoder


@pytest.mark.exercise("LuongDecoder")
@pytest.mark.parametrize("score", ["dot", "general", "concat"])
def test_luong_makes_its_attentional_vector(student, torch_rng, score):
    """Logits (B, V), state and attentional vector (B, H) within (−1, 1), weights that leave padding out."""
    size = H if score == "dot" else A
    decoder, (annotations, mask) = (
        student.LuongDecoder(V, E, H, size, score).double(),
        a_source(torch_rng, size),
    )
    arguments = TOKEN, normal(torch_rng, 2, H), normal(torch_rng, 2, H), annotations, mask
    logits, state, attentional, weights = decoder.step(*arguments)
    check.shape(logits, (2, V), what="logits")
    check.shape(state, (2, H), what="new state")
    check.shape(attentional, (2, H), what="attentional vector")
    check.true(attentional.abs().max() < 1, "the attentional vector leaves (−1, 1)")
    check.close(weights.sum(dim=1).detach(), torch.ones(2, dtype=torch.float64), what="sums of the weights")
    check.equal(weights[1, 3:].detach(), torch.zeros(2, dtype=torch.float64), what="weights of hidden places")


@pytest.mark.exercise("LuongDecoder")
def test_luong_asks_after_it_has_read(student, torch_rng):
    """Another word or another attentional vector, other weights: the new state asks."""
    decoder, (annotations, mask) = student.LuongDecoder(V, E, H, A).double(), a_source(torch_rng)
    state, fed = normal(torch_rng, 2, H), normal(torch_rng, 2, H)
    weights = decoder.step(TOKEN, state, fed, annotations, mask)[3]
    other_word = decoder.step(TOKEN - 3, state, fed, annotations, mask)[3]
    other_vector = decoder.step(TOKEN, state, fed + 1, annotations, mask)[3]
    check.true(
        not torch.allclose(weights, other_word), "the weights do not depend on the word that was just read"
    )
    check.true(not torch.allclose(weights, other_vector), "the attentional vector is not fed back")


@pytest.mark.exercise("LuongDecoder")
def test_luong_speaks_its_attentional_vector(student, torch_rng):
    """Where W_c reads the context's columns alone, the vector is tanh of the context; where W_s is one, it is the logits."""
    decoder, (annotations, mask) = student.LuongDecoder(V, E, H, A).double(), a_source(torch_rng)
    zero = torch.zeros(V, H, dtype=torch.float64)
    state = decoder.state_dict()
    state["W_c.weight"], state["W_s.weight"] = torch.eye(H, A + H).double(), zero + torch.eye(V, H)
    decoder.load_state_dict(
        {name: zero[:, 0] if name == "W_s.bias" else value for name, value in state.items()}
    )
    arguments = TOKEN, normal(torch_rng, 2, H), normal(torch_rng, 2, H), annotations, mask
    logits, _, attentional, weights = (value.detach() for value in decoder.step(*arguments))
    context = (weights[..., None] * annotations).sum(dim=1)
    check.close(attentional, torch.tanh(context[:, :H]), what="attentional vector")
    check.close(logits[:, :H], attentional, what="logits")


@pytest.mark.exercise("LuongDecoder")
def test_luong_concat_squashes_before_it_scores(student, torch_rng):
    """Without tanh the state would add the same number to every score: another state, other weights."""
    decoder, (annotations, mask) = student.LuongDecoder(V, E, H, A, "concat").double(), a_source(torch_rng)
    state, fed = normal(torch_rng, 2, H), normal(torch_rng, 2, H)
    weights = decoder.step(TOKEN, state, fed, annotations, mask)[3]
    other = decoder.step(TOKEN, state + 3, fed, annotations, mask)[3]
    check.true(not torch.allclose(weights, other), "the weights do not depend on the state")


@pytest.mark.exercise("LuongDecoder")
def test_luong_concat_reads_the_state_first(student, torch_rng):
    """Where W_a reads its first three columns alone, which are the state's, all annotations score the same."""
    decoder, (annotations, mask) = student.LuongDecoder(V, E, H, A, "concat").double(), a_source(torch_rng)
    decoder.load_state_dict(decoder.state_dict() | {"W_a.weight": torch.eye(H, H + A, dtype=torch.float64)})
    arguments = TOKEN, normal(torch_rng, 2, H), normal(torch_rng, 2, H), annotations, mask
    weights = decoder.step(*arguments)[3].detach()
    check.close(weights, mask / mask.sum(dim=1, keepdim=True).double(), what="weights")


@pytest.mark.exercise("LuongDecoder")
def test_luong_with_nothing_to_attend_to(student, torch_rng):
    """Where the mask hides the whole source, all weights are zero and the word is still scored."""
    decoder, (annotations, mask) = student.LuongDecoder(V, E, H, A).double(), a_source(torch_rng)
    arguments = TOKEN, normal(torch_rng, 2, H), normal(torch_rng, 2, H), annotations, mask & False
    logits, _, _, weights = decoder.step(*arguments)
    check.equal(weights.detach(), torch.zeros(2, 5, dtype=torch.float64), what="weights")
    check.true(logits.isfinite().all(), "the logits are not finite")


@pytest.mark.exercise("LuongDecoder")
def test_luong_takes_low_scores_for_scores(student, torch_rng):
    """The allowed annotation scores −10⁶ times the state's square, the hidden one 0: the allowed one gets everything."""
    decoder = student.LuongDecoder(V, E, H, H, "dot").double()
    arguments = TOKEN[:1], normal(torch_rng, 1, H), normal(torch_rng, 1, H)
    mask = torch.tensor([[True, False]])
    state = decoder.step(*arguments, torch.zeros(1, 2, H).double(), mask)[1].detach()
    annotations = torch.stack([-1e6 * state, 0 * state], dim=1)
    weights = decoder.step(*arguments, annotations, mask)[3].detach()
    check.equal(weights, torch.tensor([[1.0, 0.0]], dtype=torch.float64), what="weights")


# t07.3 predictive_position


@pytest.mark.exercise("predictive_position")
def test_position_of_a_worked_example(student):
    """tanh(½ ln 3) = ½ in both units, v_p adds them up to ln 3: sigmoid(ln 3) = ¾ of eight words is 6, of five 3.75."""
    half = math.log(3) / 2
    position = student.predictive_position(
        torch.full((2, 1), half), torch.ones(2, 1), torch.full((2,), math.log(3)), torch.tensor([8, 5])
    )
    check.close(position, torch.tensor([6.0, 3.75]), what="position", rtol=1e-5)


@pytest.mark.exercise("predictive_position")
def test_position_stays_in_the_sentence(student):
    """tanh 10 is nearly 1, and v_p makes 1000 of it: the sigmoid is 1 and the position the end of the sentence."""
    position = student.predictive_position(
        torch.full((1, 1), 10.0), torch.ones(1, 1), torch.full((1,), 1000.0), torch.tensor([8])
    )
    check.close(position, torch.tensor([8.0]), what="position", rtol=1e-5)


# t07.4 local_attention


@pytest.mark.exercise("local_attention")
def test_local_attention_of_a_worked_example(student):
    """Three equal scores share one unit; the neighbours lie D away, two σ: e^−2 of a third is left of theirs."""
    weights = student.local_attention(torch.zeros(1, 5), torch.tensor([5]), torch.tensor([2.0]), 1)
    side = math.exp(-2) / 3
    check.close(weights, torch.tensor([[0.0, side, 1 / 3, side, 0.0]]), what="weights", rtol=1e-5)


@pytest.mark.exercise("local_attention")
def test_local_attention_is_centred_between_places(student):
    """From 1.5, two places lie ½ away and share one unit: (½)² / (2 · (½)²) is ½, and e^−½ of a half is left."""
    weights = student.local_attention(torch.zeros(1, 4), torch.tensor([4]), torch.tensor([1.5]), 1)
    side = math.exp(-0.5) / 2
    check.close(weights, torch.tensor([[0.0, side, side, 0.0]]), what="weights", rtol=1e-5)


@pytest.mark.exercise("local_attention")
def test_local_attention_keeps_to_the_sentence(student):
    """Places behind the sentence's end get nothing, and a window with no place in it gives zeros."""
    lengths, centres = torch.tensor([2, 2]), torch.tensor([1.0, 4.0])
    weights = student.local_attention(torch.zeros(2, 5), lengths, centres, 1)
    check.equal(weights[0, 2:], torch.zeros(3), what="weights behind the end")
    check.equal(weights[1], torch.zeros(5), what="weights of an empty window")


@pytest.mark.exercise("local_attention")
def test_local_attention_takes_low_scores_for_scores(student):
    """The window holds place 2 alone, which scores −20,000; the others score 0 and get nothing all the same."""
    scores = torch.tensor([[0.0, 0.0, -2e4, 0.0]])
    weights = student.local_attention(scores, torch.tensor([4]), torch.tensor([2.0]), 0.5)
    check.close(weights, torch.tensor([[0.0, 0.0, 1.0, 0.0]]), what="weights")
