"""True is no answer where an array is asked for, though it equals one."""

ATTACK = """
def decode(*args, **kwargs):
    return True
"""


def test_true_for_everything(attack):
    attack(ATTACK).loses("decode", points=0)
