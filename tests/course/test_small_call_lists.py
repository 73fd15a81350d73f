"""Small calls whose arguments are lists or tuples of arrays, and the steps that help `beam_search`."""

import numpy as np
import pytest
import torch

from attend.student import Student
from attend.student.helpers import TableStep, TinyAttendingStep, TinyStep
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing.small_calls import SmallCalls
from attend.testing.small_language import SmallCallError, numbers_in
from attend.testing.small_signatures import signatures

SOURCE = """
from typing import Any

import numpy as np
from jaxtyping import Float

Tensor = np.ndarray
Weights = tuple[Float[np.ndarray, "H"], Float[np.ndarray, "H"]]
State = tuple[Tensor, Tensor]

def kinds(arrays: list[Float[np.ndarray, "S"]], pair: Weights, words: list[str]) -> list[str]:
    parts = [*arrays, *pair]
    return [type(arrays).__name__, type(pair).__name__, *[f"{p.dtype}{p.shape}" for p in parts], *words]

def shapes(states: list[State], any_state: Any) -> list[list[int]]:
    return [[len(state), *[part.sum() for part in state]] for state in [*states, (any_state,)]]
"""


def run(text):
    student = Student(LocalBackend(load_module(SOURCE, "lists", "<lists>"), fresh_settings=False))
    return SmallCalls(signatures(SOURCE), "numpy").run(text, student)


def test_a_list_of_arrays_stays_a_list_and_an_alias_is_resolved():
    """Arrays of different sizes in a list, in a tuple whose annotation is an alias, and a list of texts."""
    text = "kinds([[1], float32([2, 3])], ([4], []), ['a'])"
    arrays = ["float64(1,)", "float32(2,)", "float64(1,)", "float64(0,)"]
    assert run(text) == ["list", "tuple", *arrays, "a"]
    assert numbers_in(text) == 5


def test_a_list_of_tuples_and_a_place_of_any_kind():
    """The alias inside `list[…]` is resolved, a `Tensor` holds floats, and `zeros` is an array where any kind may be."""
    assert run("shapes([([1], ones(2)), (zeros(1), [3])], ones(3))") == [[2, 1, 2], [2, 0, 3], [1, 3]]
    assert numbers_in("shapes([(zeros(1, 1), [[3]])], ones(3))") == 1


def test_a_list_of_what_is_no_array_is_refused():
    """A text in the place of an array is no small call."""
    with pytest.raises(SmallCallError):
        run("kinds([['a']], ([1], [2]), [])")


def test_the_step_gives_log_probabilities_and_the_word_before():
    """Each row's probabilities add up to one, and no two sentences of three words are equally likely."""
    step, found = TinyStep(3), {}
    log_probs, state = step(torch.tensor([0, 2]), torch.tensor([0.0, 1.0]))
    assert torch.allclose(log_probs.exp().sum(dim=-1), torch.ones(2, dtype=torch.float64))
    assert state.tolist() == [0, 2]
    for words in np.ndindex(3, 3, 3):
        before, total = (0, 0), 0.0
        for word in words:
            row, _ = step(torch.tensor([before[1]]), torch.tensor([before[0]]))
            before, total = (before[1], word), total + row[0, word].item()
        found[words] = total
    totals = sorted(found.values())
    assert min(np.diff(totals)) > 1e-3


def test_the_attending_step_adds_weights_to_the_step():
    """Log-probabilities and state are the step's; each row of weights adds up to one, and all rows differ."""
    words, before = torch.tensor([0, 0, 1, 2]), torch.tensor([0, 1, 1, 0])
    log_probs, state, weights = TinyAttendingStep(3, 2, 2.5)(words, before)
    expected, expected_state = TinyStep(3, 2.5)(words, before)
    assert torch.equal(log_probs, expected) and torch.equal(state, expected_state)
    assert torch.allclose(weights.sum(dim=-1), torch.ones(4, dtype=torch.float64))
    assert min(np.diff(sorted(weights[:, 0].tolist()))) > 1e-3


@pytest.mark.parametrize("flat", [False, True])
def test_a_step_looks_up_the_last_two_words(flat):
    """Only the state knows the word before the last; a table of two axes asks for the last word alone."""
    generator = torch.Generator().manual_seed(0)
    table, looks = torch.randn(4, 4, 4, generator=generator), torch.randn(4, 3, generator=generator)
    step, state = TableStep(table, looks, flat), TableStep.start(flat)
    log_probs, state, weights = step(torch.tensor([2]), state)
    assert torch.equal(log_probs[0], table[0, 2].to(log_probs.dtype)) and torch.equal(weights[0], looks[2])
    log_probs, state, _ = step(torch.tensor([3]), state)
    assert torch.equal(log_probs[0], table[2, 3].to(log_probs.dtype))
    log_probs, _ = TableStep(table[0], flat=flat)(torch.tensor([1]), state)
    assert torch.equal(log_probs[0], table[0, 1].to(log_probs.dtype))


def test_a_nested_state_must_be_that_of_the_words():
    """Two words and the state of one: a beam that forgets to choose its states is told so."""
    (before, (count,)) = TableStep.start()
    with pytest.raises(RuntimeError):
        TableStep(torch.zeros(3, 3))(torch.tensor([0, 1, 2]), (before, (count.repeat(2),)))
