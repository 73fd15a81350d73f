"""A regular expression that never ends, deep inside C and with the interpreter's lock held, ends."""

ATTACK = """
import re


def decode(*args, **kwargs):
    return re.match(r"(a+)+$", "a" * 60 + "b")
"""


def test_regular_expression(attack):
    attack(ATTACK, call_seconds=1).loses(
        "decode", outcome="timeout", saying="no answer before the deadline", points=0
    )
