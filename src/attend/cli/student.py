"""The student's commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attend.cli import app
from attend.cli.settings import console, say, settings
from attend.course.errors import AttendError
from attend.course.words import how_many

if TYPE_CHECKING:
    from attend.checking.progress import StudentProgress
    from attend.course.syllabus import Course, Exercise

Topics = Annotated[
    list[str] | None, typer.Argument(help="Topics as t03; all when left out.", metavar="TOPIC")
]
Picked = Annotated[
    list[str] | None,
    typer.Argument(help="Topics as t03 or exercises as t03.2; all when left out.", metavar="TOPIC"),
]
Code = Annotated[
    Path | None, typer.Option(help="Check this folder's modules, not assignments/.", metavar="DIR")
]


@app.command("list")
def list_topics() -> None:
    """Show the topics. Each with its minutes and points, and how many exercises you have done."""
    from rich.table import Table

    from attend.checking.progress import StudentProgress

    course = settings.course()
    progress = StudentProgress(course)
    table = Table("Topic", "Title", "Done", "Minutes", "Points", box=None, header_style="bold")
    for column in (2, 3, 4):
        table.columns[column].justify = "right"
    for topic in course.topics:
        done = f"{len(progress.passed(topic))} of {len(topic.exercises)}"
        table.add_row(topic.slug, topic.title, done, str(topic.minutes), f"{topic.points:g}")
    console().print(table)


def overview() -> None:
    """`attend` without a command: print the progress and the next exercise."""
    from attend.checking.progress import StudentProgress
    from attend.cli.student_output import in_hours, print_next, print_progress

    course = settings.course()
    progress, screen = StudentProgress(course), console()
    if any(progress.is_begun(topic) for topic in course.topics):
        print_progress(screen, course, progress)
    else:
        minutes = sum(topic.minutes for topic in course.topics)
        words = f"{how_many(len(course.topics), 'topic')}, about {in_hours(minutes)} of writing."
        words += " `attend list` shows them; nothing is checked yet."
        say("[bold]{name}[/bold]: {words}", screen, name=course.name, words=words)
    print_next(screen, course, progress)
    screen.print("\n[dim]attend --help lists all commands.[/dim]")


@app.command("progress")
def show_progress(
    code: Annotated[
        bool, typer.Option("--code", help="Print a code to paste into a page of the site.")
    ] = False,
) -> None:
    """Show your progress. A bar for each topic, the points and the minutes left."""
    from attend.checking.progress import StudentProgress
    from attend.cli.student_output import print_next, print_progress

    course = settings.course()
    progress, screen = StudentProgress(course), console()
    if code:
        from attend.checking.progress_code import encode

        print(encode(course, [each for topic in course.topics for each in progress.passed(topic)]))
        return
    print_progress(screen, course, progress)
    print_next(screen, course, progress)


@app.command()
def check(
    topics: Picked = None,
    code: Code = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for editors.")] = False,
) -> None:
    """Run the public tests on your code. The output shows, exercise by exercise, what is right and what is not."""
    from attend.checking.checker import check_topic
    from attend.checking.progress import StudentProgress
    from attend.cli.student_output import JsonChecks, PrintedChecks
    from attend.testing.verdict import TopicCheck

    course = settings.course()
    picked = course.pick(topics)
    if code is not None and not code.is_dir():
        raise AttendError(
            f"{code} is not a folder; --code names a folder with modules, as {picked[0][0].slug}.py."
        )
    progress = StudentProgress(course)
    output = JsonChecks(progress) if as_json else PrintedChecks(console(), course, progress)
    all_passed = True
    with output:
        for topic, exercises in picked:
            try:
                result = check_topic(course, topic, code, exercises)
            # go on with the other topics
            except AttendError as error:
                if len(picked) == 1:
                    raise
                result = TopicCheck(topic, problem=str(error))
            output.add(result, progress.record(result) if code is None else None)
            all_passed = all_passed and result.passed
    if not all_passed:
        raise typer.Exit(1)


@app.command()
def watch(
    topic: Annotated[
        str | None,
        typer.Argument(help="The topic to watch, as t03; whichever is saved when left out.", metavar="TOPIC"),
    ] = None,
) -> None:
    """Check your code whenever you save it. Ctrl-C stops."""
    from attend.checking.progress import StudentProgress
    from attend.checking.watch import Watcher
    from attend.cli.student_output import WatchDisplay

    course = settings.course()
    progress, screen = StudentProgress(course), console()
    if topic:
        [(first, _)] = course.pick([topic])
        topics = [first]
    else:
        following = progress.next_exercise()
        first = course.by_slug[following.slug] if following else course.topics[0]
        topics = list(course.topics)
    try:
        Watcher(course, topics, WatchDisplay(screen, course, progress)).watch(first)
    except KeyboardInterrupt:
        pass
    screen.print("\n[dim]Stopped. `attend` shows what is next.[/dim]")


@app.command()
def hint(
    exercise: Annotated[
        str | None,
        typer.Argument(help="The exercise, as t03.2; the next one when left out.", metavar="EXERCISE"),
    ] = None,
) -> None:
    """Get a hint. The first is a question, the second an approach, the third nearly the answer."""
    from attend.checking.progress import StudentProgress
    from attend.cli.student_output import print_hint

    course = settings.course()
    progress = StudentProgress(course)
    chosen = _exercise_for_hint(course, progress, exercise)
    if not chosen.hints:
        raise AttendError(f"{chosen.label} has no hints.")
    print_hint(console(), progress, chosen)


def _exercise_for_hint(course: Course, progress: StudentProgress, name: str | None) -> Exercise:
    if name is None:
        chosen = progress.next_exercise()
        if chosen is None:
            raise AttendError("all exercises are done; name the one that you want a hint for, as t03.2.")
        return chosen
    [(topic, exercises)] = course.pick([name])
    if len(exercises) == 1:
        return exercises[0]
    return progress.next_exercise(topic) or topic.exercises[0]


@app.command()
def submit(
    topic: Annotated[str, typer.Argument(help="The topic to hand in, as t03.", metavar="TOPIC")],
    out: Annotated[Path, typer.Option(help="The folder to write the zip to.", metavar="DIR")] = Path("."),
) -> None:
    """Pack your module of a topic into a zip to hand in. The public tests check the module in the zip."""
    from attend.checking.checker import check_text
    from attend.checking.progress import StudentProgress
    from attend.checking.terminal import print_check
    from attend.checking.trial import load_as_graded
    from attend.cli.student_output import print_packed, print_summary, print_trial
    from attend.submissions.hand_in import pack
    from attend.submissions.submission import read_submission
    from attend.testing.grader_summary import read_summary

    course = settings.course()
    [(chosen, _)] = course.pick([topic])
    progress, screen = StudentProgress(course), console()
    path = pack(course, chosen, out)
    try:
        submission = read_submission(path, chosen, "you")
    except AttendError:
        path.unlink()
        raise
    result = check_text(course, chosen, submission.text)
    print_check(screen, result)
    progress.record(result)
    if result.problem:
        path.unlink()
        say("\n{path} is not written: a file that cannot be loaded cannot be graded.", screen, path=path)
        raise typer.Exit(1)
    print_trial(screen, load_as_graded(course, chosen, submission.text))
    print_summary(screen, chosen, read_summary(course, chosen))
    print_packed(screen, course, result, path)
