"""A reply with the number of another request ends the worker, and the test says that it was no answer."""

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
    send(999, "result", ["l", True, None, ["l"]], [])
"""


def test_reply_to_another_request(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
