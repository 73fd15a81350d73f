"""A frame of a kind that there is not, such as `passed`, ends the worker."""

from .wire import WIRE

ATTACK = """
def decode(*args, **kwargs):
    for number in range(50):
        send(number, "passed", ["l", 100], [])
"""


def test_unknown_frame(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
