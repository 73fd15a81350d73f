"""Of all objects that the collector knows, and of all modules, none is a test's, a reference's or a secret's."""

ATTACK = """
import gc
import sys

loot = []
for thing in gc.get_objects():
    try:
        if type(thing) is dict and any("anary" in str(value)[:200] for value in list(thing.values())[:500]):
            loot.append(repr(thing)[:5000])
    except Exception:
        pass
loot += [name for name in sys.modules if "test_t" in name or "reference" in name or name.startswith("_pytest")]
loot += [module.__file__ for module in list(sys.modules.values()) if "autograder" in str(getattr(module, "__file__", ""))]


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_garbage_collector(attack):
    loot = attack(ATTACK).loses("decode", points=0).loot
    assert "SECRET" not in loot and "autograder" not in loot and "reference" not in loot
