"""A process that tries to stop itself, so that nobody can wait for its end, does not."""

ATTACK = """
import os
import signal


def decode(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_stopped_process(attack):
    attack(ATTACK).loses("decode", saying="it raised PermissionError", points=0)
