"""Mapped memory counts like any other."""

ATTACK = """
import mmap


def decode(*args, **kwargs):
    maps = []
    while True:
        maps.append(mmap.mmap(-1, 1 << 28))
"""


def test_memory_mapped(attack):
    attack(ATTACK).loses("decode", saying="it raised", points=0)
