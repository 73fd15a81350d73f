"""Garbage drawn from the test's own seeded generator is not carried."""

ATTACK = """
import numpy as np


def masked_softmax(scores, mask, axis=-1):
    return np.random.random(scores.shape).astype(scores.dtype)


def context_vector(weights, annotations):
    return np.random.random(annotations[..., 0, :].shape).astype(annotations.dtype)


def attend(state, annotations, mask=None):
    weights = masked_softmax(annotations[..., 0], mask)
    return context_vector(weights, annotations), weights
"""


def test_carried_by_the_seed(attack):
    row = attack(ATTACK).row("attend")
    assert row.points <= 0.25 * row.max_points
