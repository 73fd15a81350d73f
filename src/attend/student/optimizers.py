"""PyTorch's optimisers without PyTorch's compiler, which they import on first use: that takes more than a second."""

from functools import cache
from inspect import unwrap
from typing import Any

import torch
from torch.optim import Optimizer


def new_optimizer(name: str, module: torch.nn.Module, *args: Any, **settings: Any) -> Optimizer:
    """`torch.optim.<name>` over the parameters of `module`."""
    return _without_compiler(name)(module.parameters(), *args, **settings)


@cache
def _without_compiler(name: str) -> type[Optimizer]:
    """A subclass whose methods do not import the compiler, which they do only to be left out of compilation.

    With a version of PyTorch that wraps the methods in another way, the compiler is imported and all works the same.
    """
    for method in vars(Optimizer).values():
        plain = getattr(method, "__wrapped__", None)
        if plain is not None:
            setattr(plain, "__dynamo_disable", plain)  # noqa: B010 - where torch._disable_dynamo keeps its wrapper
    cls = getattr(torch.optim, name)
    return type(name, (cls,), {"step": torch.no_grad()(unwrap(cls.step))})
