"""Twins are drawn from a seed without a trace in PyTorch."""

import pytest
import torch

from attend.student import settings
from attend.student.handle import Student
from attend.student.local import LocalBackend
from attend.testing import check


def test_it_draws_as_after_manual_seed():
    torch.manual_seed(5)
    expected = torch.randn(4)
    with settings.seeded(5):
        assert torch.equal(torch.randn(4), expected)


@pytest.mark.parametrize("error", [None, ValueError])
def test_afterwards_the_generator_goes_on_as_before(error):
    torch.manual_seed(9)
    expected = torch.randn(3)
    torch.manual_seed(9)
    try:
        with settings.seeded(5):
            torch.randn(7)
            if error:
                raise error
    except ValueError:
        pass
    assert torch.equal(torch.randn(3), expected)


def test_a_twin_leaves_nothing_behind_in_a_process_that_grades_thousands(tiny):
    """torch.manual_seed keeps the whole stack, for each kind of device that is missing, at every call."""
    from attend.student.module import load_module

    topic = tiny.topic("t02")
    reference = load_module(tiny.solution(topic).read_text(encoding="utf-8"), "gate", "gate.py")
    queues = [torch.cuda._queued_calls, torch.xpu._queued_calls, torch.mtia._queued_calls]
    before = list(map(len, queues))
    handle, module = check.twin(Student(LocalBackend(reference)), reference, "Gate", 3)
    assert handle.state_shapes() == {name: tuple(each.shape) for name, each in module.state_dict().items()}
    assert list(map(len, queues)) == before
