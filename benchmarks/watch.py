"""Measure `attend watch`: from the moment a module is saved to the moment its verdict is printed, topic by topic.

    python benchmarks/watch.py [TOPIC…] [--saves 15]

Each topic's solution stands in assignments/ of a copy of the course, so every public test runs; each save changes a
comment. The clock is outside: it starts before the file is written, and stops when the watcher's last line has come
through its pipe. The median is what a student sees on this machine as busy as it is now; the best is what is left
when nothing else wanted the processor. Exit code 1 when a median is above the 150 ms that are promised.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attend.course.syllabus import Course, Topic, load_course

WANTED = 0.150
PAUSE = 0.25  # between two saves: nobody types faster


def copy_course(course: Course, root: Path) -> Course:
    """What a student has, with the solutions written in."""
    for name in ("course.toml", "pyproject.toml"):
        shutil.copy(course.root / name, root)
    shutil.copytree(course.root / "tests" / "public", root / "tests" / "public")
    shutil.copytree(course.root / "solutions", root / "assignments")
    return load_course(root)


@contextmanager
def watching(course: Course, topic: Topic) -> Iterator[subprocess.Popen]:
    """`attend watch TOPIC`, warm: its first verdict has been read."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "attend", "watch", topic.slug],
        cwd=course.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    try:
        verdict(process, topic)
        yield process
    finally:
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        process.wait(20)


def verdict(process: subprocess.Popen, topic: Topic) -> str:
    """What the watcher prints up to the end of its next check."""
    said = []
    for line in process.stdout:
        said.append(line)
        if f"watching assignments/{topic.slug}.py" in line:
            return "".join(said)
    raise SystemExit(f"attend watch {topic.number} ended:\n{''.join(said)}")


def measure(course: Course, topic: Topic, saves: int) -> list[float]:
    """Seconds from save to verdict, one a save."""
    path = course.assignment(topic)
    text = path.read_text(encoding="utf-8")
    seconds = []
    with watching(course, topic) as process:
        for number in range(saves):
            time.sleep(PAUSE)
            start = time.perf_counter()
            path.write_text(f"{text}\n# save {number}\n", encoding="utf-8")
            said = verdict(process, topic)
            seconds.append(time.perf_counter() - start)
            for exercise in topic.exercises:
                assert f"✓ {exercise.label} " in said, said
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topics", nargs="*", metavar="TOPIC")
    parser.add_argument("--saves", type=int, default=15)
    options = parser.parse_args()
    above = []
    print("| topic | median, ms | best, ms | load |\n| --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="attend-watch-") as folder:
        course = copy_course(load_course(), Path(folder))
        for topic in course.select(options.topics):
            seconds = measure(course, topic, options.saves)
            median = statistics.median(seconds)
            print(
                f"| {topic.number} | {1e3 * median:.0f} | {1e3 * min(seconds):.0f} | {os.getloadavg()[0]:.1f} |",
                flush=True,
            )
            if median > WANTED:
                above.append(topic.number)
    print(f"\nabove {1e3 * WANTED:.0f} ms: {', '.join(above) or 'none'}")
    sys.exit(bool(above))


if __name__ == "__main__":
    main()
