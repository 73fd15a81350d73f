"""A worker that shuts its socket down has given no answer."""

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
    socket.socket(fileno=wire()).shutdown(socket.SHUT_RDWR)
"""


def test_half_closed_socket(attack):
    attack(ATTACK).loses("decode", outcome="crash", points=0)
