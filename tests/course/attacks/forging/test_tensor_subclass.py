"""A tensor subclass that answers every torch function with True is not taken for a tensor."""

ATTACK = """
import torch


class Agreeable(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


def split_concat(W, *args):
    return W.as_subclass(Agreeable), W.as_subclass(Agreeable)
"""


def test_tensor_subclass(attack):
    attack(ATTACK, topic="t09").loses("split_concat", saying="of a class of its own", points=0)
