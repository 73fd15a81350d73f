"""An object that is equal to everything, and has every attribute, is no answer: only plain values cross."""

ATTACK = """
class Always:
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    __bool__ = __le__ = __ge__ = __eq__
    __hash__ = None
    __array__ = __iter__ = __len__ = None


def decode(*args, **kwargs):
    return Always()
"""


def test_equal_to_everything(attack):
    attack(ATTACK).loses("decode", saying="which no exercise asks for", points=0)
