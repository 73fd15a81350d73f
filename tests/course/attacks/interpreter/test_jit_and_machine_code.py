"""Machine code written into memory runs under the same filter: a call of the system is refused."""

import platform

import pytest

ATTACK = """
import ctypes
import mmap

# mov eax, 57 (fork); syscall; ret
CODE = bytes.fromhex("b8390000000f05c3")


def decode(*args, **kwargs):
    try:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(CODE)
        fork = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        return f"LOOT[{fork()}]TOOL"
    except OSError as error:
        return f"LOOT[{-error.errno}]TOOL"
"""


def test_jit_and_machine_code(attack):
    if platform.machine() != "x86_64":
        pytest.skip("the machine code is for x86_64")
    assert attack(ATTACK).loses("decode", points=0).loot in ("-1", "-13")
