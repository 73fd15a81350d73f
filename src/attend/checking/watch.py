"""`attend watch`: check a module whenever it is saved, by way of a warm process."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from attend.course.errors import AttendError
from attend.course.syllabus import Course, Exercise, Topic
from attend.course.threads import ONE_THREAD
from attend.submissions.answer_file import SUFFIXES, answer
from attend.testing.verdict import ExerciseVerdict, TopicCheck

STILL_SECONDS = 1.5
# After this silence the warm process itself is given up; its own deadlines come first.
HOPELESS_SECONDS = 40.0

LOOK_SECONDS = 1.0  # between two looks at the files, where the system reports nothing
IDLE_SECONDS = 3600.0 if os.name == "posix" else 1.0  # Windows hears Ctrl-C only between two waits


class Face(Protocol):
    """What `Watcher` tells."""

    def begin(self, topic: Topic, warm: bool) -> None:
        """A check of `topic` begins; `warm` is False where the process must start first."""

    def verdict(self, verdict: ExerciseVerdict) -> None:
        """An exercise has its verdict."""

    def still(self, exercise: Exercise) -> None:
        """The exercise runs for longer than STILL_SECONDS."""

    def end(self, check: TopicCheck, seconds: float | None) -> None:
        """The check is complete, `seconds` after the save, or None where no save began it."""

    def asked(self, line: str) -> bool:
        """The student typed `line`; returns whether to check again."""


@dataclass
class _Run:
    """The check that is going on."""

    number: int
    topic: Topic
    saved: float | None
    check: TopicCheck
    trying: Exercise | None = None
    told: bool = False  # that it is still running


class WarmProcess:
    """The warm process; its successor where it has ended or serves only once."""

    def __init__(self, course: Course, heard: Callable[[int, dict | None], None]):
        self._course, self._heard = course, heard
        self._process: subprocess.Popen | None = None
        self._asked = False
        self.generation = 0
        self.forks: bool | None = None  # known when it is ready
        self.slugs: list[str] = []

    def start(self) -> None:
        """Start one that is warm for the topics asked for so far, in place of any other."""
        self.stop()
        self.generation += 1
        self._asked, self.forks = False, None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "attend.checking.server", str(self._course.root), *self.slugs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD, "PYTHONIOENCODING": "utf-8"},
            start_new_session=os.name == "posix",  # Ctrl-C is for the watcher alone
        )
        threading.Thread(target=self._listen, args=(self._process, self.generation), daemon=True).start()

    def ask(self, number: int, topic: Topic, path: Path) -> None:
        """Have `path` checked; what it is busy with is given up."""
        if topic.slug not in self.slugs:
            self.slugs.append(topic.slug)
        if self._process is None or self._asked and not self.forks:
            self.start()
        self._asked = True
        line = json.dumps({"number": number, "slug": topic.slug, "path": str(path)}) + "\n"
        try:
            self._send(line)
        except OSError:  # it died between two saves
            self.start()
            self._send(line)

    def _send(self, line: str) -> None:
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()

    def stop(self) -> None:
        """End the process, and its fork with it."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with suppress(OSError):
            process.stdin.close()  # a forking one kills its fork and ends
        if self.forks:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
        if process.poll() is None:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()

    def _listen(self, process: subprocess.Popen, generation: int) -> None:
        for line in process.stdout:
            with suppress(ValueError):
                self._heard(generation, json.loads(line))
        self._heard(generation, None)


