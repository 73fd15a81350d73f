"""An object that says it is a numpy array is told by its type, not by what it says."""

ATTACK = """
import numpy as np


class Liar:
    __class__ = np.ndarray
    dtype, shape, ndim, size = np.dtype(float), (1, 5), 2, 5
    __eq__ = lambda self, other: True

    def tobytes(self):
        return b""


def decode(*args, **kwargs):
    return [1], Liar()
"""


def test_class_that_lies(attack):
    attack(ATTACK).loses("decode", points=0)
