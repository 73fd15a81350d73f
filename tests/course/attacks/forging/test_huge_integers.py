"""Numbers with a million digits do not cross, and nobody waits for them."""

ATTACK = """
def decode(*args, **kwargs):
    return [1 << 3_000_000], 10**100
"""


def test_huge_integers(attack):
    attack(ATTACK).loses("decode", saying="an integer of more than 64 bits", points=0)
