"""The system calls of another architecture, by interrupt 0x80, pass no filter: they end the process."""

import platform

import pytest

ATTACK = """
import ctypes
import mmap

# mov eax, 20 (getpid for 32 bits); int 0x80; ret
CODE = bytes.fromhex("b814000000cd80c3")


def decode(*args, **kwargs):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(CODE)
    getpid = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return f"LOOT[{getpid()}]TOOL"
"""


def test_thirty_two_bits(attack):
    if platform.machine() != "x86_64":
        pytest.skip("the machine code is for x86_64")
    attack(ATTACK).loses("decode", points=0, outcome="crash", saying="the process died of SIG")
