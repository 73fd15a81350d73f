"""`attend feedback`: write students' pages, and archives by which platforms take them back."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from attend.cli import app
from attend.cli.gradebook import Results
from attend.cli.settings import console, say, settings
from attend.course.words import how_many


class _Feedback(typer.core.TyperGroup):
    """`attend feedback RESULTS` is short for `attend feedback pages RESULTS`."""

    def parse_args(self, context: Any, arguments: list[str]) -> list[str]:
        known = (*self.commands, "-h", "--help")
        return super().parse_args(
            context, arguments if arguments[:1] and arguments[0] in known else ["pages", *arguments]
        )


feedback_app = typer.Typer(
    cls=_Feedback, help="Write students' pages, or give them back.", rich_markup_mode=None
)
app.add_typer(feedback_app, name="feedback")


class Platform(StrEnum):
    """Where feedback goes back to."""

    moodle = "moodle"
    canvas = "canvas"
    gradescope = "gradescope"
    mail = "mail"


@feedback_app.command("pages")
def feedback(
    results: Results,
    out: Annotated[Path | None, typer.Option(help="The folder; RESULTS/feedback if left out.")] = None,
    students: Annotated[list[str] | None, typer.Option("--student", help="Only these students.")] = None,
) -> None:
    """Write the feedback pages again from a gradebook; `attend feedback RESULTS` does the same."""
    from attend.cli.instructor_output import progress_bar, total_only
    from attend.course.errors import AttendError
    from attend.gradebook.publish import write_pages
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    with open_gradebook(results) as gradebook:
        target = out or gradebook.path.with_name("feedback")
        with progress_bar("writing", gradebook.count()) as show:
            written = write_pages(
                course,
                gradebook,
                target,
                students=set(students) if students else None,
                report=total_only(show),
            )
    if not written:
        raise AttendError(f"{results} holds no grade of {', '.join(students or ['anybody'])}.")
    say("wrote {count} to {target}", count=how_many(written, "page"), target=target)


@feedback_app.command("export")
def export_feedback(
    results: Results,
    platform: Annotated[Platform, typer.Option("--for", help="Where the feedback goes back to.")],
    out: Annotated[
        Path | None, typer.Option(help="The zip; RESULTS/feedback-PLATFORM.zip if left out.")
    ] = None,
    topics: Annotated[
        list[str] | None, typer.Option("--topic", help="Only what was handed in for these topics.")
    ] = None,
) -> None:
    """Write a zip in the platform's layout for returned files, with one page a student for all topics."""
    from attend.cli.instructor_output import print_notes
    from attend.gradebook.policy import policy_notes
    from attend.gradebook.returns import export_feedback as write_archive
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    slugs = {topic.slug for topic in course.select(topics)} if topics else None
    with open_gradebook(results) as gradebook:
        target = out or gradebook.path.with_name(f"feedback-{platform.value}.zip")
        returned = write_archive(course, gradebook, platform.value, target, slugs)
        notes = [*returned.notes, *policy_notes(course, gradebook)]
    print_notes(console(), notes)
    nothing = f"; {returned.nothing} without feedback" if returned.nothing else ""
    say(
        "wrote {target}: {files} for {students}{nothing}",
        nothing=nothing,
        target=target,
        files=how_many(returned.files, "file"),
        students=how_many(returned.students, "student"),
    )
