"""Wrong answers to the gate."""

import torch
from torch import nn

from attend.course.bank import misconception


@misconception("open", "You use tanh, which is negative half of the time.")
def tanh_for_sigmoid(self, x):
    return torch.tanh(self.layer(x))


@misconception("open", "You return what the layer gives, which may be any number.")
def no_sigmoid(self, x):
    return self.layer(x)


@misconception("open", "Your class closes where it should open.", replaces="Gate")
class Closing(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, 1)

    def open(self, x):
        return torch.sigmoid(-self.layer(x))

    def forward(self, x):
        return self.open(x) * x


@misconception("gated", "You return the gate, not what passes it.")
def gate_alone(self, x):
    return self.open(x)


@misconception("gated", "You add the gate; it multiplies.")
def gate_added(self, x):
    return self.open(x) + x


@misconception("gated", "You hold back what should pass.")
def held_back(self, x):
    return (1 - self.open(x)) * x
