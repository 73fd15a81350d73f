"""The course's solutions and graders are no importable modules, and `attend` knows no course."""

ATTACK = """
import importlib
import sys

loot = []
for name in ("solutions", "autograder", "solutions.t03_attention_decoding", "test_t03_attention_decoding", "conftest"):
    try:
        loot.append(str(importlib.import_module(name)))
    except ImportError:
        pass
try:
    from attend.course.syllabus import load_course

    loot.append(load_course())
except Exception:
    pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_sources_by_import(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
