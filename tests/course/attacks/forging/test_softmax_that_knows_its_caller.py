"""A softmax that is right when the grader calls it, and wrong when the student's own code does, fools nobody."""

ATTACK = """
import sys

_right = softmax


def softmax(scores, axis=-1):
    weights = _right(scores, axis)
    return weights if sys._getframe(1).f_code.co_filename != __file__ else weights + 1.0
"""


def test_softmax_that_knows_its_caller(attack):
    verdict = attack(ATTACK)
    assert verdict.row("softmax").outcome == "full"
    assert verdict.row("masked_softmax").outcome not in ("full", "carried")
