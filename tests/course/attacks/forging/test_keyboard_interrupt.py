"""A KeyboardInterrupt of the submission does not stop the batch."""

ATTACK = """
def decode(*args, **kwargs):
    raise KeyboardInterrupt
"""


def test_keyboard_interrupt(attack):
    attack(ATTACK).loses("decode", saying="an exception of the submission's own", points=0)
