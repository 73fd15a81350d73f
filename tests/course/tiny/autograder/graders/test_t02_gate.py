"""Hidden graders of the gate."""

import pytest
import torch

from attend.testing import check


def some(torch_rng, *shape):
    return torch.randn(*shape, generator=torch_rng, dtype=torch.float64, requires_grad=True)


@pytest.mark.exercise("open")
def test_a_gate_is_open_by_a_sigmoid(student, reference, torch_rng):
    """How far the gate is open is a sigmoid of the layer's output."""
    gate, module = check.twin(student, reference, "Gate", 3)
    check.agrees(gate.open, module.open, some(torch_rng, 4, 3), what="gate")


@pytest.mark.exercise("open")
def test_a_gate_of_another_size(student, reference, torch_rng):
    """Any size will do."""
    gate, module = check.twin(student, reference, "Gate", 5)
    check.agrees(gate.open, module.open, some(torch_rng, 2, 5), what="gate")


@pytest.mark.exercise("gated")
def test_what_passes_the_gate(student, reference, torch_rng):
    """Every row is multiplied by its gate."""
    gate, module = check.twin(student, reference, "Gate", 3)
    check.agrees(gate, module, some(torch_rng, 4, 3), what="output")


@pytest.mark.exercise("gated")
def test_what_passes_a_gate_of_another_size(student, reference, torch_rng):
    """Any size will do."""
    gate, module = check.twin(student, reference, "Gate", 5)
    check.agrees(gate, module, some(torch_rng, 2, 5), what="output")
