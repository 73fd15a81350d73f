"""An endless loop costs two deadlines and its own exercise."""

ATTACK = """
def decode(*args, **kwargs):
    while True:
        pass
"""


def test_endless_loop(attack):
    attack(ATTACK, call_seconds=1).loses(
        "decode", outcome="timeout", saying="no answer before the deadline", points=0
    )
