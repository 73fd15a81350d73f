"""A frame that announces more bytes than it sends ends with the call's deadline."""

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

import time


def decode(*args, **kwargs):
    for number in range(50):
        send(number, "result", ["l", ["a", 0, "float64", ["l"]], None, ["l"]], [1 << 20])
    time.sleep(60)
"""


def test_buffers_that_do_not_come(attack):
    attack(ATTACK, call_seconds=1).loses("decode", points=0)
