"""Measure how grading scales from one lane to two, and work out a term of 30,000 submissions on paper.

    python benchmarks/scaling.py [--students 120] [--topic t03] [--rounds 3] [--dask]

The class is a sample class: right answers, known mistakes, stubs, endless loops, hostile files; each text differs
from the others by a comment, so that nothing is graded once for two. Each round grades it with one lane and with two,
in turn; the best round of each counts, because a busy machine can only make one slower. Start-up is measured apart: a
term pays it once. What a submission costs in processor time hardly depends on what else the machine does.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from attend.authoring.sample_class import make_class
from attend.course.archives import write_zip
from attend.course.syllabus import Course, load_course
from attend.gradebook.store import Gradebook
from attend.grading.batch import Progress, grade_class
from attend.sandbox.levels import choose_level
from attend.submissions import Entry, take_in
from attend.submissions.submission import read_submission

TERM = 30_000
WANTED = 1.8


@dataclass(frozen=True)
class Measured:
    """One run: seconds until the first grade, and submissions a second after it."""

    start: float
    rate: float
    processor: float  # seconds of processor a submission, all processes together


def make_distinct(course: Course, slug: str, students: int, folder: Path) -> list[Entry]:
    """A sample class in which no two files are the same."""
    topic = course.topic(slug)
    make_class(course, [topic], students, 11, folder)
    entries = take_in(course, [folder]).entries
    for entry in entries:
        text = read_submission(entry.path, topic, entry.student).text + f"\n# {entry.student}\n"
        if entry.path.suffix == ".zip":
            write_zip(entry.path, [(f"{topic.slug}.py", text.encode())], compress=False)
        else:
            entry.path.write_text(text, encoding="utf-8")
    return entries


def measure(
    course: Course, entries: list[Entry], level: str, lanes: int, out: Path, scheduler: str | None
) -> Measured:
    moments: list[float] = []

    def report(progress: Progress) -> None:
        moments.append(time.perf_counter())

    start, spent = time.perf_counter(), _processor()
    with Gradebook(out / f"{lanes}-{time.monotonic_ns()}" / "gradebook.sqlite") as gradebook:
        grade_class(course, entries, gradebook, level, lanes, report, scheduler)
        graded = gradebook.count()
    assert graded == len(entries) == len(moments)
    # the first grade of each lane pays for its start
    first = moments[lanes - 1]
    rate = (len(moments) - lanes) / (moments[-1] - first)
    return Measured(first - start, rate, (_processor() - spent) / len(entries))


def _processor() -> float:
    times = os.times()
    return times.children_user + times.children_system + times.user + times.system


def on_paper(best: dict[int, Measured]) -> list[str]:
    """A term from the measured rates: grading and start-up; what a cluster of such lanes would take."""
    lines = []
    per_lane = best[2].rate / 2
    for lanes in (1, 2, 8, 32, 64):
        rate = best[lanes].rate if lanes in best else lanes * per_lane
        hours = (TERM / rate + best[min(lanes, 2)].start) / 3600
        measured = "measured" if lanes in best else "if lanes are added as the second one was"
        lines.append(f"| {lanes} | {rate:.1f} | {hours:.1f} h | {measured} |")
    cheapest = min(found.processor for found in best.values())
    lines.append(
        f"| 2 | {2 / cheapest:.1f} | {TERM * cheapest / 2 / 3600:.1f} h | cores with nothing else to do |"
    )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=120)
    parser.add_argument("--topic", default="t03")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dask", action="store_true", help="lanes of a local Dask cluster")
    options = parser.parse_args()
    course = load_course()
    level = choose_level(None)
    scheduler = "local" if options.dask else None
    print(f"{options.students} submissions to {options.topic}, isolation {level}, {os.cpu_count()} cores")
    best: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = make_distinct(course, options.topic, options.students, folder / "class")
        for number in range(1, options.rounds + 1):
            for lanes in (1, 2):
                load = os.getloadavg()[0]
                found = measure(course, entries, level, lanes, folder / "out", scheduler)
                print(
                    f"round {number}, {lanes} lane{'s' if lanes > 1 else ''} (load before: {load:.1f}): "
                    f"{found.rate:.2f} a second, first grade after {found.start:.1f} s, "
                    f"{1e3 * found.processor:.0f} ms of processor a submission",
                    flush=True,
                )
                if lanes not in best or found.rate > best[lanes].rate:
                    best[lanes] = found
    ratio = best[2].rate / best[1].rate
    print(f"one to two lanes: × {ratio:.2f} ({'as wanted' if ratio >= WANTED else f'below {WANTED}'})\n")
    print(f"A term of {TERM:,} submissions like these, on paper:\n")
    print("| lanes | submissions a second | time | |\n| ---: | ---: | ---: | --- |")
    print("\n".join(on_paper(best)))


if __name__ == "__main__":
    main()
