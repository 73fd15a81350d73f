"""A trace function that watches every line of the worker sees the worker, and can change its own answers only."""

ATTACK = """
import sys
import threading

seen = set()


def watch(frame, event, argument):
    seen.add(frame.f_code.co_filename)
    return watch


def decode(*args, **kwargs):
    sys.settrace(watch)
    sys.setprofile(watch)
    threading.settrace(watch)
    frame = sys._getframe()
    while frame:
        frame.f_trace = watch
        frame = frame.f_back
    names = [name for name in seen if "autograder" in name or "solutions" in name or "test_" in name]
    return f"LOOT[{names}]TOOL"
"""


def test_tracing(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
