"""Infinity lies within no tolerance."""

ATTACK = """
import numpy as np

_honest = decode


def decode(*args, **kwargs):
    tokens, alignment = _honest(*args, **kwargs)
    return tokens, np.full_like(alignment, np.inf)
"""


def test_infinity_everywhere(attack):
    attack(ATTACK).loses("decode", saying="infinity")
