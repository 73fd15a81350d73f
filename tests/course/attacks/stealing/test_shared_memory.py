"""Shared memory in any of its forms is refused, so that no two workers share any."""

ATTACK = """
import ctypes
import mmap
import os
from multiprocessing import shared_memory

loot, libc = [], ctypes.CDLL(None, use_errno=True)
for name, attempt in {
    "shm_open": lambda: shared_memory.SharedMemory("owned", create=True, size=10),
    "memfd": lambda: os.memfd_create("owned"),
    "shmget": lambda: libc.shmget(1234, 4096, 0o1666) + 1 or 1 / 0,
    "msgget": lambda: libc.msgget(1234, 0o1666) + 1 or 1 / 0,
    "eventfd": lambda: os.eventfd(0),
}.items():
    try:
        attempt()
        loot.append(name)
    except Exception:
        pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_shared_memory(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
