"""`attend gradebook …`: export the points, list what a regrade changed."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings

gradebook_app = typer.Typer(help="Use a gradebook.", rich_markup_mode=None)
app.add_typer(gradebook_app, name="gradebook")

Results = Annotated[
    Path, typer.Argument(help="The folder that `attend grade --out` wrote.", metavar="RESULTS")
]


class Format(StrEnum):
    """The format of an export."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"


@gradebook_app.command()
def export(
    results: Results,
    form: Annotated[Format, typer.Option("--format", help="The platform that imports it.")] = Format.csv,
    out: Annotated[Path | None, typer.Option(help="The file; RESULTS/export-FORMAT.csv if left out.")] = None,
) -> None:
    """Write the points that count, by the [policy] of course.toml. For a spreadsheet or a platform."""
    from attend.cli.instructor_output import print_notes
    from attend.gradebook.exports import export as write_export
    from attend.gradebook.exports import people_not_found
    from attend.gradebook.policy import unmatched_rows
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    with open_gradebook(results) as gradebook:
        target = out or gradebook.path.with_name(f"export-{form.value}.csv")
        for path in write_export(course, gradebook, form.value, target):
            say("wrote {path}", path=path)
        notes = [*unmatched_rows(course, gradebook), people_not_found(gradebook, form.value)]
    print_notes(console(), [note for note in notes if note])


@gradebook_app.command()
def changes(
    results: Results,
    topics: Annotated[list[str] | None, typer.Option("--topic", help="Only these topics.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only what was graded again at this time (UTC) or later.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file; RESULTS/changes.csv if left out.")] = None,
) -> None:
    """List whose points moved when the same submission was graded again, from what to what, and by which tests."""
    from attend.cli.instructor_output import print_changes
    from attend.gradebook.changes import changes as find_changes
    from attend.gradebook.changes import write_changes
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    slugs = {topic.slug for topic in course.select(topics)} if topics else None
    moment = since.replace(tzinfo=since.tzinfo or UTC) if since else None
    with open_gradebook(results) as gradebook:
        found = list(find_changes(gradebook, slugs, moment))
        target = out or gradebook.path.with_name("changes.csv")
        write_changes(found, target)
    print_changes(console(), found)
    say("wrote {target}", target=target)
