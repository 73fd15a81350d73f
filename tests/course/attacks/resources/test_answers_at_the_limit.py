"""Answers just within every limit, in every call, cost the exercise its points and the grader nothing."""

import pytest

from .memory import bounded_memory

ATTACK = """
import numpy as np


def deep(depth):
    tree = []
    for _ in range(depth):
        tree = [tree]
    return tree


def decode(*args, **kwargs):
    return {answer}
"""

ANSWERS = {
    "items": "[0] * 199_999",
    "items in a tuple of two": "([0] * 64_000, np.zeros((0, 9)))",
    "a header of the largest size": '["x" * 65_000, 0]',
    "depth": "deep(15)",
    "depth and one more": "deep(16)",
    "arrays": "[np.zeros(1)] * 3000",
    "bytes": "([0], np.zeros((1 << 20) - 1600))",
    "a column": "([0], np.zeros(((1 << 20) - 1600, 1)))",
    "integers": "([2**63 - 1, -2**63], {2**63 - 1: 0})",
    "no rows but long ones": "([0], np.zeros((0, 2**31 - 1)))",
    "sixteen axes": "([0], np.zeros((1,) * 16))",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_at_the_limit(attack, name):
    with bounded_memory():
        verdict = attack(ATTACK.format(answer=ANSWERS[name])).loses("decode", points=0)
    assert verdict.row("decode").outcome == "wrong", verdict.messages
    assert "the grader's own" not in verdict.messages
