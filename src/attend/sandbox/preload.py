"""What a process imports and touches before it forks others that run students' code."""

import importlib
import pkgutil

from attend import student
from attend.course.threads import use_one_thread


def warm(library: str) -> None:
    """Import and touch what workers would otherwise pay for one by one, on one thread."""
    import random  # noqa: F401

    import jaxtyping  # noqa: F401
    import numpy as np

    np.linalg.svd(np.eye(3))
    np.random.default_rng(0).normal(size=3)
    if library == "torch":
        import torch

        use_one_thread()
        _warm_torch(torch)


def _warm_torch(torch) -> None:
    # where a worker can open no file, all that it imports for a request must be imported before
    for found in pkgutil.iter_modules(student.__path__, f"{student.__name__}."):
        importlib.import_module(found.name)
    module = torch.nn.GRU(3, 4, bidirectional=True, batch_first=True)
    optimizer = torch.optim.Adam(module.parameters())
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.ones(2, 3, 3), torch.tensor([3, 2]), batch_first=True
    )
    module(packed)[1].sum().backward()
    optimizer.step()
    torch.nn.LSTM(3, 4)(torch.ones(2, 1, 3))
    torch.nn.MultiheadAttention(4, 2)(*[torch.ones(2, 1, 4)] * 3)
    torch.nn.functional.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2))
    torch.linalg.norm(torch.ones(3))
