"""What an attack on the wire begins with: it finds the worker's socket, and makes frames of its own."""

WIRE = '''
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


def frame(*header, tail=b""):
    header = msgspec.msgpack.encode(header)
    return struct.pack("!I", len(header)) + header + tail


def send(*header, tail=b""):
    os.write(wire(), frame(*header, tail=tail))


def answer(header, tail=b""):
    """Have every reply from now on be a frame of this header; where it is a function, of what it makes of the number."""
    import sys

    def replace(number, outcome):
        return frame(*(header(number) if callable(header) else header), tail=tail)

    sys.modules["attend.sandbox.worker"].outcome_frame = replace
'''
