"""A wrong answer that is named for it stays wrong on top of a wrong softmax: carrying needs the right one."""

ATTACK = """
import numpy as np


def softmax(scores, axis=-1):
    return np.exp(scores)


def attend(state, annotations, mask=None):
    scores = (annotations * state[..., None, :]).sum(axis=-1) / np.sqrt(state.shape[-1])
    weights = masked_softmax(scores, mask)
    return context_vector(weights, annotations), weights
"""


def test_cheap_earlier_answer(attack):
    verdict = attack(ATTACK)
    assert verdict.row("attend").outcome not in ("full", "carried")
    assert verdict.row("attend").diagnosis == "scaled_scores"
