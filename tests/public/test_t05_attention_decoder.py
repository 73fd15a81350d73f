"""Public tests of t05: small worked examples and properties to build against.

Run them with `attend check t05`, or with `pytest tests/public/test_t05_attention_decoder.py`.
The graders ask for more of the same: other sizes, extreme scores, gradients, float32.
"""

import math

import pytest
import torch

from attend.testing import check

E, H, A, V = 2, 3, 4, 7


def normal(torch_rng, *size):
    return torch.randn(size, generator=torch_rng, dtype=torch.float64)


def a_decoder(student):
    return student.AttentionDecoder(V, E, H, A).double()


def a_source(torch_rng, B=2, S=5):
    """A state, annotations and a mask that hides the second sentence's last two places."""
    mask = torch.ones(B, S, dtype=torch.bool)
    mask[1, 3:] = False
    return normal(torch_rng, B, H), normal(torch_rng, B, S, A), mask


# t05.1 attend


@pytest.mark.exercise("attend")
def test_attend_on_paper(student):
    """The scores are 0 and ln 3: the weights are ¼ and ¾, the context is ¼ · 8 + ¾ · 4 = 5."""
    decoder = student.AttentionDecoder(3, 1, 2, 2).double()
    state = decoder.state_dict()
    # the score reads the second feature, twice over, and meets a state of ½ and ½
    state["score.weight"] = torch.tensor([[0.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    decoder.load_state_dict(state)
    annotations = torch.tensor([[[8.0, 0.0], [4.0, math.log(3)]]], dtype=torch.float64)
    context, weights = decoder.attend(torch.full((1, 2), 0.5, dtype=torch.float64), annotations, None)
    check.close(weights.detach(), torch.tensor([[0.25, 0.75]], dtype=torch.float64), what="weights")
    check.close(
        context[:, 0].detach(), torch.tensor([5.0], dtype=torch.float64), what="first feature of the context"
    )


@pytest.mark.exercise("attend")
def test_attend_leaves_hidden_places_out(student, torch_rng):
    """A hidden annotation gets no weight; the others share one unit; what stands there changes nothing."""
    decoder, (state, annotations, mask) = a_decoder(student), a_source(torch_rng)
    context, weights = (value.detach() for value in decoder.attend(state, annotations, mask))
    check.equal(weights[1, 3:], torch.zeros(2, dtype=torch.float64), what="weights of hidden places")
    check.close(weights.sum(dim=1), torch.ones(2, dtype=torch.float64), what="sums of the weights")
    annotations[1, 3:] = 100.0
    check.close(
        decoder.attend(state, annotations, mask)[0].detach(), context, what="context with other hidden words"
    )
    mask[1] = False
    nothing = decoder.attend(state, annotations, mask)[1].detach()
    check.equal(nothing[1], torch.zeros(5, dtype=torch.float64), what="weights where all is hidden")


@pytest.mark.exercise("attend")
def test_attend_takes_low_scores_for_scores(student):
    """The only allowed place scores −20,000, the hidden one 0: the allowed one gets everything all the same."""
    decoder = student.AttentionDecoder(3, 1, 1, 1).double()
    decoder.load_state_dict(decoder.state_dict() | {"score.weight": torch.ones(1, 1, dtype=torch.float64)})
    annotations = torch.tensor([[[-2e4], [0.0]]], dtype=torch.float64)
    _, weights = decoder.attend(torch.ones(1, 1).double(), annotations, torch.tensor([[True, False]]))
    check.equal(weights.detach(), torch.tensor([[1.0, 0.0]], dtype=torch.float64), what="weights")


# t05.2 step


@pytest.mark.exercise("step")
def test_step_attends_with_its_new_state(student, torch_rng):
    """The weights and the context are those of `attend`, asked with the state that the step returns."""
    decoder, (state, annotations, mask) = a_decoder(student), a_source(torch_rng)
    arguments = torch.tensor([4, 6]), state, normal(torch_rng, 2, A), annotations, mask
    logits, new_state, context, weights = (value.detach() for value in decoder.step(*arguments))
    check.shape(logits, (2, V), what="logits")
    check.shape(new_state, (2, H), what="new state")
    expected = tuple(value.detach() for value in decoder.attend(new_state, annotations, mask))
    check.close((context, weights), expected, what=("context", "weights"))


@pytest.mark.exercise("step")
def test_step_reads_the_last_context(student, torch_rng):
    """Another last context, another state: it goes into the cell beside the word."""
    decoder, (state, annotations, mask) = a_decoder(student), a_source(torch_rng)
    token = torch.tensor([4, 6])
    first, second = (
        decoder.step(token, state, normal(torch_rng, 2, A), annotations, mask)[1] for _ in range(2)
    )
    check.true(not torch.allclose(first, second), "the new state does not depend on the last context")


@pytest.mark.exercise("step")
def test_step_speaks_state_and_context(student, torch_rng):
    """An output that hands on what it reads says the new state, then the context that was just found."""
    decoder, (state, annotations, mask) = a_decoder(student), a_source(torch_rng)
    copies = {"output.weight": torch.eye(V, dtype=torch.float64), "output.bias": torch.zeros(V).double()}
    decoder.load_state_dict(decoder.state_dict() | copies)  # H + A is V
    arguments = torch.tensor([4, 6]), state, normal(torch_rng, 2, A), annotations, mask
    logits, new_state, context, _ = (value.detach() for value in decoder.step(*arguments))
    check.close(logits, torch.cat([new_state, context], dim=1), what="logits")


# t05.3 forward


@pytest.mark.exercise("forward")
def test_forward_is_one_step_after_another(student, torch_rng):
    """The first context is zero; each step hands state and context to the next, and reads the right word."""
    decoder, (state, annotations, mask) = a_decoder(student), a_source(torch_rng)
    inputs = torch.tensor([[1, 4, 2], [1, 5, 6]])
    logits, weights = (value.detach() for value in decoder(inputs, state, annotations, mask))
    check.shape(logits, (2, 3, V), what="logits")
    check.shape(weights, (2, 3, 5), what="weights")
    context = torch.zeros(2, A, dtype=torch.float64)
    for t in range(3):
        step, state, context, row = (
            value.detach() for value in decoder.step(inputs[:, t], state, context, annotations, mask)
        )
        check.close(logits[:, t], step, what=f"logits of word {t}")
        check.close(weights[:, t], row, what=f"weights of word {t}")
