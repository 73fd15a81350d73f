"""numpy's comparisons, replaced in the worker, are not the ones that compare."""

ATTACK = """
import numpy as np

for module, names in ((np, ("allclose", "isclose", "array_equal", "all")), (np.testing, ("assert_allclose",))):
    for name in names:
        setattr(module, name, lambda *args, **kwargs: True)
np.asarray = np.array


def decode(state, annotations, *args, **kwargs):
    return [1], np.ones((1, len(annotations)))
"""


def test_numpy_replaced(attack):
    attack(ATTACK).loses("decode")
