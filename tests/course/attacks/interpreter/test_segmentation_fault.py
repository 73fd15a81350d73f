"""A null pointer ends the worker; the message names the signal."""

ATTACK = """
import ctypes


def decode(*args, **kwargs):
    return ctypes.string_at(0)
"""


def test_segmentation_fault(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="died of SIGSEGV", points=0)
