"""Modules swapped in the worker's table, its own file's among them, change no verdict."""

ATTACK = """
import sys
import types

for name in ("attend.gradebook.grade", "attend.testing.check", "submission", "json", "msgspec", "socket", "pickle"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["attend.student.helpers"] = sys.modules["attend.course.bank"] = None
"""


def test_modules_swapped(attack):
    attack(ATTACK).is_honest()
