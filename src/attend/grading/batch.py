"""Grade many submissions in parallel lanes; a lane that dies loses nothing."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from attend.course.syllabus import Course
from attend.gradebook.grade import Grade
from attend.gradebook.receipts import FOLDER, ReceiptBook
from attend.gradebook.store import Gradebook
from attend.grading.ungraded import DIED, given_up
from attend.grading.work import Progress, Queue, Work
from attend.sandbox.levels import choose_level
from attend.student.signals import interrupts_ignored
from attend.submissions import Entry
from attend.submissions.submission import Submission

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

    from attend.grading.course_grader import Lane


def grade_class(
    course: Course,
    entries: list[Entry],
    gradebook: Gradebook,
    level: str | None,
    jobs: int | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    scheduler: str | None = None,
    again: bool = False,
    key: bytes = b"",
) -> None:
    """Grade what the gradebook does not hold yet, and put each grade in as it comes.

    Args:
        level: how workers are confined; None lets each machine of a cluster take its strongest.
        jobs: lanes side by side; all cores when left out.
        scheduler: `local` or the address of a Dask scheduler; None for lanes of this process.
        again: grade also what is known.
        key: signs the receipts.
    """
    if course.grading.fresh_inputs:
        course = replace(course, secret=gradebook.secret())
    gradebook.note(entries)
    receipts = ReceiptBook(course, gradebook.path.parent / FOLDER, key)
    work = Work(course, entries, gradebook, report, again, receipts)
    jobs = jobs or os.cpu_count() or 1
    queue = Queue(work.ungraded())
    if scheduler:
        from attend.grading.dask_cluster import run_cluster

        graded = run_cluster(course, queue, level, scheduler, jobs, len(entries))
    else:
        graded = _run_lanes(course, queue, choose_level(level), jobs)
    for submission, grade in graded:
        work.finish(submission, grade)


def _run_lanes(course: Course, queue: Queue, level: str, jobs: int) -> Iterator[tuple[Submission, Grade]]:
    """Each submission with its grade, as they come.

    When a lane dies, what was under way is graded again one at a time, so that the one that kills is known.
    """
    more = True
    while queue.has_suspects or more:
        alone = queue.has_suspects
        under_way: dict[Future[Grade], Submission] = {}
        # a bounded queue: memory stays flat however large the class is
        width, most = (1, 1) if alone else (jobs, 4 * jobs)
        # a fork of this process would share its threads' locks
        context = multiprocessing.get_context("spawn")
        # where there are fewer lanes than cores the system chooses: two batches might take the same ones
        fixed = hasattr(os, "sched_getaffinity") and width >= len(os.sched_getaffinity(0))
        numbers = context.Value("i", 0) if fixed else None
        open_lane = partial(_open_lane, course, level, numbers)
        with ProcessPoolExecutor(width, context, open_lane) as pool:
            try:
                while (not alone or queue.has_suspects) and (taken := queue.take()):
                    under_way[_submit(pool, taken[0], queue)] = taken[0]
                    if len(under_way) >= most:
                        yield from _finished(under_way, queue)
                while under_way:
                    yield from _finished(under_way, queue)
                more = more and alone
                continue
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)  # what waits need not be graded first
                raise
            except BrokenProcessPool:
                pass
        for submission in queue.lost(list(under_way.values())):
            yield submission, given_up(course, submission, DIED)


def _submit(pool: ProcessPoolExecutor, submission: Submission, queue: Queue) -> Future[Grade]:
    try:
        with interrupts_ignored():
            return pool.submit(_grade, submission)
    except BrokenProcessPool:
        queue.put_back(submission)  # a lane died before this one was handed out
        raise


def _finished(under_way: dict[Future[Grade], Submission], queue: Queue) -> Iterator[tuple[Submission, Grade]]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        grade = future.result()
        queue.finished()
        yield under_way.pop(future), grade


_lane: "Lane | None" = None


def _open_lane(course: Course, level: str, numbers: "Synchronized[int] | None") -> None:
    global _lane
    threading.Thread(target=_end_with_the_batch, daemon=True).start()
    if numbers is not None:
        _stay_on_one_core(numbers)
    from attend.grading.course_grader import Lane  # with it come the graders, which this process does without

    _lane = Lane(course, level)


def _stay_on_one_core(numbers: "Synchronized[int]") -> None:
    """A lane waits for its worker and the worker for its lane: on one core neither wakes another core up for that."""
    with numbers.get_lock():
        number = numbers.value
        numbers.value += 1
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[number % len(cores)]})


def _end_with_the_batch() -> None:
    """A lane whose batch was killed would wait for work for ever, and its zygotes with it."""
    batch = multiprocessing.parent_process()
    if batch is not None:
        batch.join()
    os._exit(1)


def _grade(submission: Submission) -> Grade:
    if _lane is None:
        raise RuntimeError("this process was not opened as a lane")
    return _lane.grade_submission(submission)
