"""An answer that a thread changes after it was given has been copied."""

ATTACK = """
import threading
import time

_honest = decode


def spoil(array):
    time.sleep(0.001)
    array[...] = 99.0


def decode(*args, **kwargs):
    tokens, alignment = _honest(*args, **kwargs)
    answer = alignment.copy()
    threading.Timer(0.01, spoil, (answer,)).start()
    return tokens, answer
"""


def test_answer_changed_afterwards(attack):
    attack(ATTACK).is_honest()
