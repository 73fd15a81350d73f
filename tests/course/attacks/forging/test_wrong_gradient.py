"""Right values with a gradient of one's own making are not right."""

ATTACK = """
import torch


class Lie(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value):
        return value.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 0.5


_honest = AdditiveAttention.forward


def forward(self, *args, **kwargs):
    context, weights = _honest(self, *args, **kwargs)
    return Lie.apply(context), weights


AdditiveAttention.forward = forward
"""


def test_wrong_gradient(attack):
    attack(ATTACK, topic="t09").loses("AdditiveAttention", saying="gradient")
