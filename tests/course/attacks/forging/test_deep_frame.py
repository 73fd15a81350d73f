"""A value nested ten thousand deep does not exhaust the grader's stack."""

ATTACK = r"""
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


def send(*frame, tail=b""):
    header = msgspec.msgpack.encode(frame)
    os.write(wire(), struct.pack("!I", len(header)) + header + tail)


def decode(*args, **kwargs):
    for number in range(20):
        header = msgspec.msgpack.encode([number, "result"])[1:] + b"\x91" * 10_000 + b"\xc0\x90"
        os.write(wire(), struct.pack("!I", len(header) + 1) + b"\x94" + header)
"""


def test_deep_frame(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
