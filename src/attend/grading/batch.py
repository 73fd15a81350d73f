"""Grade many submissions in parallel lanes; a lane that dies loses nothing."""

import multiprocessing
import os
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attend.course.syllabus import Course, load_course
from attend.gradebook.grade import Grade
from attend.gradebook.store import Gradebook, grader_digest
from attend.grading.ungraded import DIED, MAX_DEATHS, MAX_GIVEN_UP, given_up, refused
from attend.student.signals import interrupts_ignored
from attend.submissions import BatchError, Entry
from attend.submissions.submission import Refused, read_submission

if TYPE_CHECKING:
    from attend.grading.course_grader import Lane


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    grade: Grade | None


def grade_class(
    course: Course,
    entries: list[Entry],
    gradebook: Gradebook,
    level: str | None,
    jobs: int | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    scheduler: str | None = None,
    again: bool = False,
) -> None:
    """Grade what the gradebook does not hold yet, and put each grade in as it comes.

    Args:
        level: how workers are confined; None lets each machine of a cluster take its strongest.
        jobs: lanes side by side; all cores when left out.
        scheduler: `local` or the address of a Dask scheduler; None for lanes of this process.
        again: grade also what is known.
    """
    gradebook.note(entries)
    work = _Work(course, entries, gradebook, report, again)
    jobs = jobs or os.cpu_count() or 1
    if scheduler:
        from attend.grading.dask_cluster import run_cluster

        graded = run_cluster(course, work.ungraded(), level, scheduler, jobs, len(entries))
    else:
        graded = _run_lanes(course, work.ungraded(), level, jobs)
    for entry, grade in graded:
        work.finish(entry, grade)
    if work.changed:  # files that were written to while the class was graded
        grade_class(course, work.changed, gradebook, level, jobs, report, scheduler)


class _Work:
    """What is still to be graded. The same text handed in twice is graded once."""

    def __init__(self, course: Course, entries: list[Entry], gradebook: Gradebook, report, again: bool):
        self._course, self._entries, self._gradebook, self._report = course, entries, gradebook, report
        self._graders = {
            slug: grader_digest(course, course.by_slug[slug]) for slug in {entry.topic for entry in entries}
        }
        self._known = set() if again else gradebook.known()
        self._waiting: dict[tuple[str, str], list[Entry]] = {}  # by topic and digest: who has the same text
        self._finished: dict[tuple[str, str], str] = {}  # whose grade is in the gradebook
        self._key: dict[Entry, tuple[str, str]] = {}
        self._done = 0
        self.changed: list[Entry] = []

    def ungraded(self) -> Iterator[Entry]:
        """The entries that a lane must see, read as they are asked for."""
        for entry in self._entries:
            topic = self._course.by_slug[entry.topic]
            grade = None
            try:
                digest = read_submission(entry.path, topic, entry.student).digest
            except Refused as error:
                grade = refused(entry.path, self._course, topic, entry.student, str(error))
                digest = grade.digest
            key = (entry.topic, digest)
            if (entry.student, entry.topic, digest, self._graders[entry.topic]) in self._known:
                self._tell(None)
            elif grade is not None:
                self._add(entry, grade)
            elif key in self._finished:
                self._add(entry, self._gradebook.grade(self._finished[key], entry.topic))
            elif key in self._waiting:
                self._waiting[key].append(entry)
            else:
                self._waiting[key] = [entry]
                self._key[entry] = key
                yield entry

    def finish(self, entry: Entry, grade: Grade) -> None:
        key = self._key.pop(entry)
        twins = self._waiting.pop(key)
        self._add(entry, grade)
        if grade.digest != key[1]:
            self.changed += twins[1:]
            return
        self._finished[key] = entry.student
        for twin in twins[1:]:
            self._add(twin, grade)

    def _add(self, entry: Entry, grade: Grade) -> None:
        grade = replace(grade, student=entry.student)
        self._gradebook.add(grade, self._graders[entry.topic])
        self._tell(grade)

    def _tell(self, grade: Grade | None) -> None:
        self._done += 1
        self._report(Progress(self._done, len(self._entries), grade))


def _run_lanes(
    course: Course, work: Iterator[Entry], level: str | None, jobs: int
) -> Iterator[tuple[Entry, Grade]]:
    """Each entry with its grade, as they come.

    When a lane dies, what was under way is graded again one at a time, so that the one that kills is known.
    """
    suspects: deque[Entry] = deque()
    deaths: dict[Entry, int] = defaultdict(int)
    given_up_in_turn = 0
    more = True
    while suspects or more:
        alone = bool(suspects)
        source = _take(suspects) if alone else work
        under_way: dict[Future, Entry] = {}
        width = 1 if alone else jobs
        # a fork of this process would share its threads' locks
        context = multiprocessing.get_context("spawn")
        # where there are fewer lanes than cores the system chooses: two batches might take the same ones
        fixed = hasattr(os, "sched_getaffinity") and width >= len(os.sched_getaffinity(0))
        numbers = context.Value("i", 0) if fixed else None
        with ProcessPoolExecutor(width, context, _open_lane, (course.root, level, numbers)) as pool:
            try:
                for entry in source:
                    under_way[_submit(pool, entry, suspects)] = entry
                    # a bounded queue: memory stays flat however large the class is
                    if len(under_way) >= (1 if alone else 4 * jobs):
                        yield from _finished(under_way)
                        given_up_in_turn = 0
                while under_way:
                    yield from _finished(under_way)
                    given_up_in_turn = 0
                more = more and alone
                continue
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)  # what waits need not be graded first
                raise
            except BrokenProcessPool as error:
                cause = error
        for entry in under_way.values():
            deaths[entry] += alone
            if deaths[entry] < MAX_DEATHS:
                suspects.append(entry)
                continue
            given_up_in_turn += 1
            if given_up_in_turn > MAX_GIVEN_UP:
                raise BatchError(
                    f"the grading processes die again and again, lastly at {entry.path}; is there enough memory? "
                    "What is graded is kept: start again to go on."
                ) from cause
            yield entry, given_up(course, entry, DIED)


def _submit(pool: ProcessPoolExecutor, entry: Entry, suspects: deque[Entry]) -> Future:
    try:
        with interrupts_ignored():
            return pool.submit(_grade_entry, entry)
    except BrokenProcessPool:
        suspects.append(entry)  # a lane died before this one was handed out
        raise


def _take(entries: deque[Entry]) -> Iterator[Entry]:
    while entries:
        yield entries.popleft()


def _finished(under_way: dict[Future, Entry]) -> Iterator[tuple[Entry, Grade]]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        grade = future.result()
        yield under_way.pop(future), grade


_lane: "Lane | None" = None


def _open_lane(root: Path, level: str, numbers) -> None:
    global _lane
    threading.Thread(target=_end_with_the_batch, daemon=True).start()
    if numbers is not None:
        _stay_on_one_core(numbers)
    from attend.grading.course_grader import Lane  # with it come the graders, which this process does without

    _lane = Lane(load_course(root), level)


def _stay_on_one_core(numbers) -> None:
    """A lane waits for its worker and the worker for its lane: on one core neither wakes another core up for that."""
    with numbers.get_lock():
        number = numbers.value
        numbers.value += 1
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[number % len(cores)]})


def _end_with_the_batch() -> None:
    """A lane whose batch was killed would wait for work for ever, and its zygotes with it."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _grade_entry(entry: Entry) -> Grade:
    return _lane.grade(entry)
