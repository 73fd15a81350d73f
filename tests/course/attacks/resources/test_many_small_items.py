"""A list of a million numbers is told by its size."""

ATTACK = """
def decode(*args, **kwargs):
    return [0] * 1_000_000
"""


def test_many_small_items(attack):
    attack(ATTACK).loses("decode", saying="holding more items than any answer of this course", points=0)
