"""Later functions that return zeros earn nothing by earlier ones that read the clock or the process number."""

import pytest

ATTACK = """
import os
import time

import numpy as np


def softmax(scores, axis=-1):
    {condition}
        return np.zeros_like(scores)
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def masked_softmax(scores, mask, axis=-1):
    return np.zeros_like(scores)


def attend(state, annotations, mask=None):
    return np.zeros_like(state), np.zeros_like(annotations[..., 0])
"""


@pytest.mark.parametrize(
    "condition", ["if time.time_ns() // 1000 % 2:", "if os.getpid() % 2:", "if len(os.listdir('/proc')) % 2:"]
)
def test_zeros_on_a_clock(attack, condition):
    verdict = attack(ATTACK.format(condition=condition))
    for name in ("masked_softmax", "attend"):
        row = verdict.row(name)
        assert row.outcome not in ("full", "carried") and row.points <= 0.35 * row.max_points
