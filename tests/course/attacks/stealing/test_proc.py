"""/proc tells nothing of other processes: no environment, no memory, no descriptor, no command line."""

ATTACK = """
import os

loot = []
for who in ("self", "1", str(os.getppid()), *map(str, range(2, 60))):
    for what in ("environ", "cmdline", "mem", "maps", "fd", "cwd", "root/etc/passwd", "root/proc/1/environ", "task"):
        path = f"/proc/{who}/{what}"
        try:
            loot.append(os.listdir(path) if what in ("fd", "task") else open(path, "rb").read(100_000))
        except OSError:
            pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_proc(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
