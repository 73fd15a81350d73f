"""An object that runs a command when it is unpickled never is: nothing on the wire is a pickle."""

ATTACK = """
import os
import pickle


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/owned-by-a-pickle",)


def context_vector(weights, annotations):
    return pickle.dumps(Bomb())


def decode(*args, **kwargs):
    return Bomb()
"""


def test_pickles(attack):
    verdict = attack(ATTACK)
    assert verdict.row("context_vector").points == verdict.row("decode").points == 0
    assert "it returned bytes" in verdict.messages
