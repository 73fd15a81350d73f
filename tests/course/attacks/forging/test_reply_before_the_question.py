"""Replies sent ahead, for requests that have not come yet, are the submission's own wrong answers, and no more."""

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
    for number in range(100):
        send(number, "result", ["l", True, None, ["l"]], [])
    return True
"""


def test_reply_before_the_question(attack):
    attack(ATTACK).loses("decode", points=0)
