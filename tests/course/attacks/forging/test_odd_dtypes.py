"""Arrays of objects, records, texts and dates do not cross."""

ATTACK = """
import numpy as np

calls = 0


def decode(state, annotations, *args, **kwargs):
    global calls
    calls += 1
    kinds = [object, "U8", "M8[s]", "f8,f8", "V8", np.longdouble, "O,O"]
    return [1], np.zeros((1, len(annotations)), kinds[calls % len(kinds)])
"""


def test_odd_dtypes(attack):
    attack(ATTACK).loses("decode", saying="an array of dtype object", points=0)
