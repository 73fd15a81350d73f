"""A frame that announces more bytes than it sends ends with the call's deadline."""

from .wire import WIRE

ATTACK = """
import time


def decode(*args, **kwargs):
    for number in range(50):
        send(number, "result", ["l", ["a", 0, "float64", ["l"]], None, ["l"]], [1 << 20])
    time.sleep(60)
"""


def test_buffers_that_do_not_come(attack):
    attack(WIRE + ATTACK, call_seconds=1).loses("decode", points=0)
