"""A default dtype set in one call is set back before the next test, and was never another submission's."""

ATTACK = """
import torch

_honest = split_concat


def split_concat(*args):
    torch.set_default_dtype(torch.float16)
    return _honest(*args)
"""


def test_default_dtype(attack):
    attack(ATTACK, topic="t09").is_honest()
