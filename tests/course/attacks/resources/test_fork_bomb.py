"""Processes that make processes are refused the first."""

ATTACK = """
import os


def decode(*args, **kwargs):
    while True:
        os.fork()
"""


def test_fork_bomb(attack):
    attack(ATTACK).loses("decode", saying="it raised PermissionError", points=0)
