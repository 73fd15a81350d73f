"""How every lab trains: AdamW, one cycle of the learning rate, clipped gradients, a bar, and a checkpoint."""

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from attend.lab.bench import Bench

RATE, BETAS, CLIP = 3e-3, (0.9, 0.98), 1.0


def set_seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def one_cycle(model: nn.Module, steps: int, rate: float = RATE) -> tuple[AdamW, OneCycleLR]:
    """The optimiser and its schedule: up to `rate` in the first tenth of the steps, down to nothing after it."""
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
    """Call `step` on every batch, show how far it is, and return the mean loss of the last steps.

    Args:
        batches: `steps` of them.
        step: one step of the optimiser on one batch; returns the loss.
        schedule: moved on after every step.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
        TimeElapsedColumn(),
    )
    losses: list[float] = []
    with Progress(*columns, console=bench.screen) as progress:
        task = progress.add_task(title, total=steps, loss=float("nan"))
        for batch in batches:
            losses.append(step(batch))
            if schedule is not None:
                schedule.step()
            progress.update(task, advance=1, loss=float(np.mean(losses[-50:])))
    return float(np.mean(losses[-50:]))


def descend(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor, max_norm: float = CLIP
) -> float:
    """One step down the loss's gradient, clipped; for losses that t06's train_step does not make."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=max_norm)
    optimizer.step()
    return float(loss.detach())


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def checkpoint_path(bench: Bench, name: str, topics: Iterable[str]) -> Path:
    """Where a model of this code and this seed is kept: code that does something else is trained anew."""
    digest = bench.code.digest(tuple(topics))
    return bench.folder / f"{name}-{bench.code.folder.name}-seed{bench.seed}-{digest}.pt"


def save(path: Path, content: dict[str, Any]) -> None:
    """Tensors, lists, numbers and text only: `load` reads nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    torch.save(content, unfinished)
    unfinished.replace(path)


def load(path: Path) -> dict[str, Any]:
    return torch.load(path, weights_only=True)
