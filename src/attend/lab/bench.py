"""What every lab gets and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from attend.lab.code import Code


@dataclass(frozen=True)
class Bench:
    """Whose code, which seed, where checkpoints are kept and where progress is shown."""

    code: Code
    seed: int = 0
    folder: Path = Path(".attend/lab")
    screen: Console = field(default_factory=lambda: Console(highlight=False))


@dataclass(frozen=True)
class Outcome:
    """A lab's end: a line of figures, the numbers behind it, and pictures as SVG text by file name."""

    line: str
    data: dict[str, Any]
    pictures: dict[str, Callable[[], str]]  # drawn only when they are wanted
