"""`attend examples`: a student's own examples of what a function should return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings

if TYPE_CHECKING:
    from rich.console import Console

    from attend.testing.examples import Judged


@app.command()
def examples(
    topic: Annotated[str, typer.Argument(help="The topic as t03, or an exercise as t03.2.", metavar="TOPIC")],
) -> None:
    """Write down what a function should return before you write it. Your examples are checked, and rated.

    The first call makes the file examples/SLUG.txt. An example is good if it is right, and if known mistakes answer
    otherwise.
    """
    from attend.checking.examples_file import begin, judged_file
    from attend.testing.small_table import SmallTable

    course, screen = settings.course(), console()
    [(chosen, exercises)] = course.pick([topic])
    table = SmallTable.read(course.small_calls(chosen))
    is_new = not course.examples(chosen).exists()
    path = begin(course, chosen, table)
    if is_new:
        say(
            "wrote {path}; write examples into it, then run this again",
            screen,
            path=path.relative_to(course.root),
        )
        return
    judged, unreadable = judged_file(course, chosen, table)
    picked = [each for each in judged if not exercises or each.exercise in exercises]
    for example in unreadable:
        say("line {line}: {problem}", screen, line=example.line, problem=example.problem)
    for each in picked:
        _print(screen, each)
    if unreadable or any(each.wrong or each.unknown for each in picked):
        raise typer.Exit(1)


def _print(screen: Console, judged: Judged) -> None:
    exercise = judged.exercise
    if judged.is_empty:
        say("{label} {name}: no example yet", screen, label=exercise.label, name=exercise.name)
        return
    mark = "[red]✗[/red]" if judged.wrong or judged.unknown else "[green]✓[/green]"
    words = judged.summary
    say(mark + " {label} {name}: {words}", screen, label=exercise.label, name=exercise.name, words=words)
    for line, remark in judged.remarks.items():
        say("  line {line}: {remark}", screen, line=line, remark=remark)
