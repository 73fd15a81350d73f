"""A request to call back what the test never passed in ends the worker."""

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


def send(*frame, tail=b""):
    header = msgspec.msgpack.encode(frame)
    os.write(wire(), struct.pack("!I", len(header)) + header + tail)


def decode(*args, **kwargs):
    for number in range(50):
        send(number, "callback", ["l", 0, ["t"], ["d"]], [])
"""


def test_callback_never_given(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
