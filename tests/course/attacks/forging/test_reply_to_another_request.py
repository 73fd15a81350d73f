"""A reply with the number of another request ends the worker, and the test says that it was no answer."""

from .wire import WIRE

ATTACK = """
def decode(*args, **kwargs):
    send(999, "result", ["l", True, None, ["l"]], [])
"""


def test_reply_to_another_request(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
