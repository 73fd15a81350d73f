"""A function that ends its process with success ends one test after the other, and no more."""

ATTACK = """
import os


def decode(*args, **kwargs):
    os._exit(0)
"""


def test_os_exit(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="ended itself with exit code 0", points=0)
