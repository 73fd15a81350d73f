"""The other side of it: right answers on top of a wrong softmax are carried, so the defence costs nobody."""

ATTACK = """
import numpy as np


def softmax(scores, axis=-1):
    exp = np.exp(scores)
    return exp / exp.sum(axis=axis, keepdims=True)
"""


def test_honest_on_a_mistake(attack):
    verdict = attack(ATTACK)
    assert verdict.row("softmax").diagnosis == "no_shift"
    assert all(row.outcome in ("full", "carried") for row in verdict.grade.exercises[1:])
