"""Nonsense in place of the report that the file was loaded spoils this file only."""

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

send(0, "loaded", ["d", [1.5, 2]], [])
"""


def test_loaded_frame(attack):
    attack(ATTACK).fails_whole("the process ended while the file was loaded")
