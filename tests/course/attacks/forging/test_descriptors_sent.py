"""Descriptors sent along with an answer never arrive in the grader."""

import os

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
    line = socket.socket(fileno=os.dup(wire()))
    header = msgspec.msgpack.encode((999, "result", ["l", None, None, ["l"]], []))
    socket.send_fds(line, [struct.pack("!I", len(header)) + header], [0, 1, 2])
"""


def test_descriptors_sent(attack):
    before = len(os.listdir("/proc/self/fd"))
    attack(ATTACK).loses("decode", outcome="crash", points=0)
    assert len(os.listdir("/proc/self/fd")) <= before
