"""Descriptors without end meet a limit."""

ATTACK = """
import os


def decode(*args, **kwargs):
    while True:
        os.dup(0)
"""


def test_descriptors(attack):
    attack(ATTACK).loses("decode", saying="it raised OSError", points=0)
