"""A frame that announces four gigabytes is not waited for."""

from .wire import WIRE

ATTACK = r"""
def decode(*args, **kwargs):
    os.write(wire(), b"\xff\xff\xff\xff" + bytes(1000))
"""


def test_endless_header(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
