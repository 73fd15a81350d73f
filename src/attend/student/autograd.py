"""Let autograd pass through a call whose graph is kept in the student's process."""

from typing import Any

import torch

from attend.student import values
from attend.student.protocol import Request, Result


class KeptCall(torch.autograd.Function):
    """Outputs that the student's code computed, as a function of the test's inputs: `backward` asks the student's side."""

    @staticmethod
    def forward(ctx: Any, student: Any, call: int, outputs: list[torch.Tensor], *inputs: torch.Tensor) -> Any:
        """Copies of the student's outputs, in this process's graph."""
        ctx.student, ctx.call = student, call
        ctx.set_materialize_grads(False)
        return tuple(output.detach().clone() for output in outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *cotangents: torch.Tensor | None) -> Any:
        """The gradients of the inputs: the student's side runs its own backward pass on `cotangents`."""
        return (None, None, None, *ctx.student._ask(Request("backward", args=(ctx.call, list(cotangents)))))


def attach(student: Any, result: Result, inputs: list[torch.Tensor]) -> Any:
    """The result's value with its differentiable tensors as outputs of a KeptCall on `inputs`."""
    outputs = [leaf for leaf in values.tensors(result.value) if leaf.requires_grad]
    attached = iter(KeptCall.apply(student, result.call, outputs, *inputs))

    def leaf(value: Any) -> Any:
        return next(attached) if values.is_tensor(value) and value.requires_grad else value

    return values.map_leaves(result.value, leaf)
