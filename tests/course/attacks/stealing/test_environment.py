"""The environment is the zygote's own: short, and the same on every machine."""

ATTACK = """
import ctypes
import os

loot = [f"{name}={value}" for name, value in os.environ.items()]
variables = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
for index in range(1000):
    if not variables[index]:
        break
    loot.append(variables[index])


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_environment(attack):
    loot = attack(ATTACK).loses("decode", points=0).loot
    assert "PYTHONHASHSEED" in loot
    assert "ATTEND_TEST_SECRET" not in loot and "SSH" not in loot
