"""Print what students see: verdicts, progress, the next exercise, hints."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from attend.checking.progress import Improvement, StudentProgress
from attend.checking.terminal import print_check, print_row, print_verdict
from attend.cli.settings import say
from attend.course.syllabus import Course, Exercise, Topic
from attend.course.words import how_many

# `attend progress` imports this module; it needs no numpy
if TYPE_CHECKING:
    from attend.checking.trial import Trial
    from attend.testing.verdict import ExerciseVerdict, TopicCheck


class PrintedChecks(AbstractContextManager["PrintedChecks"]):
    """Prints the results of `attend check` for a reader, each as soon as it is there."""

    def __init__(self, screen: Console, course: Course, progress: StudentProgress):
        self._screen, self._course, self._progress = screen, course, progress

    def add(self, result: TopicCheck, found: Improvement | None) -> None:
        """Print a topic's result; `found` is what is new in it, None where no progress is kept."""
        print_check(self._screen, result)
        if found:
            print_improvement(self._screen, self._course, self._progress, found, result.topic)

    def __exit__(self, *_exception: object) -> None:
        """Print nothing more."""


class JsonChecks(AbstractContextManager["JsonChecks"]):
    """Prints the results of `attend check` as one JSON object at the end, and nothing where an exception ends the check.

    Until then the process's standard output goes to its standard error: a program that the student's code starts may
    write there.
    """

    def __init__(self, progress: StudentProgress):
        self._progress = progress
        self._results: list[TopicCheck] = []

    def __enter__(self) -> JsonChecks:
        sys.stdout.flush()
        self._stdout = os.dup(1)
        os.dup2(2, 1)
        return self

    def add(self, result: TopicCheck, _found: Improvement | None) -> None:
        """Keep a topic's result."""
        self._results.append(result)

    def __exit__(self, kind: type[BaseException] | None, *_exception: object) -> None:
        """Print the object."""
        from attend.checking.as_json import as_json

        os.dup2(self._stdout, 1)
        os.close(self._stdout)
        if kind is None:
            print(json.dumps(as_json(self._results, self._progress), indent=2))


def print_improvement(
    screen: Console, course: Course, progress: StudentProgress, found: Improvement, topic: Topic
) -> None:
    """Print that the topic is done, if it is, and the next exercise, if one more passes."""
    if found.topic_done:
        count = len(topic.exercises)
        screen.print(
            f"\n[green]★ {topic.number} is done: all {count} exercises pass their public tests.[/green]"
        )
        screen.print(f"  Hand it in with [bold]attend submit {topic.number}[/bold].")
        done = [other for other in course.topics if progress.is_done(other)]
        if len(done) == len(course.topics):
            screen.print("[green]★ That was the last one: the whole course is done. Congratulations![/green]")
            return
    if found.newly_passed:
        print_next(screen, course, progress, None if found.topic_done else topic)


def print_next(
    screen: Console, course: Course, progress: StudentProgress, topic: Topic | None = None
) -> None:
    """Print the next exercise, and where to read, write, check and get help."""
    exercise = progress.next_exercise(topic)
    if exercise is None:
        return
    screen.print(
        f"\nNext: [bold]{exercise.label} {escape(exercise.name)}[/bold]"
        f"  [dim]{how_many(exercise.points, 'point')}, about {exercise.minutes} minutes[/dim]"
    )
    place = place_of_definition(course, exercise)
    print_row(screen, "read", f"docs/topics/{exercise.slug}.md#{exercise.name}")
    print_row(screen, "write", place)
    print_row(
        screen, "check", f"attend check {exercise.label}, or on every save: attend watch {exercise.slug[:3]}"
    )
    left = len(exercise.hints) - progress.hints_taken(exercise)
    print_row(screen, "stuck", f"attend hint {exercise.label}" + (f" ({left} left)" if left else ""))


def place_of_definition(course: Course, exercise: Exercise) -> str:
    """The place of the exercise in the student's file, as `assignments/t03….py:12`."""
    from attend.course.source import find_definition, parse

    name = f"assignments/{exercise.slug}.py"
    try:
        text = (course.root / name).read_text(encoding="utf-8-sig")
        node = find_definition(parse(text), exercise.target)
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError):
        return name
    return f"{name}:{node.lineno}" if node else name


def print_trial(screen: Console, trial: Trial | None) -> None:
    """What will not work where the file is graded."""
    page = "docs/students/workflow.md#what-the-grader-has"
    if trial is None:
        words = "Whether the file loads where it is graded could not be tried on this machine; {page} says what is there."
        say(f"\n[dim]{words}[/dim]", screen, page=page)
        return
    if trial.problem:
        say("\n[red]Where this is graded the file cannot be loaded[/red]: {why}.", screen, why=trial.problem)
    for statement in trial.left_out:
        say(
            "\n[yellow]Where this is graded this does not work[/yellow] and is left out: {it}",
            screen,
            it=statement,
        )
    if trial.problem or trial.left_out:
        say("What uses it loses its points there. {page} says what the grader has.", screen, page=page)


def print_summary(screen: Console, topic: Topic, summary: dict[str, dict[str, int]]) -> None:
    """Print how many hidden tests of which kind each exercise has."""
    if not summary:
        return
    total = sum(sum(kinds.values()) for kinds in summary.values())
    screen.print(f"\nThe graders run {total} more tests of what the docstrings describe:")
    for exercise in topic.exercises:
        kinds = summary.get(exercise.name, {})
        words = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
        facts = f"{how_many(exercise.points, 'point')}, {how_many(sum(kinds.values()), 'test')}"
        screen.print(
            f"  {exercise.label} {exercise.name}  [dim]{facts}: {words}[/dim]",
            soft_wrap=True,
        )


