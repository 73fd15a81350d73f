"""Neither ptrace nor process_vm_readv nor pidfd_getfd opens the zygote's or the grader's memory."""

import os

ATTACK = """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
loot = []
target = [os.getppid(), 1, 2, GRADER]
for pid in target:
    buffer = ctypes.create_string_buffer(4096)
    pair = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 4096)
    other = (ctypes.c_void_p * 2)(id(loot), 4096)
    if libc.ptrace(16, pid, 0, 0) == 0:
        loot.append("attached")
    if libc.process_vm_readv(pid, pair, 1, other, 1, 0) > 0:
        loot.append("read")
    if libc.process_vm_writev(pid, pair, 1, other, 1, 0) > 0:
        loot.append("written")
    if libc.syscall(434, pid, 0) >= 0:
        loot.append("opened")
    if libc.kill(pid, 0) == 0:
        loot.append("signalled")


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_memory_of_others(attack):
    source = ATTACK.replace("GRADER", str(os.getpid()))
    assert attack(source).loses("decode", points=0).loot == "[]"
