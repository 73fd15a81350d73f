"""A worker's clock, stopped or set back, stops no deadline: the grader has its own."""

ATTACK = """
import time

time.time = time.monotonic = time.perf_counter = lambda: 0.0


def decode(*args, **kwargs):
    while time.monotonic() < 1:
        pass
"""


def test_clock(attack):
    attack(ATTACK, call_seconds=1).loses("decode", outcome="timeout", points=0)
