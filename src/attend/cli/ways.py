"""`attend ways`: other right ways to write an exercise that is solved."""

from typing import Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings


@app.command()
def ways(
    exercise: Annotated[str, typer.Argument(help="The exercise, as t03.3.", metavar="EXERCISE")],
) -> None:
    """Show other right ways to write an exercise, once yours is right. A sentence says what is better about each."""
    from rich.syntax import Syntax

    from attend.checking.solved import other_ways
    from attend.course.errors import AttendError

    course, screen = settings.course(), console()
    [(topic, exercises)] = course.pick([exercise])
    if len(exercises) != 1:
        raise AttendError(f"name one exercise, for example {topic.exercises[0].label}.")
    [chosen] = exercises
    solved = other_ways(course, topic, chosen)
    if solved.ways is None:
        words = "{label} {name} is not right yet: `attend check {label}` says why"
        say(words, screen, label=chosen.label, name=chosen.name)
        raise typer.Exit(1)
    if not solved.ways:
        say("{label} {name} has no other ways to show", screen, label=chosen.label, name=chosen.name)
        return

    def show(code: str) -> None:
        # a Syntax that is printed would lose what is longer than the screen is wide
        screen.print(Syntax("", "python", background_color="default").highlight(code), soft_wrap=True)

    screen.print("[bold]yours[/bold]")
    show(solved.own)
    for way in solved.ways:
        say("\n[bold]{name}[/bold]: {why}", screen, name=way.name.replace("_", " "), why=way.why)
        show(way.code)
