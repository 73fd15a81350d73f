"""What one submission leaves in folders, shared memory or the program's files, no later one finds.

It can write to a folder of its own alone, and that is gone with its worker.
"""

ATTACK = """
import contextlib
import os
import sys

import attend as package
import numpy

NAME = "owned-by-an-earlier-one"
FOLDERS = ["/tmp", "/dev/shm", "/var/tmp", ".", os.path.expanduser("~"), *sys.path]
FOLDERS += [os.path.dirname(package.__file__), os.path.dirname(numpy.__file__)]
loot = [folder for folder in FOLDERS if os.path.exists(os.path.join(folder, NAME))]
for folder in FOLDERS:
    with contextlib.suppress(OSError):
        open(os.path.join(folder, NAME), "w").write("the answers")
        loot += [folder] if os.path.realpath(folder) != os.path.realpath(os.curdir) else []
    with contextlib.suppress(OSError):
        os.mkdir(os.path.join(folder, NAME + "-too"))
        loot += [folder] if os.path.realpath(folder) != os.path.realpath(os.curdir) else []


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_files_for_the_next_worker(attack):
    for _ in ("leave", "find"):
        assert attack(ATTACK).loses("decode", points=0).loot == "[]"
