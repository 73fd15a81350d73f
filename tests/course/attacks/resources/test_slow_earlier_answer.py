"""An earlier function that is slow is not called when a later one is judged on right ground."""

ATTACK = """
import time

import numpy as np


def masked_softmax(scores, mask, axis=-1):
    time.sleep(0.3)
    return np.zeros_like(scores)
"""


def test_slow_earlier_answer(attack):
    attack(ATTACK, exercise_seconds=2).loses("masked_softmax")
