"""`attend watch`: check a module whenever it is saved, in a process that has everything loaded."""

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from attend.checking.check_process import CheckProcess
from attend.checking.messages import (
    CheckCrashed,
    CheckFinished,
    CheckStuck,
    Event,
    ExerciseFinished,
    ExerciseStarted,
    ServerFailed,
    ServerReady,
)
from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise, Topic
from attend.student.deadline import WALL
from attend.submissions.answer_file import SUFFIXES, answer
from attend.testing.plugin import public_seconds
from attend.testing.verdict import ExerciseVerdict, TopicCheck

# After so many seconds without an event, it is shown that the exercise is still running.
STILL_SECONDS = 1.5
# The process itself has deadlines. It is ended if it sends nothing for so many seconds more.
PATIENCE_SECONDS = 20.0
# Between two looks at the files, where the system reports no saves.
LOOK_SECONDS = 1.0
# Windows delivers Ctrl-C only between two waits.
IDLE_SECONDS = 3600.0 if os.name == "posix" else 1.0


class Display(Protocol):
    """What shows the checks of a `Watcher`."""

    def begin(self, topic: Topic, is_ready: bool) -> None:
        """A check of `topic` begins; `is_ready` is False where the topic must be loaded first."""

    def verdict(self, verdict: ExerciseVerdict) -> None:
        """An exercise has its verdict."""

    def still(self, exercise: Exercise) -> None:
        """The exercise runs for longer than STILL_SECONDS."""

    def end(self, check: TopicCheck, seconds: float | None) -> None:
        """The check is complete, `seconds` after the save, or None where no save began it."""

    def typed(self, line: str) -> bool:
        """The student typed `line`; returns whether to go on watching."""


@dataclass
class _Saved:
    """These files were saved."""

    paths: set[Path]


@dataclass
class _Typed:
    """The student typed a line."""

    line: str


@dataclass
class _Received:
    """The process sent an event, or has ended."""

    generation: int
    event: Event | None


@dataclass
class _Run:
    """The check that is going on.

    current: the exercise whose tests are running.
    still_shown: whether it was shown that this exercise is still running.
    """

    number: int
    topic: Topic
    saved: float | None
    check: TopicCheck
    current: Exercise | None = None
    still_shown: bool = False

    @property
    def name(self) -> str:
        """What is running, for messages: the exercise, or the file that is being loaded."""
        exercise = self.current
        return f"{exercise.label} {exercise.name}" if exercise else f"{self.topic.slug}.py"


