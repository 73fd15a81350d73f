"""A power with a billion digits, which no Python code could interrupt, ends."""

ATTACK = """
def decode(*args, **kwargs):
    return 9**9**9
"""


def test_huge_power(attack):
    attack(ATTACK, call_seconds=1).loses(
        "decode", outcome="timeout", saying="no answer before the deadline", points=0
    )
