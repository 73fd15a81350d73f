"""A list subclass with an equality of its own is not taken for a list."""

ATTACK = """
class Agreeable(list):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


_honest = decode


def decode(*args, **kwargs):
    tokens, alignment = _honest(*args, **kwargs)
    return Agreeable([99]), alignment
"""


def test_container_subclass(attack):
    attack(ATTACK).loses("decode", saying="an object of a class of its own", points=0)