def print_packed(screen: Console, course: Course, result: TopicCheck, path: Path) -> None:
    """Print what was packed, and what to do with it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    passed, count = sum(verdict.passed for verdict in result.verdicts), len(result.verdicts)
    if passed < count:
        words = f"{passed} of {count} exercises pass the public tests. You can hand it in as it is, and again later."
        screen.print(f"\n{words}", soft_wrap=True)
    words = "\nHand in [bold]{path}[/bold]  [dim]{name} {version}, digest {digest}[/dim]"
    say(words, screen, path=path, name=course.name, version=course.version, digest=digest)


BAR = 20


def print_progress(screen: Console, course: Course, progress: StudentProgress) -> None:
    """Print a bar for each topic, the points and the minutes left."""
    points = sum(map(progress.points, course.topics))
    for topic in course.topics:
        _print_bar(screen, progress, topic)
    left = sum(map(progress.minutes_left, course.topics))
    total = sum(topic.points for topic in course.topics)
    screen.print(
        f"\n{points:g} of {total:g} points on the public tests, about {in_hours(left)} of writing left."
    )


def _print_bar(screen: Console, progress: StudentProgress, topic: Topic) -> None:
    done, count = len(progress.passed(topic)), len(topic.exercises)
    full = round(BAR * done / count)
    bar = f"[green]{'█' * full}[/green][dim]{'░' * (BAR - full)}[/dim]"
    left = progress.minutes_left(topic)
    remark = "done" if done == count else f"{in_hours(left)} left"
    if progress.is_edited(topic):
        remark += f"; edited since the last check: attend check {topic.number}"
    screen.print(
        f"{topic.number} {bar} {done} of {count}  {progress.points(topic):>3g} of {topic.points:g} points"
        f"  {escape(topic.title)}  [dim]{remark}[/dim]",
        soft_wrap=True,
    )


def in_hours(minutes: int) -> str:
    """Minutes as people write them: `45 min`, `2 h`, `1 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


class WatchDisplay:
    """Shows the checks of `attend watch`: it clears the screen for every save and prints verdicts as they are made."""

    def __init__(self, screen: Console, course: Course, progress: StudentProgress):
        self._screen, self._course, self._progress = screen, course, progress
        self._topic: Topic | None = None

    def begin(self, topic: Topic, is_ready: bool) -> None:
        """Clear the screen and print the topic, and that it is loaded first where it is not ready."""
        self._topic = topic
        if self._screen.is_terminal:
            self._screen.clear()
        self._screen.print(f"[bold]{topic.number} {escape(topic.title)}[/bold]")
        if not is_ready:
            seconds = "a few seconds" if topic.library == "torch" else "a moment"
            self._screen.print(f"  [dim]loading, {seconds} …[/dim]")

    def verdict(self, verdict: ExerciseVerdict) -> None:
        """Print an exercise's verdict."""
        print_verdict(self._screen, verdict)

    def still(self, exercise: Exercise) -> None:
        """Print that the exercise is still running."""
        self._screen.print(
            f"  [yellow]…[/yellow] {exercise.label} {exercise.name}  [dim]is still running[/dim]"
        )

    def end(self, check: TopicCheck, seconds: float | None) -> None:
        """Record the check; print what is new, the time it took and the keys."""
        if check.problem:
            self._screen.print(f"  [red]✗[/red] {escape(check.problem)}", soft_wrap=True)
            if check.line:
                print_row(self._screen, "line", check.line)
        for note in check.notes:
            print_row(self._screen, "note", note)
        found = self._progress.record(check)
        print_improvement(self._screen, self._course, self._progress, found, check.topic)
        after = f"verdict {seconds * 1000:.0f} ms after the save; " if seconds is not None else ""
        self._screen.print(
            f"\n[dim]{after}watching assignments/{check.topic.slug}.py. Enter: again, h: a hint, q: stop.[/dim]",
            soft_wrap=True,
        )

    def typed(self, line: str) -> bool:
        """React to a line that was typed: Enter is handled by the watcher, h shows a hint. Returns False for q, to stop."""
        if line.startswith("q"):
            return False
        exercise = self._progress.next_exercise(self._topic)
        if line.startswith("h") and exercise is not None:
            print_hint(self._screen, self._progress, exercise)
        return True


def print_hint(screen: Console, progress: StudentProgress, exercise: Exercise) -> None:
    """Print the hints that were taken and one more."""
    before = progress.hints_taken(exercise)
    taken = progress.take_hint(exercise)
    screen.print(f"[bold]{exercise.label} {exercise.name}[/bold]")
    for number, text in enumerate(exercise.hints[:taken], start=1):
        print_row(screen, f"{number} of {len(exercise.hints)}", text)
    if taken < len(exercise.hints):
        screen.print(f"[dim]Try that first; `attend hint {exercise.label}` again shows the next one.[/dim]")
    elif before == taken:
        page = f"docs/topics/{exercise.slug}.md#{exercise.name}"
        screen.print(
            f"[dim]These are all hints. The page shows every step in numbers: {page}[/dim]", soft_wrap=True
        )
