"""An integer that only the wire's own format holds is no answer, wherever it stands in a reply."""

import pytest

from ..forging.wire import WIRE

ATTACK = """
HUGE = 2**64 - 1


def decode(*args, **kwargs):
    answer(lambda number: ({header}))
"""

HEADERS = {
    "value": 'number, "result", ["l", HUGE, None, ["l"]], []',
    "in a list": 'number, "result", ["l", ["l", HUGE], None, ["l"]], []',
    "key": 'number, "result", ["l", ["d", [HUGE, 1]], None, ["l"]], []',
    "graph": 'number, "result", ["l", None, HUGE, ["l"]], []',
    "object": 'number, "result", ["l", ["o", HUGE], None, ["l"]], []',
    "object below zero": 'number, "result", ["l", ["o", -1], None, ["l"]], []',
    "edited": 'number, "result", ["l", None, None, ["l", HUGE]], []',
    "size": 'number, "result", ["l", None, None, ["l"]], [HUGE]',
    "number": 'HUGE, "result", ["l", None, None, ["l"]], []',
    "line": 'number, "failure", ["l", "raised", "ValueError", "", HUGE], []',
}


@pytest.mark.parametrize("name", HEADERS)
def test_integers_of_64_bits(attack, name):
    verdict = attack(WIRE + ATTACK.format(header=HEADERS[name])).loses("decode", outcome="crash", points=0)
    assert "no answer" in verdict.messages and "the grader's own" not in verdict.messages
