"""An earlier function that raises carries no later one that only raises."""

ATTACK = """
def decode_step(*args, **kwargs):
    raise ValueError("no")


def decode(*args, **kwargs):
    raise ValueError("no")
"""


def test_carried_exceptions(attack):
    attack(ATTACK).loses("decode_step", "decode", points=0)
