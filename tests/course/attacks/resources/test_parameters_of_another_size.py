"""Parameters and gradients whose shapes would be broadcast against the test's own are told by their shape."""

import pytest

from .memory import bounded_memory

ATTACK = """
_parameters = AdditiveAttention.named_parameters


def named_parameters(self, *args, **kwargs):
    for name, value in _parameters(self, *args, **kwargs):
        yield name, {value}


AdditiveAttention.named_parameters = named_parameters
"""

VALUES = [
    "nn.Parameter(value.new_zeros(100_000, 1, 1) + value[:1, :1])",
    "value[None].repeat(50, 1, 1).requires_grad_()",
    "nn.Parameter(value.detach().new_zeros(0))",
]


@pytest.mark.parametrize("value", VALUES)
def test_parameters_of_another_size(attack, value):
    with bounded_memory():
        verdict = attack(ATTACK.format(value=value), topic="t09").loses("AdditiveAttention")
    assert "the grader's own" not in verdict.messages and "not graded" not in verdict.messages
