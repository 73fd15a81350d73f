"""A file that sends, while it loads, what belongs to the loading, a byte at a time, does not finish in time."""

import pytest

from ..forging.wire import WIRE

ATTACK = """
import time

data = frame({header})
for byte in data * 1000:
    os.write(wire(), bytes([byte]))
    time.sleep(0.02)
"""

FRAMES = {
    "loaded": '0, "loaded", None, []',
    "compiled": '0, "compiled", ["a", 0, "uint8", [1 << 20]], [1 << 20]',
    "jailed": '0, "jailed", ["l", "bubblewrap"], []',
    "a question to the reference": '0, "reference", ["l", "call", "softmax", None, ["t"], ["d"], ["t"], None], []',
}


@pytest.mark.parametrize("name", FRAMES)
def test_loading_a_byte_at_a_time(attack, name):
    verdict = attack(WIRE + ATTACK.format(header=FRAMES[name]), load_seconds=0.3, exercise_seconds=0.5)
    assert verdict.grade.points == 0
    # six exercises of four times half a second, where the worker said that it had loaded the file
    assert verdict.grade.seconds < 20
