"""The training loop of every lab: AdamW, one cycle of the learning rate, clipped gradients, a bar, a checkpoint."""

import random
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from attend.course.atomic_file import whole_file
from attend.lab.context import Bench, Report
from attend.lab.progress_bars import reporting

RATE, BETAS, CLIP = 3e-3, (0.9, 0.98), 1.0
M = TypeVar("M", bound=nn.Module)


def set_seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def one_cycle(model: nn.Module, steps: int, rate: float = RATE) -> tuple[AdamW, OneCycleLR]:
    """The optimiser and its schedule: up to `rate` in the first tenth of the steps, then down to almost zero."""
    optimizer = AdamW(model.parameters(), lr=rate, betas=BETAS, weight_decay=0.0)
    return optimizer, OneCycleLR(optimizer, rate, total_steps=max(steps, 2), pct_start=0.1)


def train(
    bench: Bench,
    title: str,
    batches: Iterable[Any],
    steps: int,
    step: Callable[[Any], float],
    schedule: LRScheduler | None = None,
) -> float:
    """Call `step` on every batch, show the progress, and return the mean loss of the last 50 steps.

    Args:
        batches: `steps` of them.
        step: one step of the optimiser on one batch; returns the loss.
        schedule: advanced after every step.
    """
    losses: list[float] = []
    with reporting(bench) as report:
        for batch in batches:
            losses.append(step(batch))
            if schedule is not None:
                schedule.step()
            report(Report(title, len(losses), steps, float(np.mean(losses[-50:]))))
    return float(np.mean(losses[-50:]))


def trained(
    bench: Bench, name: str, topics: Iterable[str], size: Any, build: Callable[[], M], fit: Callable[[M], Any]
) -> M:
    """The model that `build` makes, trained by `fit`; or from its checkpoint, where code, seed and size are the same.

    Args:
        topics: the topics whose functions are used.
        size: a dataclass with all other settings of the training.
    """
    set_seed(bench.seed)
    model = build()
    path = checkpoint_path(bench, name, topics)
    if kept := read_checkpoint(bench, path, size):
        model.load_state_dict(kept["weights"])
        # so that the random numbers after it are the same
        torch.set_rng_state(kept["random"])
    else:
        fit(model)
        save(path, {"size": asdict(size), "weights": model.state_dict(), "random": torch.get_rng_state()})
    return model.eval()


def descend(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor, max_norm: float = CLIP
) -> float:
    """One optimiser step on a loss, with clipped gradients; for losses that t06's train_step does not compute."""
    optimizer.zero_grad()
    loss.backward()
    clip_grad_norm_(model.parameters(), max_norm=max_norm)
    optimizer.step()
    return float(loss.detach())


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def checkpoint_path(bench: Bench, name: str, topics: Iterable[str]) -> Path:
    """The file of a model of this code and this seed; with other code the name is another one."""
    digest = bench.code.digest(tuple(topics))
    return bench.folder / f"{name}-{bench.code.folder.name}-seed{bench.seed}-{digest}.pt"


def save(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint. `content` holds only tensors, lists, numbers and text: `read_checkpoint` reads nothing else."""
    with whole_file(path) as part:
        torch.save(content, part)


def read_checkpoint(bench: Bench, path: Path, size: Any) -> dict[str, Any] | None:
    """The checkpoint of a training of this size; None where there is none, or where all is trained again."""
    if bench.retrain or not path.exists():
        return None
    content: dict[str, Any] = torch.load(path, weights_only=True)
    return content if content["size"] == asdict(size) else None
