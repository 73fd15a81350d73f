"""An empty array, for which every statement about all its values holds, has the wrong shape."""

ATTACK = """
import numpy as np


def decode(*args, **kwargs):
    return [], np.zeros((0, 0))
"""


def test_empty_answer(attack):
    attack(ATTACK).loses("decode", saying="")
