"""Print the results of the instructor's commands."""

import itertools
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from attend.cli.gradebook import keep_roster
from attend.cli.settings import say
from attend.course.atomic_file import write_whole
from attend.course.lock import locked
from attend.course.scratch import remove_abandoned
from attend.course.syllabus import Course
from attend.course.words import how_many
from attend.gradebook.changes import Change
from attend.gradebook.grade import Grade
from attend.gradebook.members import Members
from attend.gradebook.policy import policy_notes
from attend.gradebook.publish import write_results
from attend.gradebook.receipts import read_key
from attend.gradebook.reports.class_report import summarise
from attend.gradebook.store import LOCK, Gradebook
from attend.grading.batch import grade_class
from attend.grading.work import Progress as BatchProgress
from attend.sandbox.levels import choose_level
from attend.submissions import GRADEBOOK, NOTES, Intake

STUDENTS_SHOWN, NOTES_SHOWN, CHANGES_SHOWN = 40, 5, 40
SECONDS_BETWEEN_LINES = 30.0  # of progress, where no terminal can show a bar


@dataclass
class GradedClass:
    """The result of `attend grade`: `fresh` submissions were graded, `known` ones had been graded before."""

    gradebook: Path
    level: str
    fresh: int
    known: int
    seconds: float
    notes: list[str]


def grade_with_progress(
    course: Course,
    intake: Intake,
    out: Path,
    jobs: int | None,
    isolation: str | None,
    scheduler: str | None = None,
    again: bool = False,
    roster: list[Path] | None = None,
    key: Path | None = None,
) -> GradedClass:
    """Grade, write all files to `out`, and show a progress bar.

    Raises:
        AttendError: grading cannot go on.
    """
    # each machine of a cluster chooses its own level, unless the cluster is this machine
    elsewhere = scheduler not in (None, "local") and isolation is None
    level = None if elsewhere else choose_level(isolation)
    signing = read_key(key) if key else b""
    remove_abandoned()
    with locked(out / LOCK, partial(say_waiting, out)), Gradebook(out / GRADEBOOK) as gradebook:
        about = keep_roster(gradebook, roster)
        fresh, notes, start = 0, [], time.monotonic()
        with progress_bar("grading", intake.attempts) as show:

            def report(progress: BatchProgress) -> None:
                nonlocal fresh
                if progress.grade is not None:
                    fresh += 1
                    notes.extend(_notes(progress.grade))
                show(progress.done, fresh)

            grade_class(course, intake.entries, gradebook, level, jobs, report, scheduler, again, signing)
        with progress_bar("writing", gradebook.count()) as show:
            write_results(course, gradebook, out, total_only(show))
        about += policy_notes(course, gradebook)
        members = gradebook.members()
        notes = [*members.notes, *about, *notes]
        _write_notes(out / NOTES, intake, gradebook, members, about)
        known = intake.attempts - fresh
        seconds = time.monotonic() - start
    return GradedClass(out / GRADEBOOK, level or "chosen by each worker", fresh, known, seconds, notes)


def say_waiting(out: Path) -> None:
    """Say on stderr that another run writes to the folder `out`."""
    say(
        "another run of Attend writes to {out}: this one waits until it ends; Ctrl-C stops waiting",
        Console(stderr=True, highlight=False),
        out=out,
    )


def _notes(grade: Grade) -> list[str]:
    return [f"{grade.student}, {grade.topic[:3]}: {note}" for note in grade.notes]


