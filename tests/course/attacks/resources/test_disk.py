"""A file can be filled up to a few megabytes, and no further: it is in the worker's own folder."""

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
