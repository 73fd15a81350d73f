"""`attend gradebook …`: export the points, list what a regrade changed."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings
from attend.course.words import how_many

if TYPE_CHECKING:
    from attend.gradebook.store import Gradebook

gradebook_app = typer.Typer(help="Use a gradebook.", rich_markup_mode=None)
app.add_typer(gradebook_app, name="gradebook")

Results = Annotated[
    Path, typer.Argument(help="The folder that `attend grade --out` wrote.", metavar="RESULTS")
]

RosterOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--roster",
        help="Who is in the class: Canvas's gradebook, Moodle's grading worksheet or participants, Gradescope's "
        "roster, or a table with student, name, email or sid, and section. Several tables are put together. It is kept.",
        metavar="FILE",
    ),
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
    roster: RosterOption = None,
    sections: Annotated[
        list[str] | None, typer.Option("--section", help="Only this section of the roster.")
    ] = None,
) -> None:
    """Write the points that count, by the [policy] of course.toml. For a spreadsheet or a platform."""
    from attend.cli.instructor_output import print_notes
    from attend.gradebook.exports import export as write_export
    from attend.gradebook.exports import people_not_found
    from attend.gradebook.policy import policy_notes
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    with open_gradebook(results) as gradebook:
        notes = [*keep_roster(gradebook, roster), *gradebook.members().notes]
        target = out or gradebook.path.with_name(f"export-{form.value}.csv")
        for path in write_export(course, gradebook, form.value, target, sections or ()):
            say("wrote {path}", path=path)
        notes += [*policy_notes(course, gradebook), people_not_found(gradebook, form.value)]
    print_notes(console(), [note for note in notes if note])


def keep_roster(gradebook: Gradebook, paths: list[Path] | None) -> list[str]:
    """Read a roster, of one or several tables, into the gradebook, if one is named; sentences about rows left out."""
    from attend.submissions.roster import read_roster
    from attend.submissions.roster_match import put_together

    if not paths:
        return []
    entries, notes = put_together([read_roster(path) for path in paths])
    gradebook.set_roster(entries)
    return notes


@gradebook_app.command()
def fill(
    results: Results,
    file: Annotated[
        Path,
        typer.Argument(
            help="Canvas's gradebook, Moodle's grading worksheet, or another table, as you downloaded it.",
            metavar="FILE",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="The filled file; RESULTS/filled-FILE if left out.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            help="Which column is for a topic, if it is not called after it; for Moodle's worksheet the topic.",
            metavar="TOPIC=TITLE",
        ),
    ] = None,
) -> None:
    """Fill the points that count into a platform's own file. All else in it stays as the platform wrote it."""
    from attend.cli.instructor_output import print_notes
    from attend.gradebook.fill import fill as fill_file
    from attend.gradebook.policy import policy_notes
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    named = {topic: title for topic, _, title in (each.partition("=") for each in columns or ())}
    with open_gradebook(results) as gradebook:
        target = out or gradebook.path.with_name(f"filled-{file.name}")
        filled = fill_file(course, gradebook, file, target, named)
        notes = [*filled.notes, *policy_notes(course, gradebook)]
    for slug, title in filled.columns.items():
        say("{slug} is in the column {title}", slug=slug, title=title)
    print_notes(console(), notes)
    kept = f", left {filled.kept} as they were (not handed in, or excused)," if filled.kept else ""
    say("filled {cells} cells{kept} and wrote {target}", cells=filled.cells, kept=kept, target=target)


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


@gradebook_app.command()
def pseudonymise(
    results: Results,
    out: Annotated[
        Path | None, typer.Option(help="The copy; a file beside the gradebook if left out.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="The table that says who is who, to be kept to yourself; RESULTS/pseudonyms.csv if left out."
        ),
    ] = None,
) -> None:
    """Copy the gradebook without names. A student has the same pseudonym in every copy made with the same key."""
    from attend.gradebook.pseudonyms import pseudonymise as write_copy
    from attend.gradebook.store import open_gradebook

    with open_gradebook(results) as gradebook:
        copy = out or gradebook.path.with_name("pseudonymised.sqlite")
        table = key or gradebook.path.with_name("pseudonyms.csv")
        count = write_copy(gradebook, copy, table)
    say("wrote {copy}, a copy of {count} without names", copy=copy, count=how_many(count, "student"))
    say("{table} says who is who: keep it apart from the copy", table=table)


@gradebook_app.command()
def erase(
    results: Results,
    student: Annotated[
        str,
        typer.Argument(help="The name in the gradebook, an email address or a number.", metavar="STUDENT"),
    ],
) -> None:
    """Erase everything of a student: grades, facts about the person, feedback pages, rows of tables."""
    from attend.cli.instructor_output import print_notes, say_waiting
    from attend.course.lock import locked
    from attend.gradebook.erase import erase as erase_student
    from attend.gradebook.store import LOCK, open_gradebook

    course = settings.course()
    with open_gradebook(results) as gradebook:
        folder = gradebook.path.parent
        with locked(folder / LOCK, partial(say_waiting, folder)):
            erased = erase_student(course, gradebook, student)
    say(
        "erased {student}: {topics}, {pages}",
        student=erased.student,
        topics=how_many(erased.topics, "hand-in"),
        pages=how_many(erased.pages, "feedback page"),
    )
    for path in erased.files:
        say("removed {path}, which may have named the student; it can be made again", path=path)
    print_notes(console(), [f"{where} still names the student" for where in erased.left])
    say("what was handed in is not touched: remove it too, or the next grading brings the student back")
