"""Replies sent ahead, for requests that have not come yet, are the submission's own wrong answers, and no more."""

from .wire import WIRE

ATTACK = """
def decode(*args, **kwargs):
    for number in range(100):
        send(number, "result", ["l", True, None, ["l"]], [])
    return True
"""


def test_reply_before_the_question(attack):
    attack(WIRE + ATTACK).loses("decode", points=0)
