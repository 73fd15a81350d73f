"""A worker that closes its socket and goes on living is ended."""

from .wire import WIRE

ATTACK = """
def split_concat(*args):
    os.close(wire())
    while True:
        pass
"""


def test_closed_socket(attack):
    attack(WIRE + ATTACK, topic="t09").loses("split_concat", outcome="crash", points=0)
