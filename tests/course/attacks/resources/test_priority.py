"""No worker takes the machine for itself: priorities, cores and schedulers are not its to set."""

ATTACK = """
import os

loot = []
for attempt in (
    lambda: os.nice(-10),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
    lambda: os.sched_setaffinity(0, {0}),
):
    try:
        attempt()
        loot.append("done")
    except OSError:
        pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_priority(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
