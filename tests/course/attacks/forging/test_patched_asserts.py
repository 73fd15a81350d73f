"""Assertions, pytest and the course's own checks are patched to pass; the answers are wrong."""

ATTACK = """
import builtins
import sys
import types

builtins.AssertionError = KeyError
for name in ("attend.testing.check", "pytest", "_pytest.outcomes", "numpy.testing", "unittest"):
    sys.modules[name] = types.SimpleNamespace(close=print, true=print, equal=print, fail=print)


def decode(*args, **kwargs):
    return [7], None
"""


def test_patched_asserts(attack):
    attack(ATTACK).loses("decode", outcome="wrong")
