"""Questions to the reference, endless, huge or senseless, cost the exercise that asks them and nobody else."""

import pytest

ATTACK = """
import numpy as np


def softmax(scores, axis=-1):
    return np.zeros_like(scores)


def masked_softmax(scores, mask, axis=-1):
    {body}
    return np.zeros_like(scores)
"""
BODIES = {
    "endless questions": "while True: softmax(scores)",
    "large arrays": "for _ in range(100): softmax(np.ones((2000, 2000)))",
    "one array too large": "softmax(np.ones((4000, 4000)))",
    "an axis that is not there": "softmax(scores, axis=10**9)",
    "no array": "softmax('x' * 100_000)",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_reference_kept_busy(attack, body):
    verdict = attack(ATTACK.format(body=body), call_seconds=1, exercise_seconds=4)
    row = verdict.row("masked_softmax")
    assert row.outcome not in ("full", "carried") and row.points <= 0.35 * row.max_points
    assert all(verdict.row(name).outcome in ("full", "carried") for name in ("context_vector", "attend"))
