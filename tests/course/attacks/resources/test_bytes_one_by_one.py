"""Replies that come a byte at a time, each call just within its limit, end with the time of the whole exercise."""

import pytest

from ..forging.wire import WIRE

ATTACK = """
import threading
import time


def decode(*args, **kwargs):
    {before}
    data = frame({header})
    for byte in data * 1000:
        os.write(wire(), bytes([byte]))
        time.sleep(0.02)
"""

REPLIES = {
    "a result": '1, "result", ["l", None, None, ["l"]], []',
    "a result of many bytes": '1, "result", ["l", ["a", 0, "uint8", [1 << 20]], None, ["l"]], [1 << 20]',
    "a callback": '1, "callback", ["l", 0, ["t"], ["d"]], []',
    "a question to the reference": '1, "reference", ["l", "call", "softmax", None, ["t"], ["d"], ["t"], None], []',
    "a bundle": '0, "bundle", None, [1 << 16]',
    "another loaded": '0, "loaded", None, []',
}


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("before", ["", "time.sleep(0.9)"], ids=["at once", "late"])
def test_bytes_one_by_one(attack, name, before):
    source = WIRE + ATTACK.format(before=before or "pass", header=REPLIES[name])
    verdict = attack(source, call_seconds=0.25, exercise_seconds=0.5).loses("decode", points=0)
    # two seconds on the clock, one for all scripts, and the honest rest
    assert verdict.grade.seconds < 8
