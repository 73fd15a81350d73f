"""A numpy array subclass that answers every comparison with True is not taken for an array."""

ATTACK = """
import numpy as np


class Agreeable(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.ones(1, bool)


def decode(state, annotations, *args, **kwargs):
    return [1, 2], np.zeros((2, len(annotations))).view(Agreeable)
"""


def test_array_subclass(attack):
    attack(ATTACK).loses("decode", saying="array subclass", points=0)
