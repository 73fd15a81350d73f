"""Answers that each come just before the wall-clock limit use up the exercise's time and no more."""

ATTACK = """
import time


def decode(*args, **kwargs):
    time.sleep(3.6)
    raise ValueError
"""


def test_just_below_the_deadline(attack):
    verdict = attack(ATTACK, call_seconds=1, exercise_seconds=2).loses("decode", outcome="timeout", points=0)
    assert verdict.grade.seconds < 20
