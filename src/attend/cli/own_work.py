"""`attend reset` and `attend update`: change files in a student's copy without losing what was written."""

from pathlib import Path
from typing import Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings
from attend.course.words import how_many


@app.command()
def reset(
    exercise: Annotated[
        str, typer.Argument(help="The exercise as t03.2, or a whole topic as t03.", metavar="EXERCISE")
    ],
) -> None:
    """Bring the stub of an exercise back. Your text is kept in the folder kept/."""
    from attend.checking.reset import reset as bring_back

    course, screen = settings.course(), console()
    [(topic, exercises)] = course.pick([exercise])
    copy = bring_back(course, topic, exercises)
    if copy is None:
        screen.print("nothing to do: it is as it was handed out")
        return
    say(
        "the stub of {exercise} is back; your text is in {copy}",
        screen,
        exercise=exercise,
        copy=copy.relative_to(course.root),
    )


@app.command()
def update(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="The new release: a folder or a zip; the clone's origin when left out.", metavar="RELEASE"
        ),
    ] = None,
) -> None:
    """Take in a new release of the course. What you wrote stays."""
    from attend.checking.update import update as take_in

    course, screen = settings.course(), console()
    result = take_in(course, source)
    say(
        "{files} new or changed; the course is {version} now",
        screen,
        files=how_many(result.files, "file"),
        version=result.version,
    )
    for slug in result.merged:
        say("{slug}: your code is in the new stub", screen, slug=slug)
    for path in result.kept:
        say("your text as it was is in {path}", screen, path=path.relative_to(course.root))
    for note in result.notes:
        say("[yellow]note[/yellow] {note}", screen, note=note)
