"""A class of the tiny course that takes some seconds to grade, and `attend grade` as a process that can be killed."""

import contextlib
import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from attend.course.syllabus import load_course

TINY = Path(__file__).resolve().parents[2] / "tiny"
SLOWLY = "\nimport time\n_quick = scale\n\n\ndef scale(x, factor):\n    time.sleep(0.02)\n    return _quick(x, factor)\n"
ANSWERS = {
    "right": ("", ""),
    "wrong": ("return x * factor", "return x + factor"),
    "unknown": ("return x * factor", "return x * factor + 0.25"),
    "raising": ("return scale(x, factor) + offset", "raise ValueError"),
    "dying": ("return scale(x, factor) + offset", "import os; os._exit(3)"),
    "broken": ("def shifted(", "def shifted"),
}


@dataclass
class Grading:
    """One `attend grade` under way."""

    process: subprocess.Popen
    out: Path

    def family(self, word: str = "") -> list[psutil.Process]:
        """The living processes below it whose command line holds `word`."""
        found = []
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if word in " ".join(child.cmdline()):
                        found.append(child)
        return found

    def zygotes(self) -> list[psutil.Process]:
        """The interpreters that fork workers: not bubblewrap around them, and no worker."""
        inside = [each for each in self.family("attend.sandbox.zygote") if "python" in each.name()]
        numbers = {each.pid for each in inside}
        return [each for each in inside if each.ppid() not in numbers]

    def workers(self) -> list[psutil.Process]:
        numbers = {each.pid for each in self.zygotes()}
        return [each for each in self.family("attend.sandbox.zygote") if each.ppid() in numbers]

    def until(self, condition: Callable[[], object], seconds: float = 40) -> object:
        """What `condition` returned when it first held while grading was under way; None where it never did."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(psutil.Error):
                if value := condition():
                    return value
            time.sleep(0.01)
        return None

    def graded(self) -> int:
        """How many grades the gradebook holds."""
        import sqlite3

        with contextlib.suppress(sqlite3.Error):
            with contextlib.closing(
                sqlite3.connect(f"file:{self.out}/gradebook.sqlite?mode=ro", uri=True)
            ) as book:
                return book.execute("SELECT count(*) FROM submissions").fetchone()[0]
        return 0

    def end(self, seconds: float = 90) -> tuple[int, str]:
        """Its exit code and what it told on standard error."""
        error = self.process.communicate(timeout=seconds)[1]
        return self.process.returncode, error

    def rows(self) -> list[list[str]]:
        with (self.out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
            return list(csv.reader(file))


@pytest.fixture(scope="session")
def slow_class(tmp_path_factory) -> Path:
    """Twelve different submissions, right and wrong in several ways."""
    folder = tmp_path_factory.mktemp("slow")
    right = (TINY / "solutions" / "t01_tiny.py").read_text(encoding="utf-8")
    for number in range(12):
        kind = list(ANSWERS)[number % len(ANSWERS)]
        path = folder / f"{kind}-{number:02}" / "t01_tiny.py"
        path.parent.mkdir()
        path.write_text(right.replace(*ANSWERS[kind]) + SLOWLY + f"# {number}\n", encoding="utf-8")
    return folder


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Grading]]:
    """Start `attend grade CLASS --out OUT`; whatever still lives at the end of the test is ended."""
    begun: list[subprocess.Popen] = []

    def begin(
        folder: Path, *arguments: object, course: Path = TINY, out: Path | None = None, **options
    ) -> Grading:
        out = out or tmp_path / "out"
        command = [
            sys.executable,
            "-m",
            "attend",
            "--course",
            course,
            "grade",
            folder,
            "--out",
            out,
            *arguments,
        ]
        options["env"] = {**os.environ, "COLUMNS": "200", **options.get("env", {})}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        begun.append(subprocess.Popen([str(word) for word in command], **pipes, **options))
        return Grading(begun[-1], out)

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture(scope="session")
def undisturbed(slow_class, tmp_path_factory) -> list[list[str]]:
    """The rows of grades.csv when nothing goes wrong."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    command = [sys.executable, "-m", "attend", "--course", TINY, "grade", slow_class, "--out", out]
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=90)
    rows = Grading(None, out).rows()
    assert len(rows) == 1 + 2 * 12
    return rows


@pytest.fixture
def own_course(tmp_path):
    """A copy of the tiny course that a test may break."""
    import shutil

    root = tmp_path / "course"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    return load_course(root)


def whole(out: Path) -> bool:
    """Whether no half-written file lies in the folder of results."""
    return not [path for path in out.rglob("*") if path.name.endswith(".part")]
