"""A value nested ten thousand deep does not exhaust the grader's stack."""

from .wire import WIRE

ATTACK = r"""
def decode(*args, **kwargs):
    for number in range(20):
        header = msgspec.msgpack.encode([number, "result"])[1:] + b"\x91" * 10_000 + b"\xc0\x90"
        os.write(wire(), struct.pack("!I", len(header) + 1) + b"\x94" + header)
"""


def test_deep_frame(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", saying="something that is no answer", points=0)
