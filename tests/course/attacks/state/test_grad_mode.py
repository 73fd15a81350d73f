"""Gradients switched off in one call are on again in the next test."""

ATTACK = """
import torch

_honest = split_concat


def split_concat(*args):
    answer = _honest(*args)
    torch.set_grad_enabled(False)
    return answer
"""


def test_grad_mode(attack):
    verdict = attack(ATTACK, topic="t09")
    assert {row.outcome for row in verdict.grade.exercises if row.exercise != "split_concat"} == {"full"}
