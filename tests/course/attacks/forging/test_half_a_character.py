"""Text that is no Unicode, as an answer and as a message, ends one test at most."""

ATTACK = r"""
calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    if calls % 2:
        return "\ud800"
    raise ValueError("\ud800")
"""


def test_half_a_character(attack):
    attack(ATTACK).loses("decode", points=0)