class Watcher:
    """Waits for saves, for events of the process that checks and for lines that are typed, and reacts to each."""

    def __init__(self, course: Course, topics: list[Topic], display: Display):
        self._course, self._display = course, display
        folder = course.root / "assignments"
        self._by_path = {folder / f"{topic.slug}{suffix}": topic for topic in topics for suffix in SUFFIXES}
        self._inputs: queue.Queue[_Saved | _Typed | _Received] = queue.Queue()
        self._process = CheckProcess(
            course, lambda generation, event: self._inputs.put(_Received(generation, event))
        )
        self._run: _Run | None = None
        self._topic = topics[0]
        self._number = 0
        self._last_event = 0.0

    def watch(self, topic: Topic) -> None:
        """Check `topic` now, and from then on whatever is saved, until the user stops it.

        Raises:
            AttendError: the process that checks cannot be started.
        """
        threading.Thread(target=self._follow_saves, daemon=True).start()
        if sys.stdin is not None and sys.stdin.isatty():
            threading.Thread(target=self._read_keys, daemon=True).start()
        try:
            self._begin(topic, None)
            goes_on = True
            while goes_on:
                goes_on = self._react()
        finally:
            self._process.stop()

    def _follow_saves(self) -> None:
        """Pass on what is saved: by the system's events, and by looking where none arrive, as on a network's disk."""
        seen = self._stamps()
        for saved in self._changes():
            now = self._stamps()
            paths = saved or {path for path, stamp in now.items() if stamp != seen.get(path)}
            seen = now
            if paths:
                self._inputs.put(_Saved(paths))

    def _changes(self) -> Iterator[set[Path]]:
        """The paths that the system reports as saved; every LOOK_SECONDS an empty set where it reports none."""
        import watchfiles

        try:
            for changes in watchfiles.watch(
                *self._folders(),
                watch_filter=watchfiles.PythonFilter(extra_extensions=SUFFIXES),
                step=10,
                recursive=False,
                rust_timeout=int(1000 * LOOK_SECONDS),
                yield_on_timeout=True,
            ):
                yield {Path(path) for kind, path in changes if kind != watchfiles.Change.deleted}
        except (OSError, RuntimeError):
            # the system has no more watches to give, or a folder is gone
            while True:
                time.sleep(LOOK_SECONDS)
                yield set()

    def _folders(self) -> set[Path]:
        folders = {path.parent for path in self._by_path}
        return folders | {folder for folder in [self._course.root / "tests" / "public"] if folder.is_dir()}

    def _stamps(self) -> dict[Path, tuple[int, int]]:
        """When each file that matters was last written, and its size."""
        stamps = {}
        for folder in self._folders():
            for path in folder.glob("*"):
                if path in self._by_path or path.suffix == ".py":
                    with suppress(OSError):
                        found = path.stat()
                        stamps[path] = (found.st_mtime_ns, found.st_size)
        return stamps

    def _read_keys(self) -> None:
        for line in sys.stdin:
            self._inputs.put(_Typed(line.strip()))

    def _react(self) -> bool:
        """Wait for the next input and react to it; False to stop."""
        try:
            next_input = self._inputs.get(timeout=0.5 if self._run else IDLE_SECONDS)
        except queue.Empty:
            self._look_at_clock()
            return True
        match next_input:
            case _Saved(paths):
                self._on_save(paths)
            case _Typed(""):
                self._begin(self._topic, None)
            case _Typed(line):
                return self._display.typed(line)
            case _Received(generation, event) if generation == self._process.generation:
                self._last_event = time.monotonic()
                self._on_event(event)
        return True

    def _on_save(self, paths: set[Path]) -> None:
        if any(path not in self._by_path and path.name.startswith("test_") for path in paths):
            self._process.start()  # the tests themselves changed
            self._begin(self._topic, None)
        for path in paths:
            if path in self._by_path:
                with suppress(OSError):
                    self._begin(self._by_path[path], path.stat().st_mtime)
                return

    def _begin(self, topic: Topic, saved: float | None) -> None:
        self._number += 1
        self._topic = topic
        self._run = _Run(self._number, topic, saved, TopicCheck(topic))
        self._last_event = time.monotonic()
        self._display.begin(topic, topic.slug in self._process.slugs)
        self._process.ask(self._number, topic, answer(self._course.root / "assignments", topic))

    def _on_event(self, event: Event | None) -> None:
        match event:
            case None:
                self._on_process_end()
            case ServerReady(forks):
                self._process.forks = forks
            case ServerFailed(why):
                raise AttendError(f"the process that checks cannot go on ({why}); try `attend check`.")
            case _ if self._run is not None and event.number == self._run.number:
                self._on_check_event(self._run, event)

    def _on_check_event(
        self,
        run: _Run,
        event: ExerciseStarted | ExerciseFinished | CheckFinished | CheckStuck | CheckCrashed,
    ) -> None:
        match event:
            case ExerciseStarted(exercise=name):
                run.current = run.topic.exercise(name)
            case ExerciseFinished(verdict=verdict):
                run.current = None
                run.check.verdicts.append(verdict)
                self._display.verdict(verdict)
            case CheckFinished(code=code, problem=problem, line=line, notes=notes):
                run.check.code, run.check.line, run.check.notes = code, line, notes
                self._end(run, problem)
            case CheckStuck():
                self._end(run, f"{run.name} does not return, even when its time is over; stopped.")
            case CheckCrashed(how=how):
                self._end(run, f"{run.name} ended the process, {how}.")

    def _on_process_end(self) -> None:
        """The process ended: after its one check, or because the student's code ended it."""
        if self._run is not None:
            self._end(self._run, f"{self._run.name} ended the process.")
        if self._process.forks is None:
            raise AttendError("the process that checks does not start; `attend check` may show why.")
        self._process.start()

    def _look_at_clock(self) -> None:
        run = self._run
        if run is None:
            return
        silence = time.monotonic() - self._last_event
        if silence > self._longest_silence(run.topic):
            self._end(run, f"{run.name} does not return; stopped.")
            self._process.start()
        elif silence > STILL_SECONDS and run.current and not run.still_shown:
            run.still_shown = True
            self._display.still(run.current)

    def _longest_silence(self, topic: Topic) -> float:
        """Seconds in which the process sends an event, unless it is stuck: its deadlines, and some patience."""
        return WALL * max(public_seconds(topic), self._course.grading.load_seconds) + PATIENCE_SECONDS

    def _end(self, run: _Run, problem: str) -> None:
        self._run = None
        run.check.problem = problem
        self._display.end(run.check, time.time() - run.saved if run.saved else None)
