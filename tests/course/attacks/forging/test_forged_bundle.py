"""A bundle sent before the worker's own, whatever its parts are, passes no test: it says what the submission could say."""

import pytest

from .wire import WIRE

ATTACK = """
PART = {part}


def decode(*args, **kwargs):
    os.write(wire(), frame(0, "bundle", None, [len(PART)] * {parts}, tail=PART * {parts}))
    return True
"""
TRUE = 'frame(0, "result", ["l", True, None, ["l"]], [])'


@pytest.mark.parametrize("parts", [0, 1, 17, 5000], ids=lambda parts: f"{parts} parts")
@pytest.mark.parametrize(
    "part",
    ["b''", "bytes(8)", "b'\\xff' * 9", TRUE, f"{TRUE} * 3", f"{TRUE}[:-1]", "frame(0, 'bundle', None, [])"],
    ids=["empty", "zeros", "a header too long", "true", "true thrice", "cut short", "a bundle"],
)
def test_forged_bundle(attack, part, parts):
    attack(WIRE + ATTACK.format(part=part, parts=parts)).loses("decode", points=0)
