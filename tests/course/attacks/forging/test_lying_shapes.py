"""Shapes, dtypes and sizes that do not belong together are no value."""

from .wire import WIRE

ATTACK = """
calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    lies = [
        ["a", 0, "float64", [-1]],
        ["a", 0, "float64", [1 << 62, 1 << 62]],
        ["a", 0, "object", [1]],
        ["a", 7, "float64", [1]],
        ["a", 0, "float64", [[1]]],
        ["T", 0, "float64", [1], "yes"],
        ["T", 0, "qint8", [8], False],
        ["d", [["l"], 1]],
        ["d", [{"x": 1}, 1]],
        ["o", "one", 2],
        ["x"],
        [],
    ]
    for number in range(50):
        send(number, "result", ["l", lies[calls % len(lies)], None, ["l"]], [8], tail=bytes(8))
"""


def test_lying_shapes(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
