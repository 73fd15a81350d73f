"""A hundred megabytes of prints are dropped after the first, and cost the function that prints nothing."""

ATTACK = r"""
import os
import sys

_honest = decode


def decode(*args, **kwargs):
    print("x" * 10_000_000)
    print("warning\n" * 10_000, file=sys.stderr)
    return _honest(*args, **kwargs)
"""


def test_prints(attack):
    attack(ATTACK).is_honest()
