"""A default device on which nothing is computed gives no answers that cross."""

ATTACK = """
import torch

_honest = split_concat


def split_concat(W, *args):
    torch.set_default_device("meta")
    return torch.empty(3), torch.empty(3)
"""


def test_default_device(attack):
    attack(ATTACK, topic="t09").loses("split_concat", points=0)
