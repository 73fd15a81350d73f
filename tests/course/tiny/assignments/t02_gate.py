"""A gate lets a part of its input pass."""

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """A gate with one learned layer.

    >>> gate = Gate(2)
    >>> gate.open(torch.zeros(3, 2)).shape
    torch.Size([3, 1])
    """

    def __init__(self, size: int):
        super().__init__()
        self.layer = nn.Linear(size, 1)

    def open(self, x: Tensor) -> Tensor:
        """How far the gate is open for each row: (B, D) → (B, 1)."""
        raise NotImplementedError("t02.1 open: see docs/topics/t02_gate")

    def forward(self, x: Tensor) -> Tensor:
        """What passes the gate: (B, D) → (B, D)."""
        raise NotImplementedError("t02.2 gated: see docs/topics/t02_gate")
