"""Bytes written past Python to the descriptors of the prints meet the limit of their file."""

ATTACK = """
import os

_honest = decode


def decode(*args, **kwargs):
    for number in (1, 2):
        try:
            while True:
                os.write(number, b"x" * (1 << 20))
        except OSError:
            pass
    return _honest(*args, **kwargs)
"""


def test_raw_prints(attack):
    attack(ATTACK).is_honest()
