"""What every lab is called with, and what it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from attend.lab.modules import Code


@dataclass(frozen=True)
class Report:
    """How far a training has come."""

    title: str
    done: int
    steps: int
    loss: float


@dataclass(frozen=True)
class Bench:
    """The settings of a run.

    code: the modules that are used.
    folder: where checkpoints are kept.
    retrain: train also where there is a checkpoint.
    lanes: how many models may be trained at once, each in a process of its own.
    report: in such a process, what receives its reports.
    """

    code: Code
    seed: int = 0
    folder: Path = Path(".attend/lab")
    screen: Console = field(default_factory=lambda: Console(highlight=False))
    retrain: bool = False
    lanes: int = 1
    report: Callable[[Report], None] | None = None


@dataclass(frozen=True)
class Outcome:
    """The results of a lab: a line of figures, all numbers, and functions that draw pictures as SVG, by file name."""

    line: str
    data: dict[str, Any]
    pictures: Mapping[str, Callable[[], str]]
    checkpoints: tuple[Path, ...]
