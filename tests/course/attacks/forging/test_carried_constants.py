"""Earlier functions that are constants do not carry a constant built on them: it shows nothing."""

ATTACK = """
import numpy as np


def softmax(scores, axis=-1):
    return np.zeros_like(scores)


def masked_softmax(scores, mask, axis=-1):
    return np.zeros_like(scores)


def context_vector(weights, annotations):
    return np.zeros_like(annotations[..., 0, :])


def attend(state, annotations, mask=None):
    return np.zeros_like(state), np.zeros_like(annotations[..., 0])
"""


def test_carried_constants(attack):
    verdict = attack(ATTACK)
    names = ("softmax", "masked_softmax", "context_vector", "attend")
    assert all(verdict.row(name).outcome != "carried" for name in names)
    assert all(verdict.row(name).points <= 0.25 * verdict.row(name).max_points for name in names)
