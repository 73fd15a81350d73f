"""An array of terabytes is refused at once."""

ATTACK = """
import numpy as np


def decode(*args, **kwargs):
    return np.ones((1 << 20, 1 << 20))
"""


def test_memory_in_one_piece(attack):
    attack(ATTACK).loses("decode", saying="MemoryError", points=0)
