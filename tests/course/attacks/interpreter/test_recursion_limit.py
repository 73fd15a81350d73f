"""A recursion limit of a billion ends in the worker's own crash."""

ATTACK = """
import sys


def decode(*args, **kwargs):
    sys.setrecursionlimit(10**9)

    def deeper(n):
        return next(map(deeper, [n]))

    return deeper(0)
"""


def test_recursion_limit(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="died of SIGSEGV", points=0)
