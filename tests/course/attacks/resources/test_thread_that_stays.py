"""A thread that goes on computing after its call was answered ends with its worker."""

ATTACK = """
import threading


def burn():
    while True:
        pass


threading.Thread(target=burn, daemon=True).start()
"""


def test_thread_that_stays(attack):
    attack(ATTACK).is_honest()
