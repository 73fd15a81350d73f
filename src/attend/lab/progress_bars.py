"""Progress bars for one or several trainings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from attend.lab.context import Bench, Report


class Bars:
    """A bar for each of several trainings."""

    def __init__(self, screen: Console):
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TimeElapsedColumn(),
            console=screen,
        )
        self._tasks: dict[str, TaskID] = {}

    def begin(self, name: str) -> None:
        """Add a bar for a training that has not reported yet."""
        self._tasks[name] = self._progress.add_task(name, total=None, loss="–")

    def show(self, report: Report, name: str = "") -> None:
        if name not in self._tasks:
            self.begin(name)
        self._progress.update(
            self._tasks[name],
            description=report.title,
            total=report.steps,
            completed=report.done,
            loss=f"{report.loss:.3f}",
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


@contextmanager
def reporting(bench: Bench) -> Iterator[Callable[[Report], None]]:
    """A function that takes the reports of a training: it shows them on a bar, or is the bench's own."""
    if bench.report is not None:
        yield bench.report
    else:
        with Bars(bench.screen) as bars:
            yield bars.show
