"""Print verdicts on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

# `attend progress` imports this module; it needs no numpy
if TYPE_CHECKING:
    from attend.testing.verdict import ExerciseVerdict, TopicCheck


MARKS = {
    "passed": "[green]✓[/green]",
    "failing": "[red]✗[/red]",
    "waiting": "[yellow]·[/yellow]",
    "todo": "[yellow]·[/yellow]",
}


def print_check(screen: Console, result: TopicCheck) -> None:
    """Print a line for each verdict; under a wrong one the call, what is wrong and where to read on."""
    title = f"{result.topic.number} {escape(result.topic.title)}"
    if result.problem:
        screen.print(f"[bold]{title}[/bold]\n  [red]✗[/red] {escape(result.problem)}", soft_wrap=True)
        if result.line:
            print_row(screen, "line", result.line)
        return
    if len(result.verdicts) == len(result.topic.exercises) and _untouched(result):
        screen.print(
            f"[bold]{title}[/bold]  [dim]not begun; write in assignments/{result.topic.slug}.py[/dim]",
            soft_wrap=True,
        )
        return
    screen.print(f"[bold]{title}[/bold]")
    for verdict in result.verdicts:
        print_verdict(screen, verdict)
    for note in result.notes:
        print_row(screen, "note", note)


def _untouched(result: TopicCheck) -> bool:
    return all(verdict.state == "todo" and verdict.is_stub for verdict in result.verdicts)


def print_verdict(screen: Console, verdict: ExerciseVerdict) -> None:
    """One line for the exercise, and a row for each thing there is to say about its failures."""
    exercise, mark = verdict.exercise, MARKS[verdict.state]
    screen.print(f"  {mark} {exercise.label} {escape(exercise.name)}  [dim]{verdict.remark}[/dim]")
    for label, text in verdict.details():
        print_row(screen, label, text)


def print_row(screen: Console, label: str, text: str) -> None:
    """A label and a text below an exercise; further lines of the text are indented."""
    body = escape(text).replace("\n", "\n" + " " * 16)
    screen.print(f"      [dim]{label:<9}[/dim] {body}", soft_wrap=True)
