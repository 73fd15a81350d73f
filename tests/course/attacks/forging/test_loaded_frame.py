"""Nonsense in place of the report that the file was loaded spoils this file only."""

from .wire import WIRE

ATTACK = """
send(0, "loaded", ["d", [1.5, 2]], [])
"""


def test_loaded_frame(attack):
    attack(WIRE + ATTACK).fails_whole("the process ended while the file was loaded")
