"""No program runs: not by a shell, not by exec, not through an interpreter."""

ATTACK = """
import os
import subprocess
import sys

loot = []
for attempt in (
    lambda: subprocess.check_output(["id"]),
    lambda: subprocess.check_output("cat /etc/passwd", shell=True),
    lambda: os.popen("env").read(),
    lambda: os.posix_spawn(sys.executable, ["python", "-c", ""], {}),
    lambda: os.execv("/bin/sh", ["sh", "-c", "touch /tmp/owned"]),
    lambda: os.system("touch /tmp/owned") == 0 or 1 / 0,
):
    try:
        loot.append(attempt())
    except BaseException:
        pass
loot = [thing for thing in loot if thing]


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_commands(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
