"""Lanes as `attend grade` opens them, kept open from one measurement to the next, with what they cost."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from tricks import leave_out

from attend.course.syllabus import Course
from attend.gradebook.grade import Grade
from attend.gradebook.store import Gradebook
from attend.grading import batch
from attend.submissions.submission import Submission, read_submission


@dataclass(frozen=True)
class Cost:
    """What grading some submissions took: seconds on the clock, and seconds of processor of all processes together."""

    seconds: float
    processor: float
    grades: list[Grade]


class Lanes:
    """`count` lanes, each on a core of its own where there are so many, that do without `trick`."""

    def __init__(self, course: Course, level: str, count: int, trick: str = ""):
        self._course, self.count = course, count
        context = multiprocessing.get_context("spawn")
        initializer = partial(_open, course, level, context.Value("i", 0), trick)
        self._pool = ProcessPoolExecutor(count, context, initializer)
        self._gate = context.Manager().Barrier(count)

    def warm(self, slug: str) -> None:
        """Have every lane open the graders of a topic."""
        list(self._pool.map(_warm, [slug] * self.count, [self._gate] * self.count))

    def grade(self, paths: list[Path], gradebook: Path) -> Cost:
        """Read the files, grade them, and put the grades into a gradebook."""
        with Gradebook(gradebook) as book:
            before, start = self._processor(), time.perf_counter()
            futures = []
            for path in paths:
                topic = self._course.by_slug[path.stem]
                submission = read_submission(path, topic, path.parent.name)
                futures.append(self._pool.submit(batch._grade, submission))
            grades = []
            for future in futures:
                grades.append(future.result())
                book.add(grades[-1], "benchmark")
            seconds = time.perf_counter() - start
        return Cost(seconds, self._processor() - before, grades)

    def _processor(self) -> float:
        """Seconds of processor that the lanes, their zygotes and all workers so far have used."""
        return sum(processor_of(psutil.Process(pid)) for pid in self._pool._processes)

    def mebibytes(self) -> float:
        """The resident memory of the largest lane now, its zygotes included."""
        return max((_memory_of(psutil.Process(pid)) for pid in self._pool._processes), default=0.0)

    def close(self) -> None:
        self._pool.shutdown()

    def __enter__(self) -> "Lanes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def processor_of(process: psutil.Process) -> float:
    """Seconds of processor of a process and of all below it, those that have ended included."""
    used = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            used += sum(each.cpu_times()[:4])
        except psutil.NoSuchProcess:
            # a worker that ended meanwhile is in its zygote's account
            continue
    return used


def _memory_of(process: psutil.Process) -> float:
    # pages that a process shares with its forks are counted by their share
    return sum(each.memory_full_info().pss for each in [process, *process.children(recursive=True)]) / (
        1 << 20
    )


def _open(course: Course, level: str, numbers, trick: str) -> None:
    leave_out(trick)
    batch._open_lane(course, level, numbers)


def _warm(slug: str, gate) -> None:
    course = batch._lane._course
    topic = course.by_slug[slug]
    batch._lane.grader(topic)
    # one submission before the clock starts: zygotes start at the first one
    solution = course.solution(topic).read_text(encoding="utf-8")
    batch._lane.grade_submission(Submission("warm", slug, f"{slug}.py", solution))
    gate.wait(300)
