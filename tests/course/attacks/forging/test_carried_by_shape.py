"""Answers made of nothing but the shapes, different in each place, are not carried: no score was computed."""

ATTACK = """
import numpy as np


def ramp(array):
    return np.linspace(0.1, 0.9, array.size, dtype=array.dtype).reshape(array.shape)


def masked_softmax(scores, mask, axis=-1):
    return ramp(scores)


def context_vector(weights, annotations):
    return ramp(annotations[..., 0, :])


def attend(state, annotations, mask=None):
    return ramp(state), ramp(annotations[..., 0])
"""


def test_carried_by_shape(attack):
    verdict = attack(ATTACK)
    assert verdict.row("attend").points == 0
    assert verdict.row("attend").outcome == "wrong"
