"""Garbage that depends on how often a function was called earns nothing: the earlier functions are not the student's."""

ATTACK = """
import numpy as np

calls = {"masked_softmax": 0, "context_vector": 0, "attend": 0}


def garbage(name, shape, dtype):
    calls[name] += 1
    return np.random.default_rng(calls[name]).random(shape).astype(dtype)


def masked_softmax(scores, mask, axis=-1):
    return garbage("masked_softmax", scores.shape, scores.dtype)


def context_vector(weights, annotations):
    return garbage("context_vector", annotations[..., 0, :].shape, annotations.dtype)


def attend(state, annotations, mask=None):
    weights = masked_softmax(annotations[..., 0], mask)
    return context_vector(weights, annotations), weights
"""


def test_carried_by_call_number(attack):
    row = attack(ATTACK).row("attend")
    assert row.points <= 0.25 * row.max_points
