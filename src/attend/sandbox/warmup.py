"""A worker's whole life, once, in the zygote: what has run there need not run for the first time in every fork."""

import linecache
import socket
import sys

import numpy as np

from attend.sandbox import worker
from attend.sandbox.connection import Connection, frame
from attend.student.protocol import Request, tree_of

_NUMPY = '''
"""A module like those that are handed in."""

import numpy as np
from jaxtyping import Bool, Float, Int


def weigh(scores: Float[np.ndarray, "T S"], mask: Bool[np.ndarray, "S"] | None = None) -> Float[np.ndarray, "T S"]:
    """Weights of scores."""
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def read(queries: Float[np.ndarray, "T D"], keys: Float[np.ndarray, "S D"]) -> dict:
    """What a decoder reads, in several ways."""
    scores = queries @ keys.T / np.sqrt(queries.shape[-1])
    weights = weigh(scores, np.arange(len(keys)) > 0)
    context = np.einsum("ts,sd->td", weights, keys)
    steps = [np.tanh(np.dot(row, keys.T)) for row in queries]
    return {"context": context, "steps": np.stack(steps), "best": int(weights.argmax()), "all": (weights, steps)}


def refuse(length: Int[np.ndarray, ""]) -> None:
    raise ValueError(f"length must be 1 or more, got {length}")


def later() -> None:
    raise NotImplementedError("later")
'''

_TORCH = """
import torch
from jaxtyping import Float
from torch import Tensor, nn


class Scorer(nn.Module):
    def __init__(self, size: int):
        super().__init__()
        self.W = nn.Linear(size, size, bias=False)
        self.cell = nn.LSTMCell(size, size)

    def forward(self, query: Float[Tensor, "B D"], keys: Float[Tensor, "B S D"]) -> tuple[Tensor, Tensor]:
        state, _ = self.cell(query)
        scores = torch.einsum("bd,bsd->bs", self.W(state), keys).masked_fill(torch.zeros(1, 1) > 0, -torch.inf)
        weights = scores.softmax(dim=-1)
        return (weights[:, None] @ keys).squeeze(1), weights
"""


def rehearse(library: str) -> None:
    """Load a module and answer requests of each kind, in this process."""
    ones = np.ones((3, 4))
    requests = [
        Request("call", "read", args=(ones, ones), seed=1),
        Request("call", "weigh", args=(ones,), kwargs={"mask": np.ones(4, dtype=bool)}, seed=2),
        Request("call", "refuse", args=(0,)),
        Request("call", "later"),
        Request("call", "missing"),
    ]
    if library == "torch":
        import torch

        inputs = (
            torch.ones(2, 4, dtype=torch.float64, requires_grad=True),
            torch.ones(2, 3, 4, dtype=torch.float64),
        )
        requests += [
            Request("call", "Scorer", args=(4,), seed=3),
            Request("method", "double", object=0),
            Request("parameters", object=0),
            Request("method", "__call__", object=0, args=inputs, wrt=(0,)),
            Request("method", "state_dict", object=0),
        ]
    text = _NUMPY + (_TORCH if library == "torch" else "")
    scripts = [[tree_of(request) for request in requests]]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Connection(ours).send_bytes(
            frame(0, "load", ["rehearsal.py", text, None, None]) + frame(1, "scripts", scripts)
        )
        ours.shutdown(socket.SHUT_WR)
        worker.serve(Connection(theirs))
    del sys.modules[worker.MODULE_NAME], linecache.cache["rehearsal.py"]
