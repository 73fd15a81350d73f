"""Constants that the compiler would fold into gigabytes are the worker's to compute."""

ATTACK = """
HUGE = ((1 << 4096) ** 64, "x" * 1000 * 1000, (0,) * 1000 * 1000)


def decode(*args, **kwargs):
    return 10 ** 10 ** 10
"""


def test_compiler_that_computes(attack):
    attack(ATTACK, call_seconds=1).loses("decode", outcome="timeout", points=0)
