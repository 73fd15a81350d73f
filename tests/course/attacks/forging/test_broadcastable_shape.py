"""An answer that numpy would stretch to the right shape has the wrong shape."""

ATTACK = """
_honest = decode


def decode(*args, **kwargs):
    tokens, alignment = _honest(*args, **kwargs)
    return tokens, alignment[:, None]
"""


def test_broadcastable_shape(attack):
    attack(ATTACK).loses("decode", saying="shape")
