"""An exception whose text raises, and whose class lies about its name, is still one failed test."""

ATTACK = """
class Liar(type):
    __name__ = property(lambda cls: 1 / 0)
    __module__ = property(lambda cls: 1 / 0)


class Slippery(Exception, metaclass=Liar):
    def __str__(self):
        raise SystemExit

    __repr__ = __str__


def decode(*args, **kwargs):
    raise Slippery
"""


def test_exception_that_raises(attack):
    attack(ATTACK).loses("decode", points=0)
