"""Public tests of the gate."""

import pytest
import torch

from attend.testing import check


@pytest.mark.exercise("open")
def test_a_gate_without_a_weight_is_half_open(student):
    """With weights of zero, a half of everything passes."""
    gate = student.Gate(2)
    gate.load_state_dict({name: torch.zeros_like(value) for name, value in gate.state_dict().items()})
    check.close(gate.open(torch.ones(3, 2)).detach(), torch.full((3, 1), 0.5), what="gate")


@pytest.mark.exercise("gated")
def test_half_of_everything_passes(student):
    """With weights of zero, a half of everything passes."""
    gate = student.Gate(2)
    gate.load_state_dict({name: torch.zeros_like(value) for name, value in gate.state_dict().items()})
    check.close(gate(torch.ones(3, 2)).detach(), torch.full((3, 2), 0.5), what="output")
