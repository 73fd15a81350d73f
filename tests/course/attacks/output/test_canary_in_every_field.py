"""A text in any field of any reply reaches no report: neither the advice, nor a call's line, nor what was wrong."""

import pytest

from ..forging.wire import WIRE

REPLY = """
import sys

worker = sys.modules["attend.sandbox.worker"]
C = "CANARY_full_marks"


def decode(*args, **kwargs):
    worker.outcome_frame = lambda number, outcome: frame({header}, tail=bytes({tail}))
"""


def failure(kind: str, type_name: str = "None", message: str = "C", line: str = "3") -> str:
    return f'number, "failure", ["l", "{kind}", {type_name}, {message}, {line}], []'


FIELDS = {
    "number": 'C, "result", ["l", None, None, ["l"]], []',
    "kind": 'number, C, ["l", None, None, ["l"]], []',
    "tree": 'number, "result", C, []',
    "sizes": 'number, "result", ["l", None, None, ["l"]], [C]',
    "value": 'number, "result", ["l", C, None, ["l"]], []',
    "in a list": 'number, "result", ["l", ["l", C, ["t", C]], None, ["l"]], []',
    "in a tuple": 'number, "result", ["l", ["t", ["l", C], C], None, ["l"]], []',
    "key": 'number, "result", ["l", ["d", [C, 1]], None, ["l"]], []',
    "value of a key": 'number, "result", ["l", ["d", ["a", C]], None, ["l"]], []',
    "tag": 'number, "result", ["l", [C, 1], None, ["l"]], []',
    "dtype": 'number, "result", ["l", ["a", 0, C, ["l", 1]], None, ["l"]], [8]',
    "shape": 'number, "result", ["l", ["a", 0, "float64", [C]], None, ["l"]], [8]',
    "buffer": 'number, "result", ["l", ["a", C, "float64", [1]], None, ["l"]], [8]',
    "number of a reference": 'number, "result", ["l", ["o", C], None, ["l"]], []',
    "class of a reference": 'number, "result", ["l", ["o", 0, C], None, ["l"]], []',
    "reference": 'number, "result", ["l", ["t", ["o", 0], C], None, ["l"]], []',
    "graph": 'number, "result", ["l", None, C, ["l"]], []',
    "edited": 'number, "result", ["l", None, None, ["l", C]], []',
    "edited, not a list": 'number, "result", ["l", None, None, C], []',
    "one part more": 'number, "result", ["l", None, None, ["l"], C], []',
    "kind of a failure": failure("CANARY_full_marks"),
    "type of an exception": failure("raised", "C"),
    "text of an exception": failure("raised", '"ValueError"'),
    "line": failure("raised", line="C"),
    "text of a stub": failure("not done"),
    "name of another stub": failure("not done", message='f"t03.6 {C}: see docs/topics/t03_{C}"'),
    "missing": failure("missing"),
    "type": failure("type"),
    "type in our words": failure("type", message='f"an array of dtype {C}"'),
    "syntax": failure("syntax"),
    "crash": failure("crash"),
    "timeout": failure("timeout"),
    "callback": 'number, "callback", ["l", C, ["t", C], ["d", [C, C]]], []',
    "reference asked": 'number, "reference", ["l", "call", C, None, ["t", C], ["d"], ["t"], None], []',
    "loaded": 'number, "loaded", ["l", "syntax", C, C, 3], []',
    "compiled": 'number, "compiled", C, []',
    "bundle": 'number, "bundle", C, [8]',
}


@pytest.mark.parametrize("field", FIELDS)
def test_canary_in_every_field(attack, field):
    header = FIELDS[field]
    tail = 8 if header.endswith("[8]") else 0
    verdict = attack(WIRE + REPLY.format(header=header, tail=tail)).loses("decode", points=0)
    assert b"CANARY" in verdict.sent
    assert "CANARY" not in "".join(verdict.pages.values()) + verdict.messages
