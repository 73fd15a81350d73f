"""An inference mode that is entered and never left costs its own exercise only."""

ATTACK = """
import torch

_honest = split_concat
mode = torch.inference_mode()


def split_concat(*args):
    mode.__enter__()
    return _honest(*args)
"""


def test_inference_mode(attack):
    verdict = attack(ATTACK, topic="t09")
    assert {row.outcome for row in verdict.grade.exercises if row.exercise != "split_concat"} == {"full"}
