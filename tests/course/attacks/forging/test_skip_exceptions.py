"""pytest's and unittest's exceptions for skipped and expected failures are failures here."""

ATTACK = """
import unittest


class Skipped(BaseException):
    __module__ = "builtins"


calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    raise [unittest.SkipTest, Skipped, GeneratorExit][calls % 3]("skipped")
"""


def test_skip_exceptions(attack):
    attack(ATTACK).loses("decode", outcome="error", saying="an exception of the submission's own", points=0)
