"""A function that is right at its first call in a process is not right."""

ATTACK = """
_honest = decode
calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    return _honest(*args, **kwargs) if calls == 1 else None
"""


def test_first_call_only(attack):
    attack(ATTACK).loses("decode", outcome="partial")
