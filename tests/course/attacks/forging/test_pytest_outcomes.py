"""pytest.skip, xfail and exit, called by the submission, neither skip a test nor end the session."""

ATTACK = """
import pytest

calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    [pytest.skip, pytest.xfail, pytest.exit][calls % 3]("done")
"""


def test_pytest_outcomes(attack):
    attack(ATTACK).loses("decode", outcome="error", saying="an exception of the submission's own", points=0)
