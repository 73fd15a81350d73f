"""Two runs never write to one folder of results, and a run that was killed leaves nothing behind for good."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from attend.course.atomic_file import WriteError
from attend.course.lock import locked, try_lock
from attend.course.scratch import remove_abandoned, scratch_folder
from attend.gradebook.grade import ExerciseGrade, Grade
from attend.gradebook.store import LOCK
from attend.grading import bundle
from attend.grading.gradescope.results_json import results
from attend.grading.otter import build as otter_build
from attend.grading.showing import Showing

from ..common import ROOT, TINY, read_rows

HOLD = (
    "import sys, time; from pathlib import Path; from attend.course.lock import try_lock; "
    "lock = try_lock(Path(sys.argv[1])); print(lock is not None, flush=True); time.sleep(600)"
)
SCRATCH = (
    "import time; from attend.course.scratch import scratch_folder\n"
    "with scratch_folder('test') as folder:\n"
    "    (folder / 'file').write_text('x'); print(folder, flush=True); time.sleep(600)"
)


@pytest.fixture
def other():
    """Start a process that runs a text of Python and prints one line; the process and the line."""
    with contextlib.ExitStack() as stack:

        def start(code: str, *arguments: object, **environment: str):
            process = subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | environment,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process, process.stdout.readline().strip()

        yield start


def test_a_lock_is_one_processs_until_it_ends_however_it_ends(other, tmp_path):
    path = tmp_path / "lock"
    process, line = other(HOLD, path)
    assert line == "True" and try_lock(path) is None
    process.kill()
    process.wait()
    lock = try_lock(path)
    assert lock is not None and path.read_bytes() == b""
    lock.close()
    # the file that a run left is no lock
    with locked(path, lambda: pytest.fail("nobody holds it")):
        assert try_lock(path) is None


def test_a_lock_is_waited_for_and_said_once(other, tmp_path):
    path, said = tmp_path / "lock", []
    process, _ = other(HOLD, path)
    threading.Timer(1.0, process.kill).start()
    start = time.monotonic()
    with locked(path, lambda: said.append(True)):
        assert said == [True] and time.monotonic() - start > 0.5


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="name another --out"), locked(tmp_path / "file" / "lock", list):
        pass
    (tmp_path / "text").write_text("not a database, but long enough to be read as the header of one " * 9)
    with pytest.raises(WriteError, match="cannot be opened for writing"):
        try_lock(tmp_path / "text")


def test_a_second_run_waits_for_the_first_and_then_grades(other, hand_in, answers, tmp_path):
    folder, out = hand_in({"ada": answers["right"]}), tmp_path / "out"
    out.mkdir()
    first, _ = other(HOLD, out / LOCK)
    command = [sys.executable, "-m", "attend", "--course", TINY, "grade", folder, "--out", out]
    second = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        line = second.stderr.readline()
        assert "another run of Attend writes to" in line and str(out) in line.replace("\n", "")
        assert not (out / "gradebook.sqlite").exists()
        first.kill()
        assert second.wait(120) == 0
    finally:
        second.kill()
        second.stderr.close()
    assert [row["points"] for row in read_rows(out / "grades.csv")] == ["40", "60"]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """An own temporary folder of the system."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(other, temporary):
    (temporary / "attend-notes").mkdir()
    killed, left = other(SCRATCH, TMPDIR=str(temporary))
    _, in_use = other(SCRATCH, TMPDIR=str(temporary))
    killed.kill()
    killed.wait()
    assert (Path(left) / "file").exists()
    with scratch_folder("mine") as folder:
        assert folder.is_dir() and (os.name != "posix" or folder.stat().st_mode & 0o777 == 0o700)
        assert not Path(left).exists() and (Path(in_use) / "file").exists()
    assert sorted(path.name for path in temporary.iterdir()) == sorted(
        ["attend-notes", Path(in_use).name, f"{Path(in_use).name}.lock"]
    )


def test_a_scratch_folder_is_gone_after_an_error_too(temporary):
    with pytest.raises(KeyError), scratch_folder("mine"):
        raise KeyError("half way")
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="links need a right of their own on Windows")
def test_a_link_in_the_temporary_folder_is_not_followed(temporary, tmp_path):
    (temporary / "attend-x.lock").symlink_to(tmp_path / "made")
    keep = tmp_path / "keep"
    keep.mkdir()
    (temporary / "attend-y").symlink_to(keep)
    (temporary / "attend-y.lock").write_text("")
    remove_abandoned()
    assert not (tmp_path / "made").exists() and keep.is_dir()


# points and zips


def dusty(tiny) -> tuple:
    """A topic and a grade whose points are not exact when they are added."""
    topic = tiny.topic("t01")
    values = [0.1, 0.2, 0.3]
    first = topic.exercises[0]
    topic = replace(
        topic,
        exercises=tuple(replace(first, name=f"e{n}", number=n, points=v) for n, v in enumerate(values)),
    )
    rows = [ExerciseGrade(f"e{n}", v, v, "full") for n, v in enumerate(values)]
    assert sum(values) != 0.6
    return topic, Grade("ada", topic.slug, "1", 7, "d", "none", rows)


def test_points_in_gradescopes_results_have_no_dust(tiny):
    topic, grade = dusty(tiny)
    data = results(topic, grade)
    assert (data["score"], topic.points, grade.max_points) == (0.6, 0.6, 0.6)
    numbers = [data["score"], *(test[key] for test in data["tests"] for key in ("score", "max_score"))]
    assert all(len(json.dumps(number).partition(".")[2]) <= 2 for number in numbers)


def test_points_in_otters_results_have_no_dust(tiny, monkeypatch):
    from otter.run.run_autograder.autograder_config import AutograderConfig
    from otter.test_files import GradingResults

    from attend.grading.otter.plugin import AttendPlugin

    monkeypatch.setattr(GradingResults, "to_gradescope_dict", GradingResults.to_gradescope_dict)
    topic, grade = dusty(tiny)
    grade.exercises[-1].points = 0.05
    plugin = SimpleNamespace(topic=topic, grade=grade, showing=Showing())
    for _ in range(2):
        found = GradingResults([])
        AttendPlugin.after_grading(plugin, found)
        data = found.to_gradescope_dict(AutograderConfig({"points_possible": topic.points}))
        assert data["score"] == 0.35


@pytest.mark.otter
def test_otters_zip_is_the_same_bytes_whatever_the_machine_sets(course, tmp_path, monkeypatch):
    """Permissions of new files, of the course's files, and the order in which folders list them do not matter."""
    topic = course.topic("t01")
    made = []
    for mask in (0o022, 0o077):
        bundle.build_wheel.cache_clear()
        before = os.umask(mask)
        try:
            made.append(otter_build.build_zip(course, topic, tmp_path / str(mask)).read_bytes())
        finally:
            os.umask(before)
    bundle.build_wheel.cache_clear()
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "18" / f"{topic.slug}.zip") as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".whl")]
        (tmp_path / Path(name).name).write_bytes(archive.read(name))
    wheel = tmp_path / Path(name).name
    check = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        tmp_path / "in",
    ]
    subprocess.run([*map(str, check), str(wheel)], check=True, cwd=ROOT, capture_output=True)
    assert (tmp_path / "in" / "attend" / "cli" / "gradebook.py").exists()
