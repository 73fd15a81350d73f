"""Handlers for every signal, and timers that fire them, save no process from its end."""

ATTACK = """
import contextlib
import signal

for number in range(1, 65):
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, lambda *_: None)


def decode(*args, **kwargs):
    while True:
        signal.pause()
"""


def test_signal_handlers(attack):
    attack(ATTACK, call_seconds=1).loses(
        "decode", outcome="timeout", saying="no answer before the deadline", points=0
    )
