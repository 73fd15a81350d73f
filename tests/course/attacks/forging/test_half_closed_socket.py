"""A worker that shuts its socket down has given no answer."""

from .wire import WIRE

ATTACK = """
def decode(*args, **kwargs):
    socket.socket(fileno=wire()).shutdown(socket.SHUT_RDWR)
"""


def test_half_closed_socket(attack):
    attack(WIRE + ATTACK).loses("decode", outcome="crash", points=0)
