"""A request to call back what the test never passed in ends the worker."""

from .wire import WIRE

ATTACK = """
def decode(*args, **kwargs):
    for number in range(50):
        send(number, "callback", ["l", 0, ["t"], ["d"]], [])
"""


def test_callback_never_given(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
