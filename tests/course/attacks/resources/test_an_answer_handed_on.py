"""What a test hands on from one call to the next, and a replay repeats, stays within the lane's memory and time."""

import pytest

from .memory import bounded_memory

ATTACK = """
def project(self, keys):
    return {answer}


AdditiveAttention.project = project
"""

ANSWERS = {
    "large": "torch.zeros(1_000_000, dtype=torch.float64)",
    "broadcast against the queries": "torch.zeros(1, 400_000, 1, dtype=torch.float64)",
    "many items": "[1] * 60_000",
    "many items, deep": "[[[[[[[[[[[[[[[0] * 60_000]]]]]]]]]]]]]]",
    "a size": "10**15",
    "sizes": "torch.full((3, 4), 2**62)",
    "a text": "'x' * 60_000",
    "itself": "self",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_handed_on(attack, name):
    with bounded_memory():
        verdict = attack(ATTACK.format(answer=ANSWERS[name]), topic="t09").loses("AdditiveAttention")
    assert "the grader's own" not in verdict.messages and "not graded" not in verdict.messages
    assert verdict.grade.seconds < 60
