"""An earlier function that is slow when it is plugged into the reference uses up the exercise's time, no more."""

ATTACK = """
import sys
import time

import numpy as np


def masked_softmax(scores, mask, axis=-1):
    if sys._getframe(1).f_code.co_name != "attend":
        time.sleep(0.3)
    return np.zeros_like(scores)
"""


def test_slow_earlier_answer(attack):
    verdict = attack(ATTACK, exercise_seconds=2)
    assert verdict.row("masked_softmax").points < verdict.row("masked_softmax").max_points
    assert verdict.grade.seconds < 20
