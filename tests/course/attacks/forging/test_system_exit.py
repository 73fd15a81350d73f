"""SystemExit is the submission's own exception, not the grader's end."""

ATTACK = """
import sys


def decode(*args, **kwargs):
    sys.exit(0)
"""


def test_system_exit(attack):
    attack(ATTACK).loses("decode", saying="it called sys.exit()", points=0)
