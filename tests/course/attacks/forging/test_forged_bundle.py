"""A bundle sent before the worker's own, whatever its parts are, passes no test: it says what the submission could say."""

import pytest

ATTACK = """
import os
import socket
import stat
import struct

import msgspec


def wire():
    for number in range(64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
        except OSError:
            pass


def frame(*header, tail=b""):
    header = msgspec.msgpack.encode(header)
    return struct.pack("!I", len(header)) + header + tail


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
    attack(ATTACK.format(part=part, parts=parts)).loses("decode", points=0)
