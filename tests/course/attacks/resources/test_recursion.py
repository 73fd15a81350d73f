"""A recursion without end is a RecursionError of its own."""

ATTACK = """
def decode(*args, **kwargs):
    return decode(*args, **kwargs)
"""


def test_recursion(attack):
    attack(ATTACK).loses("decode", outcome="error", saying="it raised RecursionError", points=0)
