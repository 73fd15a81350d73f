"""A file that fails to load at first, and would load when tried again, is graded as it loaded: not at all."""

ATTACK = """
import time

if time.time_ns() % 2:
    raise RuntimeError
"""


def test_loads_once(attack):
    for _ in range(3):
        attack(ATTACK)
