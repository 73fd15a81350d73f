"""Tokens of an int subclass that equals every number are not taken for numbers."""

ATTACK = """
class Agreeable(int):
    __eq__ = lambda self, other: True
    __hash__ = int.__hash__


_honest = decode


def decode(*args, **kwargs):
    tokens, alignment = _honest(*args, **kwargs)
    return [Agreeable(0) for _ in tokens], alignment
"""


def test_number_subclass(attack):
    attack(ATTACK).loses("decode", saying="an object of a class of its own")
