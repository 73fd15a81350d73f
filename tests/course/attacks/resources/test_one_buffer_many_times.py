"""A reply whose tree names one large buffer thousands of times holds no more than its frame."""

import pytest

from ..forging.wire import WIRE
from .memory import bounded_memory

ATTACK = """
SIZE = 1 << 20


def decode(*args, **kwargs):
    nodes = [{node}] * 2000
    answer(lambda number: (number, "result", ["l", ["l", *nodes], None, ["l"]], [SIZE]), tail=bytes(SIZE))
"""

NODES = ['["a", 0, "uint8", [SIZE]]', '["a", -1, "uint8", [SIZE]]', '["a", False, "bool", [SIZE]]']


@pytest.mark.parametrize("node", NODES)
def test_one_buffer_many_times(attack, node):
    with bounded_memory():
        attack(WIRE + ATTACK.format(node=node)).loses("decode", outcome="crash", points=0)
