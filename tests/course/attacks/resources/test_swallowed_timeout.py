"""A loop that catches everything that could stop it is stopped from outside."""

ATTACK = """
import contextlib
import time


def decode(*args, **kwargs):
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.01)
"""


def test_swallowed_timeout(attack):
    attack(ATTACK, call_seconds=1).loses(
        "decode", outcome="timeout", saying="no answer before the deadline", points=0
    )
