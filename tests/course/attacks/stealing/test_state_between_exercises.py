"""What the tests of one exercise passed in is not there any more in the next: each has a worker of its own."""

ATTACK = """
import builtins
import sys

assert not hasattr(builtins, "seen") and not hasattr(sys.modules["numpy"], "seen")
builtins.seen = []
_honest = softmax


def softmax(scores, axis=-1):
    builtins.seen.append(scores.tobytes())
    sys.modules["numpy"].seen = True
    return _honest(scores, axis)

"""


def test_state_between_exercises(attack):
    attack(ATTACK).is_honest()
