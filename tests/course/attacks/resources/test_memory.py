"""Memory without end meets a limit that Python tells as a MemoryError."""

ATTACK = """
import numpy as np


def decode(*args, **kwargs):
    hoard = []
    while True:
        hoard.append(np.empty(1 << 24))
"""


def test_memory(attack):
    attack(ATTACK).loses("decode", saying="it raised MemoryError", points=0)
