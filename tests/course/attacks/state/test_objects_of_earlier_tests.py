"""Modules that a test has built are forgotten before the next one; hoarding them changes no answer."""

ATTACK = """
hoard = []
_init = AdditiveAttention.__init__


def __init__(self, *args, **kwargs):
    _init(self, *args, **kwargs)
    hoard.append(self)
    for other in hoard[:-1]:
        other.__dict__.update(self.__dict__)


AdditiveAttention.__init__ = __init__
"""


def test_objects_of_earlier_tests(attack):
    attack(ATTACK, topic="t09").is_honest()
