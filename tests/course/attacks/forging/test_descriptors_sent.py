"""Descriptors sent along with an answer never arrive in the grader."""

import os

from .wire import WIRE

ATTACK = """
def decode(*args, **kwargs):
    line = socket.socket(fileno=os.dup(wire()))
    socket.send_fds(line, [frame(999, "result", ["l", None, None, ["l"]], [])], [0, 1, 2])
"""


def test_descriptors_sent(attack):
    before = len(os.listdir("/proc/self/fd"))
    attack(WIRE + ATTACK).loses("decode", outcome="crash", points=0)
    assert len(os.listdir("/proc/self/fd")) <= before
