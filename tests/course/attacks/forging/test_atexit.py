"""What is registered for the interpreter's end never runs: a worker has no such end."""

ATTACK = """
import atexit
import os
import threading

atexit.register(os.system, "touch /tmp/owned-at-exit")
atexit.register(os._exit, 0)
threading._register_atexit(os.write, 1, b"x")
"""


def test_atexit(attack):
    attack(ATTACK).is_honest()
