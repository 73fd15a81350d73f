"""The memory that a worker inherits is a zygote's that never saw a secret: nothing to find by raw reading."""

ATTACK = """
import ctypes

POOL = 1 << 14  # Python keeps small objects in pieces of this size, aligned to it


def decode(*args, **kwargs):
    found = []
    for base in {id(thing) & -POOL for thing in [object() for _ in range(100_000)]}:
        memory = ctypes.string_at(base, POOL)
        at = memory.find(b"canary" + b"-")
        found += [memory[at : at + 60]] if at >= 0 else []
    return f"LOOT[{found}]TOOL"
"""


def test_memory(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
