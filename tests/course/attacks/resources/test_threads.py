"""A flood of threads meets a limit, and ends with its process."""

ATTACK = """
import threading
import time


def decode(*args, **kwargs):
    for _ in range(100_000):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
"""


def test_threads(attack):
    attack(ATTACK, call_seconds=3).loses("decode", points=0)
