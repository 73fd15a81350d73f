"""An abort from C ends the worker; the message names the signal."""

ATTACK = """
import os


def decode(*args, **kwargs):
    os.abort()
"""


def test_abort(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="the process", points=0)
