"""An answer larger than any that the course asks for is refused before its bytes are made."""

ATTACK = """
import numpy as np


def decode(*args, **kwargs):
    return [1], np.broadcast_to(np.float64(1), (1 << 20, 1 << 20))
"""


def test_giant_answers(attack):
    attack(ATTACK).loses("decode", saying="more bytes than any answer of this course", points=0)
