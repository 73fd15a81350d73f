"""The cache of source lines holds the submission's own file and the library's, and no test's."""

ATTACK = """
import inspect
import linecache

loot = [name for name in linecache.cache if "reference" in name or "test_" in name or name.startswith("<t0")]
loot += [name for name in linecache.cache if "autograder" in name]


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_line_cache(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
