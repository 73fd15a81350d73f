"""A frame that announces four gigabytes is not waited for."""

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
    os.write(wire(), b"\xff\xff\xff\xff" + bytes(1000))
"""


def test_endless_header(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
