"""A reply of many empty containers, which are one byte on the wire and sixty in memory, does not fill the grader's."""

import pytest

from ..forging.wire import WIRE
from .memory import bounded_memory

ATTACK = """
PIECE = {piece}


def decode(*args, **kwargs):
    # as large as was once allowed: 4 MiB of header
    for size in (4 << 20, 1 << 19, 60_000):
        header = bytes([0x94, 1]) + msgspec.msgpack.encode("result") + bytes([0x93, 0xA1]) + b"l"
        body = struct.pack("!BI", 0xDD, size // len(PIECE)) + PIECE * (size // len(PIECE))
        header += body + bytes([0xC0, 0x90])
        os.write(wire(), struct.pack("!I", len(header)) + header)
"""

PIECES = {
    "lists": rb"\x90",
    "maps": rb"\x80",
    "maps of maps": rb"\x81\x00\x81\x00\x80",
    "texts": rb"\xa1\x61",
}


@pytest.mark.parametrize("name", PIECES)
def test_swelling_headers(attack, name):
    piece = f'b"{PIECES[name].decode()}"'
    with bounded_memory():
        attack(WIRE + ATTACK.format(piece=piece)).loses("decode", outcome="crash", points=0)
