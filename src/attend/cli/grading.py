"""The instructor's commands during the term: grade, report, compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attend.cli import app
from attend.cli.gradebook import Results, RosterOption, keep_roster
from attend.cli.settings import console, say, settings
from attend.course.errors import AttendError
from attend.course.words import how_many

if TYPE_CHECKING:
    from attend.course.syllabus import Course

Isolation = Annotated[
    str | None,
    typer.Option(
        help="How strongly to confine students' code: namespaces, landlock, seccomp, process, none."
    ),
]
TopicOption = Annotated[
    list[str] | None,
    typer.Option("--topic", help="Only these topics. A single one also takes files of other names."),
]


KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key", envvar="ATTEND_RECEIPT_KEY", help="A file with the key that signs receipts.", metavar="FILE"
    ),
]


class Layout(StrEnum):
    """What the path of `attend grade` is."""

    folders = "folders"
    student = "student"
    gradescope = "gradescope"
    canvas = "canvas"
    moodle = "moodle"
    git = "git"


LayoutOption = Annotated[
    Layout | None,
    typer.Option(help="What PATH is, where it is not recognised: a class, one student's folder, a download."),
]


@app.command()
def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="A folder with a folder per student; a bulk download of Gradescope, Canvas or Moodle, as a folder "
            "or as its zip; a folder of git clones; or single files.",
            metavar="PATH",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder for grades.csv, feedback and the report.")],
    topics: TopicOption = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many submissions to grade at once; as many as there are cores when left out."
        ),
    ] = None,
    isolation: Isolation = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Grade on Dask: `local`, the address of a scheduler, or its file.", metavar="WHERE"
        ),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(help="A CSV of student, topic, submitted, where the download does not say when."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Grade again what was graded before and has not changed.")
    ] = False,
    layout: LayoutOption = None,
    roster: RosterOption = None,
    key: KeyOption = None,
    container: Annotated[
        bool,
        typer.Option(
            "--container", help="Grade in a container of Docker or Podman, as on macOS and Windows."
        ),
    ] = False,
) -> None:
    """Grade submissions with the hidden tests. Each runs isolated in a process of its own.

    Run again with the same --out, it continues where it stopped and grades only what has changed.
    """
    # before any import: a students' copy is refused whatever is installed
    course = settings.instructors_course()
    if container:
        if scheduler:
            raise AttendError("--container grades on this machine alone; leave --scheduler out.")
        options = {
            "--topic": topics,
            "--jobs": jobs,
            "--isolation": isolation,
            "--layout": layout,
            "--again": again,
        }
        tables: dict[str, Sequence[Path | None]] = {
            "--times": [times],
            "--roster": roster or [],
            "--key": [key],
        }
        raise typer.Exit(_grade_in_container(course, paths, out, options, tables))

    from attend.cli.instructor_output import NOTES_SHOWN, grade_with_progress, print_grades, print_intake
    from attend.gradebook.extensions import due_dates
    from attend.gradebook.store import known_students
    from attend.submissions import take_in
    from attend.submissions.times import set_times

    screen = console()
    intake = take_in(course, paths, topics, layout or "", known_students(out), due_dates(course))
    if times:
        intake = set_times(course, intake, times)
    print_intake(screen, intake, NOTES_SHOWN)
    result = grade_with_progress(course, intake, out, jobs, isolation, scheduler, again, roster, key)
    print_grades(screen, course, result)


def _grade_in_container(
    course: Course,
    paths: list[Path],
    out: Path,
    options: dict[str, list[str] | int | str | bool | None],
    tables: Mapping[str, Sequence[Path | None]],
) -> int:
    """Grade in a container, with the options of `attend grade` that are set. Returns the exit code."""
    from attend.grading.container import grade_in_container

    words = []
    for name, value in options.items():
        if value is True:
            words.append(name)
        elif value:
            for each in value if isinstance(value, list) else [value]:
                words += [name, str(each)]
    named = [(name, path) for name, files in tables.items() for path in files if path is not None]
    code = grade_in_container(course.root, paths, out, words, named)
    if code == 0:
        say("the results are in {out}", out=out)
    return code


@app.command()
def report(
    results: Results,
    out: Annotated[Path | None, typer.Option(help="The file; RESULTS/report.html if left out.")] = None,
    roster: RosterOption = None,
) -> None:
    """Write the report again from a gradebook. It shows the class on one page."""
    from attend.cli.instructor_output import print_notes
    from attend.gradebook.reports.class_report import write_report
    from attend.gradebook.store import open_gradebook

    course = settings.course()
    with open_gradebook(results) as gradebook:
        notes = [*keep_roster(gradebook, roster), *gradebook.members().notes]
        target = out or gradebook.path.with_name("report.html")
        write_report(course, gradebook, target)
    print_notes(console(), notes)
    say("wrote {target}", target=target)


@app.command()
def similar(
    paths: Annotated[list[Path], typer.Argument(help="As for `attend grade`.", metavar="PATH")],
    out: Annotated[Path, typer.Option(help="The HTML report.")] = Path("similar.html"),
    topics: TopicOption = None,
    at_least: Annotated[
        int,
        typer.Option(
            min=1, max=100, help="List pairs that share at least so many per cent of their own code."
        ),
    ] = 60,
    names: Annotated[
        bool, typer.Option("--names", help="Name the students; without this they are numbers.")
    ] = False,
) -> None:
    """Find similar submissions. Stubs and code that everybody gets are left out; similarity does not prove copying."""
    from attend.cli.instructor_output import print_intake, print_notes, progress_bar, total_only
    from attend.grading.similar_names import without_names
    from attend.grading.similarity import find_likeness, write_likeness
    from attend.submissions import take_in

    course = settings.course()
    screen = console()
    intake = take_in(course, paths, topics)
    print_intake(screen, intake)
    found = []
    for topic in course.select(topics):
        entries = [entry for entry in intake.entries if entry.topic == topic.slug]
        if len(entries) < 2:
            continue
        with progress_bar(f"comparing {topic.number}", len(entries)) as show:
            found.append(find_likeness(course, topic, entries, at_least / 100, total_only(show)))
    if not names:
        found = without_names(found, {entry.student: entry.person for entry in intake.entries})
    write_likeness(course, found, at_least / 100, out, names)
    for likeness in found:
        for group in likeness.identical:
            say(
                "{topic}: the same, byte for byte: {who}",
                screen,
                topic=likeness.topic.number,
                who=", ".join(group),
            )
        reasons: dict[str, list[str]] = {}
        for student, why in likeness.left_out:
            reasons.setdefault(why, []).append(student)
        number = likeness.topic.number
        print_notes(screen, [f"{number}: left out, {why}: {', '.join(who)}" for why, who in reasons.items()])
        screen.print(
            f"{number}: {how_many(len(likeness.pairs), 'pair')} to look at among {how_many(likeness.compared, 'file')}"
        )
    say("wrote {out}; it shows where to look and does not prove copying", screen, out=out)
