"""What every lab gets and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from attend.lab.modules import Code


@dataclass(frozen=True)
class Report:
    """How far a training is."""

    title: str
    done: int
    steps: int
    loss: float


@dataclass(frozen=True)
class Bench:
    """Whose code, which seed, where checkpoints are kept and how progress is shown."""

    code: Code
    seed: int = 0
    folder: Path = Path(".attend/lab")
    screen: Console = field(default_factory=lambda: Console(highlight=False))
    retrain: bool = False  # whatever was kept
    lanes: int = 1  # how many models may be trained at once, each in a process of its own
    report: Callable[[Report], None] | None = None  # in such a process: who shows how far it is


@dataclass(frozen=True)
class Outcome:
    """A lab's end: a line of figures, the numbers behind it, and pictures as SVG text by file name."""

    line: str
    data: dict[str, Any]
    pictures: dict[str, Callable[[], str]]  # drawn only when they are wanted
    checkpoints: tuple[Path, ...]
