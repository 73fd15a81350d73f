"""A loop in many threads at once uses its own deadline, not the machine's cores for long."""

ATTACK = """
import threading


def burn():
    while True:
        sum(range(10_000))


def decode(*args, **kwargs):
    for _ in range(30):
        threading.Thread(target=burn, daemon=True).start()
    burn()
"""


def test_processor_time(attack):
    verdict = attack(ATTACK, call_seconds=1).loses("decode", outcome="timeout", points=0)
    assert verdict.grade.seconds < 15
