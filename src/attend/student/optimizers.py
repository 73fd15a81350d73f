"""PyTorch's optimisers without its compiler, which they import on first use: more than a second of a student's wait."""

from functools import cache
from inspect import unwrap

import torch
from torch.optim import Optimizer


def new_optimizer(name: str, module: torch.nn.Module, *args, **settings) -> Optimizer:
    """`torch.optim.<name>` over the parameters of `module`."""
    return _without_compiler(name)(module.parameters(), *args, **settings)


@cache
def _without_compiler(name: str) -> type[Optimizer]:
    """A subclass that never asks the compiler to keep out of its methods: nothing here is ever compiled.

    A PyTorch that wraps them in another way only imports the compiler again.
    """
    for method in vars(Optimizer).values():
        plain = getattr(method, "__wrapped__", None)
        if plain is not None:
            setattr(plain, "__dynamo_disable", plain)  # noqa: B010 - where torch._disable_dynamo keeps its wrapper
    cls = getattr(torch.optim, name)
    return type(name, (cls,), {"step": torch.no_grad()(unwrap(cls.step))})