def _write_notes(
    path: Path, intake: Intake, gradebook: Gradebook, members: Members, about: list[str]
) -> None:
    """Everything that was noticed: the screen shows only the first few. `about` is about the roster and the policy."""
    absent = [f"{student} is on the roster and handed in nothing." for student in members.absent]
    unlisted = [f"{student} handed in and is not on the roster." for student in members.unlisted]
    lines = [
        *intake.shapes,
        *intake.notes,
        *about,
        *members.unclear,
        *absent,
        *unlisted,
        *(note for grade in gradebook.grades() for note in _notes(grade)),
    ]
    write_whole(path, "".join(f"{line}\n" for line in lines))


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and time left on stderr; where stderr is not a terminal, a line from time to time.

    Yields:
        A function of how many are done, and how many of these count for the rate: known submissions take no time.
    """
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    last = time.monotonic()
    # When the first were done, and how many: the time to start up says nothing about the rate.
    first: tuple[float, int] | None = None
    with Progress(*columns, TextColumn("{task.fields[rate]}"), console=screen) as bar:
        task = bar.add_task(what, total=total, rate="")

        def show(done: int, worked: int) -> None:
            nonlocal first, last
            now = time.monotonic()
            if first is None and worked:
                first = (now, worked)
            pace = rate_and_left(worked - first[1], total - done, now - first[0]) if first else ""
            bar.update(task, completed=done, rate=pace)
            if not screen.is_terminal and now - last > SECONDS_BETWEEN_LINES:
                last = now
                screen.print(f"{what} {done} of {total}{', ' if pace else ''}{pace}", highlight=False)

        yield show


def total_only(show: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """A function of how many are done and how many there are, for a bar on which all that is done counts."""
    return lambda done, _total: show(done, done)


def rate_and_left(worked: int, left: int, seconds: float) -> str:
    """`8.1 a second, 12 min left`; empty while too few are done."""
    if worked < 3 or seconds <= 0:
        return ""
    rate = worked / seconds
    pace = f"{rate:.1f} a second" if rate >= 0.95 else f"{60 * rate:.0f} a minute"
    minutes, rest = divmod(round(left / rate), 60)
    hours, minutes = divmod(minutes, 60)
    time_left = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"
    return f"{pace}, {time_left} left" if left else pace


def print_intake(screen: Console, intake: Intake, shown: int | None = None) -> None:
    """Print what was found, and what was left out and why; see `print_notes`."""
    for shape in intake.shapes:
        say("{shape}", screen, shape=shape)
    print_notes(screen, intake.notes, shown)


def print_notes(screen: Console, notes: list[str], shown: int | None = None) -> None:
    """Print all notes, or the first `shown` of those that are in NOTES as well."""
    for note in notes[:shown]:
        say("[yellow]note[/yellow] {note}", screen, note=note)
    if shown is not None and len(notes) > shown:
        screen.print(f"[yellow]note[/yellow] … and {len(notes) - shown} more like these, in {NOTES}")


def print_grades(screen: Console, course: Course, result: GradedClass) -> None:
    """Print a small class student by student, a large one topic by topic, and the paths of the files."""
    with Gradebook(result.gradebook) as gradebook:
        if gradebook.students() <= STUDENTS_SHOWN:
            _print_students(screen, gradebook)
        else:
            _print_topics(screen, course, gradebook)
        _print_ungraded(screen, course, gradebook)
    print_notes(screen, result.notes, NOTES_SHOWN)
    screen.print(
        f"\n{result.fresh} graded, {result.known} known before, in {result.seconds:.1f} s; "
        f"isolation: {result.level}"
    )
    for name, what in (
        ("grades.csv", "a row for each exercise"),
        ("feedback/", "a page for each student and topic"),
        ("receipts/", "a receipt for each submission; `attend replay` grades it again"),
        ("report.html", "the class on one page"),
        (NOTES, "which file of a hand-in counts where there were several, and what was left out"),
        (
            "gradebook.sqlite",
            "everything; `attend gradebook export` makes tables for Canvas, Moodle, Gradescope",
        ),
    ):
        say("  {path}  [dim]{what}[/dim]", screen, path=result.gradebook.parent / name, what=what)


def _print_ungraded(screen: Console, course: Course, gradebook: Gradebook) -> None:
    """Print which exercises could not be graded because the grader itself failed, and why."""
    rows = [
        (grade, row) for grade in gradebook.grades() for row in grade.exercises if row.outcome == "ungraded"
    ]
    if not rows:
        return
    screen.print(
        f"\n[red]not graded: {how_many(len(rows), 'exercise')}[/red], for a reason on the grader's side:"
    )
    for grade, row in rows[:NOTES_SHOWN]:
        label = course.by_slug[grade.topic].exercise(row.exercise).label
        screen.print(f"  {escape(grade.student)}, {label}: {escape(' '.join(row.notes))}", soft_wrap=True)
    screen.print("Correct the cause and grade again: they are tried again each time.")


def _print_students(screen: Console, gradebook: Gradebook) -> None:
    slugs = gradebook.topics()
    table = Table(
        "Student", *(slug[:3] for slug in slugs), "Points", "What to look at", box=None, header_style="bold"
    )
    for column in table.columns[1:-1]:
        column.justify = "right"
    for student, grades in _by_student(gradebook):
        by_topic = {grade.topic: grade for grade in grades}
        cells = [f"{by_topic[slug].points:g}" if slug in by_topic else "" for slug in slugs]
        total = f"{sum(grade.points for grade in grades):g} of {sum(grade.max_points for grade in grades):g}"
        table.add_row(escape(student), *cells, total, escape(_remark(grades)))
    screen.print(table)


def _print_topics(screen: Console, course: Course, gradebook: Gradebook) -> None:
    report = summarise(course, gradebook)
    for summary in report.topics:
        screen.print(
            f"[bold]{summary.topic.number} {escape(summary.topic.title)}[/bold]: "
            f"{how_many(len(summary.shares), 'submission')}, "
            f"mean {100 * summary.mean:.0f} %, median {100 * summary.median:.0f} % of the points",
            soft_wrap=True,
        )
        hardest = ", ".join(
            f"{entry.exercise.name} {100 * entry.share:.0f} %" for entry in summary.hardest_first[:3]
        )
        screen.print(f"  hardest   {escape(hardest)}")
        for label, mistake in zip(("mistakes", "", ""), summary.mistakes[:3], strict=False):
            words = f"{100 * mistake.share:.0f} % {mistake.words} ({mistake.exercise.name})"
            screen.print(f"  {label:<9} {escape(words)}", soft_wrap=True)
    if report.failed:
        screen.print(
            f"\n{how_many(report.failed, 'submission')} with something that could not be judged; report.html says which"
        )


def _by_student(gradebook: Gradebook) -> Iterator[tuple[str, list[Grade]]]:
    for student, grades in itertools.groupby(gradebook.grades(), key=lambda grade: grade.student):
        yield student, list(grades)


def _remark(grades: list[Grade]) -> str:
    """What to look at first in a student's work: a problem, else the mistakes, else what has not full points."""
    for grade in grades:
        if grade.problem:
            return _short(f"{grade.topic[:3]}: {grade.problem}")
    diagnosed = [
        row.diagnosis.replace("_", " ") for grade in grades for row in grade.exercises if row.diagnosis
    ]
    if diagnosed:
        return _short(", ".join(diagnosed))
    rest = [
        f"{row.exercise} {row.outcome}"
        for grade in grades
        for row in grade.exercises
        if row.outcome != "full"
    ]
    return _short(", ".join(rest))


def _short(text: str) -> str:
    return textwrap.shorten(text, 70, placeholder=" …")


def print_changes(screen: Console, found: list[Change]) -> None:
    """Print the first changes, and how many students and exercises there are."""
    if not found:
        screen.print("no points moved: no submission was graded again with other points")
        return
    table = Table("Student", "Exercise", "Points", "Tests", box=None, header_style="bold")
    for change in found[:CHANGES_SHOWN]:
        where = f"{change.topic[:3]} {change.exercise}"
        tests = ", ".join(change.tests) or "none changed; the points of the exercise did"
        table.add_row(escape(change.student), escape(where), change.points, escape(_short(tests)))
    screen.print(table)
    if len(found) > CHANGES_SHOWN:
        screen.print(f"… and {len(found) - CHANGES_SHOWN} more")
    students = len({change.student for change in found})
    screen.print(f"points of {how_many(students, 'student')} moved")
