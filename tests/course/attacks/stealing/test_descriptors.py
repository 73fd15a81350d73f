"""A worker has its standard streams, one file for its prints and one socket; none leads anywhere."""

import ast

ATTACK = """
import os
import stat

loot = []
for number in range(256):
    try:
        kind = stat.S_IFMT(os.fstat(number).st_mode)
    except OSError:
        continue
    loot.append({stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFREG: "file"}.get(kind, oct(kind)))
    if stat.S_ISREG(kind):
        loot.append(os.pread(number, 100_000, 0))


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_descriptors(attack):
    loot = ast.literal_eval(attack(ATTACK).loses("decode", points=0).loot)
    assert loot.count("socket") == 1
    assert set(loot) <= {"socket", "device", "file", b""}, loot
