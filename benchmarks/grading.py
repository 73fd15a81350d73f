"""Measure grading: `attend grade` beside `otter run`, on the same submissions and the same hidden tests.

    python benchmarks/grading.py [--submissions 300] [--otter 4] [--rounds 5] [--topic t03]

Prints submissions a second, the ratio, fork-to-first-answer, the cost of a call, peak memory, and how the time of a
grade splits. Both sides run on all cores, one after the other in each round: a shared machine may be half as fast a minute
later. The submissions are right, each exercise in one of the shapes that the course knows; replies that were seen before
are judged at once, so what a grade costs where none was is told as well.
"""

import argparse
import contextlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from attend.course import bank
from attend.course.archives import write_zip
from attend.course.source import SpliceError
from attend.course.syllabus import load_course
from attend.gradebook.store import Gradebook
from attend.grading import prefetch
from attend.grading.batch import grade_class
from attend.grading.course_grader import Lane
from attend.grading.otter.build import build_zip
from attend.sandbox.backend import RemoteBackend
from attend.sandbox.client import Zygote
from attend.sandbox.levels import choose_level
from attend.student import Student
from attend.submissions import Entry
from attend.submissions.submission import read_submission

CORES = os.cpu_count() or 1


def submissions(course, topic, count: int, folder: Path) -> list[Entry]:
    """Right answers of different shapes by `count` students; no two texts are the same."""
    shapes = bank.alternates(course, topic)
    random_ = random.Random(course.seed)
    entries = []
    for number in range(count):
        path = folder / f"student-{number:05}" / f"{topic.slug}.zip"
        path.parent.mkdir(parents=True)
        text = course.solution(topic).read_text(encoding="utf-8")
        for exercise in topic.exercises:
            known = [shape for shape in shapes if shape.exercise == exercise.name]
            if (shape := random_.choice([None, *known])) is not None:
                with contextlib.suppress(SpliceError):  # another shape has taken the whole class
                    text = shape.spliced(text, topic)
        write_zip(path, [(f"{topic.slug}.py", f"{text}\n# {number}\n".encode())], compress=False)
        entries.append(Entry(path.parent.name, topic.slug, path))
    return entries


def measure_attend(course, entries: list[Entry], level: str, out: Path) -> dict:
    """Throughput of `attend grade`'s own batch, start-up included and left out."""
    gradebook = Gradebook(out / "gradebook.sqlite")
    moments: list[float] = []
    splits: list[float] = []

    def report(progress):
        moments.append(time.perf_counter())
        splits.append(progress.grade.seconds)

    start = time.perf_counter()
    grade_class(course, entries, gradebook, level, CORES, report)
    points = {(grade.points, grade.max_points) for grade in gradebook.grades()}
    assert len(points) == 1 and next(iter(points))[0] == next(iter(points))[1], "the reference lost points"
    gradebook.close()
    first, last = moments[0], moments[-1]
    quarters = np.array_split(np.diff(moments), 4)
    return {
        "whole_seconds": last - start,
        "rate": (len(moments) - 1) / (last - first),
        "rate_by_quarter": [len(part) / part.sum() for part in quarters if len(part)],
        "grade_seconds": statistics.median(splits),
        "peak_mib_of_lanes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def measure_otter(entries: list[Entry], autograder: Path, out: Path) -> dict:
    """Throughput of `otter run` with the same hidden tests, one process a core."""

    def run(entry: Entry) -> None:
        folder = out / entry.student
        folder.mkdir(parents=True)
        command = [
            sys.executable,
            "-m",
            "otter",
            "run",
            entry.path,
            "-a",
            autograder,
            "-o",
            folder,
            "--no-logo",
        ]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        tests = json.loads((folder / "results.json").read_text())["tests"]
        assert sum(test.get("score", 0) for test in tests) > 0

    start = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(run, entries))
    seconds = time.perf_counter() - start
    return {"whole_seconds": seconds, "rate": len(entries) / seconds}


def measure_grade(course, topic, entries: list[Entry], level: str) -> dict:
    """Milliseconds of one grade in one lane: with the replies seen before, and with none."""
    handed_in = [read_submission(entry.path, topic, entry.student) for entry in entries]
    found = {}
    for name, kept in (("unseen", 0), ("seen", prefetch.MAX_SEEN)):
        prefetch.MAX_SEEN = kept
        with Lane(course, level) as lane:
            grader = lane.grader(topic)
            for submission in handed_in:
                grader.grade(submission)
            before = time.process_time()
            found[name] = 1e3 * statistics.median(grader.grade(each).seconds for each in handed_in)
            found[f"{name}_grader"] = 1e3 * (time.process_time() - before) / len(handed_in)
    return found


def measure_worker(course, library: str, level: str) -> dict:
    """Fork to first answer, and one call with a 64 × 64 float64 array; on one core, as a batch's lanes have it."""
    text = "def same(x):\n    return x\n"
    array = np.ones((64, 64))
    if library == "torch":
        import torch

        array = torch.ones(64, 64)
    with _one_core(), Zygote(library, level) as zygote:
        backend = RemoteBackend(zygote, "same.py", text, 10.0)
        forks, calls = [], []
        for _ in range(30):
            backend.renew()
            start = time.perf_counter()
            student = Student(backend)
            student.same(array)
            forks.append(time.perf_counter() - start)
        for _ in range(500):
            start = time.perf_counter()
            student.same(array)
            calls.append(time.perf_counter() - start)
        backend.close()
    return {"fork_ms": 1e3 * statistics.median(forks), "call_ms": 1e3 * statistics.median(calls)}


@contextlib.contextmanager
def _one_core():
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=300)
    parser.add_argument(
        "--otter", type=int, default=4, help="how many of them otter grades in a round (it is slow)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--topic", default="t03")
    options = parser.parse_args()
    course = load_course()
    topic = course.topic(options.topic)
    level = choose_level(None)
    print(f"{topic.slug}, isolation {level}, {CORES} cores, load {os.getloadavg()[0]:.1f}")
    for library in ("numpy", "torch"):
        worker = measure_worker(course, library, level)
        print(
            f"{library}: fork to first answer {worker['fork_ms']:.1f} ms; a 64 × 64 call {worker['call_ms']:.2f} ms"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = submissions(course, topic, options.submissions, folder / "class")
        autograder = build_zip(course, topic, folder / "otter")
        ratios = []
        for number in range(options.rounds):
            attend = measure_attend(course, entries, level, folder / f"attend-{number}")
            quarters = ", ".join(f"{rate:.1f}" for rate in attend["rate_by_quarter"])
            print(
                f"attend: {attend['rate']:.1f} submissions a second ({quarters} by quarter), "
                f"{1e3 * attend['grade_seconds']:.0f} ms a grade, {attend['whole_seconds']:.1f} s with start-up, "
                f"lanes peak at {attend['peak_mib_of_lanes']:.0f} MiB"
            )
            otter = measure_otter(entries[: options.otter], autograder, folder / f"otter-{number}")
            ratios.append(attend["rate"] / otter["rate"])
            print(f"otter run: {otter['rate']:.2f} submissions a second; ratio: {ratios[-1]:.0f}")
        print(f"ratio, median of {options.rounds} rounds: {statistics.median(ratios):.0f}")
        grade = measure_grade(course, topic, entries[:20], level)
        print(
            f"one lane: {grade['seen']:.0f} ms a grade, {grade['seen_grader']:.0f} of them the grader's own; where no reply "
            f"was seen before {grade['unseen']:.0f} ms and {grade['unseen_grader']:.0f}"
        )


if __name__ == "__main__":
    main()
