"""NaN is an answer to no question whose answer is finite."""

ATTACK = """
import numpy as np

_honest = decode


def decode(*args, **kwargs):
    tokens, alignment = _honest(*args, **kwargs)
    return tokens, np.full_like(alignment, np.nan)
"""


def test_not_a_number_everywhere(attack):
    attack(ATTACK).loses("decode", saying="NaN")
