"""A signal that kills the worker in the middle of a call costs that call's exercise only."""

ATTACK = """
import signal


def decode(*args, **kwargs):
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    signal.pause()
"""


def test_alarm(attack):
    attack(ATTACK).loses("decode", outcome="crash", saying="died of SIGALRM", points=0)
