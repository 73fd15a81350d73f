"""NaN from below and NaN above agree, and show nothing."""

ATTACK = """
import numpy as np


def masked_softmax(scores, mask, axis=-1):
    return np.full_like(scores, np.nan)


def context_vector(weights, annotations):
    return np.full_like(annotations[..., 0, :], np.nan)


def attend(state, annotations, mask=None):
    return np.full_like(state, np.nan), np.full_like(annotations[..., 0], np.nan)
"""


def test_carried_nan(attack):
    assert attack(ATTACK).row("attend").points == 0
