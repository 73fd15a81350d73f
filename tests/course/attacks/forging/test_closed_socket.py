"""A worker that closes its socket and goes on living is ended."""

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


def split_concat(*args):
    os.close(wire())
    while True:
        pass
"""


def test_closed_socket(attack):
    attack(ATTACK, topic="t09").loses("split_concat", outcome="crash", points=0)
