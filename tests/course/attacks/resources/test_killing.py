"""No signal reaches the zygote, the grader or anything else."""

import os

ATTACK = """
import os
import signal


def decode(*args, **kwargs):
    loot = []
    for pid in (os.getppid(), 1, -1, 0, GRADER):
        for kill in (os.kill, os.killpg):
            try:
                loot.append(kill(pid, signal.SIGKILL))
            except OSError:
                pass
    return f"LOOT[{loot}]TOOL"
"""


def test_killing(attack):
    source = ATTACK.replace("GRADER", str(os.getpid()))
    assert attack(source).loses("decode", points=0).loot == "[]"
