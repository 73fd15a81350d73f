"""`attend import`: take work from a page of the site or from another machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings

if TYPE_CHECKING:
    from attend.course.syllabus import Course


@app.command("import")
def import_work(
    source: Annotated[
        str,
        typer.Argument(
            help="A module, a hand-in, or a progress code from a page of the site.", metavar="CODE-OR-FILE"
        ),
    ],
) -> None:
    """Take in work from the browser or another machine. The text that was in assignments/ is kept in kept/.

    A file replaces your module of its topic. A progress code marks exercises as passed, until the next check.
    """
    from attend.checking.import_work import import_file
    from attend.checking.progress_code import looks_like_code
    from attend.course.errors import AttendError

    course, screen, path = settings.course(), console(), Path(source)
    if not path.is_file():
        if looks_like_code(source):
            _import_code(course, source)
            return
        raise AttendError(f"{source} is no file, and no progress code, which begins with `attend-`.")
    for found in import_file(course, path):
        for note in found.notes:
            say("[yellow]note[/yellow] {note}", screen, note=note)
        name = found.path.relative_to(course.root)
        if not found.is_new:
            say("{name} is the same already", screen, name=name)
            continue
        say(
            "{name} is written; `attend check {topic}` checks it", screen, name=name, topic=found.topic.number
        )
        if found.kept:
            say("the text that was there is in {kept}", screen, kept=found.kept.relative_to(course.root))


def _import_code(course: Course, code: str) -> None:
    from attend.checking.progress import StudentProgress
    from attend.checking.progress_code import decode

    exercises = decode(course, code)
    new = StudentProgress(course).mark_passed(exercises)
    words = "exercises that have passed according to the code: {count}, new here: {new}"
    say(words, console(), count=len(exercises), new=len(new))
