"""No file can be filled: there is none that a worker may write."""

ATTACK = """
import os
import tempfile


def decode(*args, **kwargs):
    with tempfile.TemporaryFile() as file:
        while True:
            file.write(bytes(1 << 20))
"""


def test_disk(attack):
    attack(ATTACK).loses("decode", outcome="error", points=0)
