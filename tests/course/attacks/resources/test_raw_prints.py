"""Bytes written past Python to the descriptors of the prints are kept nowhere."""

ATTACK = """
import os

_honest = decode


def decode(*args, **kwargs):
    for number in (1, 2):
        for _ in range(64):
            os.write(number, b"x" * (1 << 20))
    return _honest(*args, **kwargs)
"""


def test_raw_prints(attack):
    attack(ATTACK).is_honest()
