"""Sleeping takes no processor time, and ends all the same."""

ATTACK = """
import time


def decode(*args, **kwargs):
    time.sleep(1000)
"""


def test_sleep(attack):
    attack(ATTACK, call_seconds=1).loses(
        "decode", outcome="timeout", saying="no answer before the deadline", points=0
    )