class Watcher:
    """Joins what happens: saves, answers of the warm process, lines that are typed."""

    def __init__(self, course: Course, topics: list[Topic], face: Face):
        self._course, self._face = course, face
        folder = course.root / "assignments"
        self._by_path = {folder / f"{topic.slug}{suffix}": topic for topic in topics for suffix in SUFFIXES}
        self._events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._warm = WarmProcess(
            course, lambda generation, said: self._events.put(("said", (generation, said)))
        )
        self._run: _Run | None = None
        self._number = 0
        self._heard_at = 0.0

    def watch(self, topic: Topic) -> None:
        """Check `topic` now, and from then on whatever is saved, until the user has had enough."""
        threading.Thread(target=self._follow, daemon=True).start()
        if sys.stdin is not None and sys.stdin.isatty():
            threading.Thread(target=self._read_keys, daemon=True).start()
        try:
            self._begin(topic, None)
            while True:
                try:
                    kind, data = self._events.get(timeout=0.5 if self._run else IDLE_SECONDS)
                except queue.Empty:
                    self._wait_on()
                    continue
                if kind == "saved":
                    self._saved(data)
                elif kind == "said":
                    self._said(*data)
                elif kind == "typed" and not self._typed(data):
                    return
        finally:
            self._warm.stop()

    # what happens

    def _follow(self) -> None:
        """Report what is saved: by the system's events, and by looking where none arrive, as on a network's disk."""
        seen = self._stamps()
        for saved in self._changes():
            now = self._stamps()
            paths = saved or {path for path, stamp in now.items() if stamp != seen.get(path)}
            seen = now
            if paths:
                self._events.put(("saved", paths))

    def _changes(self) -> Iterator[set[Path]]:
        """The paths that the system reports as saved; every LOOK_SECONDS an empty set where it reports none."""
        import watchfiles

        wanted = watchfiles.PythonFilter(extra_extensions=SUFFIXES)
        about = {
            "step": 10,
            "recursive": False,
            "rust_timeout": int(1000 * LOOK_SECONDS),
            "yield_on_timeout": True,
        }
        try:
            for changes in watchfiles.watch(*self._folders(), watch_filter=wanted, **about):
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
            self._events.put(("typed", line.strip()))

    def _saved(self, paths: set[Path]) -> None:
        if any(path not in self._by_path and path.name.startswith("test_") for path in paths):
            self._warm.start()  # the tests themselves changed
            self._begin(self._run.topic if self._run else self._last, None)
        for path in paths:
            if path in self._by_path:
                with suppress(OSError):
                    self._begin(self._by_path[path], path.stat().st_mtime)
                return

    def _typed(self, line: str) -> bool:
        if line == "":
            self._begin(self._last, None)
            return True
        return self._face.asked(line)

    def _begin(self, topic: Topic, saved: float | None) -> None:
        self._number += 1
        self._last = topic
        self._run = _Run(self._number, topic, saved, TopicCheck(topic))
        self._heard_at = time.monotonic()
        self._face.begin(topic, topic.slug in self._warm.slugs)
        self._warm.ask(self._number, topic, answer(self._course.root / "assignments", topic))

    def _said(self, generation: int, said: dict | None) -> None:
        if generation != self._warm.generation:
            return
        self._heard_at = time.monotonic()
        run = self._run
        if said is None:
            self._gone()
        elif said["event"] == "ready":
            self._warm.forks = said["forks"]
        elif said["event"] == "broken":
            raise AttendError(f"the process that checks cannot go on ({said['why']}); try `attend check`.")
        elif run is not None and said["number"] == run.number:
            self._heard(run, said)

    def _heard(self, run: _Run, said: dict) -> None:
        match said["event"]:
            case "trying":
                run.trying = run.topic.exercise(said["exercise"])
            case "verdict":
                run.trying = None
                verdict = ExerciseVerdict.from_plain(said["verdict"], run.topic)
                run.check.verdicts.append(verdict)
                self._face.verdict(verdict)
            case "problem":
                run.check.problem, run.check.line = said["problem"], said["line"]
            case "end":
                run.check.code = said["code"]
                self._end()
            case "stuck":
                self._end(f"{self._trying()} does not come back, even when asked to; stopped.")
            case "crash":
                self._end(f"{self._trying()} ended the process, {said['how']}.")

    def _gone(self) -> None:
        """The warm process ended: after its one check, or because the student's code ended it."""
        if self._run is not None:
            self._end(f"{self._trying()} ended the process.")
        if self._warm.forks is None:
            raise AttendError("the process that checks does not start; `attend check` may say why.")
        self._warm.start()

    def _wait_on(self) -> None:
        run = self._run
        if run is None:
            return
        silence = time.monotonic() - self._heard_at
        if silence > HOPELESS_SECONDS:
            self._end(f"{self._trying()} does not come back; stopped.")
            self._warm.start()
        elif silence > STILL_SECONDS and run.trying and not run.told:
            run.told = True
            self._face.still(run.trying)

    def _trying(self) -> str:
        exercise = self._run.trying
        return f"{exercise.label} {exercise.name}" if exercise else f"{self._run.topic.slug}.py"

    def _end(self, problem: str = "") -> None:
        run, self._run = self._run, None
        run.check.problem = problem or run.check.problem
        self._face.end(run.check, time.time() - run.saved if run.saved else None)
