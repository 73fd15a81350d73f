"""A socket without a file, which no mount hides, cannot be reached or made."""

import os
import socket

import pytest

ATTACK = r"""
import ctypes
import os

loot, libc = [], ctypes.CDLL(None, use_errno=True)
for call in (lambda: libc.socket(1, 1, 0), lambda: libc.socketpair(1, 1, 0, ctypes.create_string_buffer(8))):
    if call() >= 0:
        loot.append("made one")
address = b"\x01\x00\x00NAME"
for number in range(64):
    if libc.connect(number, address, len(address)) == 0:
        loot.append("connected")
    if libc.sendto(number, b"secret", 6, 0, address, len(address)) > 0:
        loot.append("sent")


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_abstract_socket(attack):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{os.getpid()}-attend")
        server.listen()
        server.settimeout(0.2)
        source = ATTACK.replace("NAME", f"{os.getpid()}-attend")
        assert attack(source).loses("decode", points=0).loot == "[]"
        with pytest.raises(TimeoutError):
            server.accept()
