"""A process that leaves its group and its parent, to live on after the grade, never starts."""

ATTACK = """
import os
import time


def decode(*args, **kwargs):
    loot = []
    for start in (os.fork, os.setsid, lambda: os.setpgid(0, 0), os.forkpty, lambda: os.posix_spawn("/bin/sh", ["sh"], {})):
        try:
            loot.append(start())
        except OSError:
            pass
    return f"LOOT[{loot}]TOOL"
"""


def test_daemon(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
