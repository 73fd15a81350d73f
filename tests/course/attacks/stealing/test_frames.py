"""The frames above a call lead through the worker to its start, and hold no test, no answer and no secret."""

ATTACK = """
import inspect
import sys
import threading


def decode(*args, **kwargs):
    loot, frame = [], sys._getframe()
    while frame:
        loot += [frame.f_code.co_filename, repr(frame.f_locals)[:20_000], repr(list(frame.f_globals))]
        frame = frame.f_back
    for thread, other in sys._current_frames().items():
        loot.append(repr(other.f_locals)[:20_000])
    # as numbers: a text may not be so long
    return np.frombuffer(f"LOOT[{str(loot)[:500_000]}]TOOL".encode(), np.uint8)
"""


def test_frames(attack):
    loot = attack(ATTACK).loses("decode", points=0).loot
    assert "sandbox/worker.py" in loot
    assert "autograder" not in loot and "test_t03" not in loot and "_by_hand" not in loot
