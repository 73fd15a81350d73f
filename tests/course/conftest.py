"""What the course's own tests share: this course, a tiny one, and lanes that grade with both.

pytest-xdist runs the tests in several processes (`make test`). A file goes to one process as a whole, for most files have
fixtures of their own; only the topics of the audit go one by one. What takes long begins first.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

# PyTorch's own threads wait for each other by spinning: on tensors as small as the tests' that takes ten times the
# processor time. It reads this when it is imported, here and in the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from filelock import FileLock

from attend.course.syllabus import Course, load_course
from attend.grading.course_grader import Lane
from attend.sandbox.client import Zygote
from attend.sandbox.levels import choose_level

from .common import COURSE, ROOT, TINY

collect_ignore = ["tiny"]  # a course of its own, for tests; its graders are no tests of ours


def pytest_configure():
    """Let processes that tests start hear Ctrl-C: a shell has what it runs in the background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def slow_tests() -> set[str]:
    """The tests of slow.txt, as `test_edges.py::test_name`, below the folder of this file."""
    lines = (Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


AUDIT = "test_the_audit_of_a_topic_has_no_hole["

# A test has these marks for what its fixtures need, or take to set up or to run.
BROWSER = {"browser_program", "node", "site"}
SLOW = {
    "autograder",
    "graded",
    "installed",
    "on_stubs",
    "real",
    "results",
    "small_class",
    "start",
    "tiny_class",
    "undisturbed",
    "users_zygote",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark tests by their fixtures; for pytest-xdist, begin with what takes long."""
    listed = slow_tests()
    for item in items:
        if item.nodeid.partition("[")[0].removeprefix("tests/course/") in listed:
            item.add_marker("slow")
        for mark, fixtures in (("browser", BROWSER), ("slow", SLOW)):
            if fixtures & set(item.fixturenames):
                item.add_marker(mark)
    if hasattr(config, "workerinput"):
        slow = ("browser", "slow")
        items.sort(key=lambda item: (AUDIT not in item.nodeid, not any(map(item.get_closest_marker, slow))))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests go to processes by the file, a topic's audit by itself."""
    # pytest-xdist's own `loadgroup` changes the ids of tests, and pytest 9.2 does not let it
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if AUDIT in nodeid else nodeid.partition("::")[0]

    return ByFile(config, log)


def pytest_terminal_summary(terminalreporter):
    """Print by name what was left out, and why: a run that proved less must say so."""
    left_out: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple):  # a skip; an expected failure tells its reason elsewhere
            left_out.setdefault(report.longrepr[2].removeprefix("Skipped: "), []).append(report.nodeid)
    if left_out:
        terminalreporter.section("left out")
    for reason, tests in left_out.items():
        terminalreporter.write_line(reason)
        for test in tests:
            terminalreporter.write_line(f"    {test}")


HAS_TORCH = find_spec("torch") is not None
IMPORTS_TORCH = re.compile(r"^(import|from) torch\b", re.MULTILINE)


class NeedsTorch(pytest.Module):
    """A test file that imports torch, where torch is not installed."""

    def collect(self):
        pytest.skip("PyTorch is not installed", allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    """Leave out a file that imports torch where there is none; the end of the output names it."""
    if not HAS_TORCH and IMPORTS_TORCH.search(module_path.read_text(encoding="utf-8")):
        return NeedsTorch.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def course() -> Course:
    return COURSE


@pytest.fixture(scope="session")
def level() -> str:
    """The strongest confinement that this machine gives."""
    return choose_level(None)


@pytest.fixture(scope="session")
def lane(course, level):
    """Graders of the real course, opened when first asked for."""
    with Lane(course, level) as opened:
        yield opened


@pytest.fixture(scope="session")
def zygote(level):
    """A warm interpreter to fork workers from, with torch where it is installed."""
    with Zygote("torch" if HAS_TORCH else "numpy", level) as warm:
        yield warm


@pytest.fixture(scope="session")
def tiny() -> Course:
    """A course of two small topics, one NumPy and one PyTorch; read it, do not write to it."""
    return load_course(TINY)


@pytest.fixture(scope="session")
def tiny_lane(tiny, level):
    with Lane(tiny, level) as opened:
        yield opened


@pytest.fixture(scope="session")
def attend() -> Callable[..., subprocess.CompletedProcess]:
    """Run the real command, in a process of its own."""

    def run(*arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "attend", *map(str, arguments)],
            cwd=cwd,
            env=os.environ | {"COLUMNS": "200", "PYTHONIOENCODING": "utf-8"} | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=3600,
        )

    return run


@pytest.fixture(scope="session")
def made_once(request, tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """`made_once(name, make)`: a folder that `make` filled, once for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        # each process of pytest-xdist has a folder of its own, below one of the run
        base = base.parent

    def get(name: str, make: Callable[[Path], None]) -> Path:
        folder, whole = base / name, base / f"{name}.whole"
        with FileLock(base / f"{name}.lock"):
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                whole.touch()
        return folder

    return get


@pytest.fixture(scope="session")
def tiny_class(attend, made_once) -> Path:
    """A folder with a sample class of the tiny course in `class` and what grading it gave in `results`."""

    def make(folder: Path) -> None:
        sizes = ("--students", 14, "--seed", 4)
        made = attend("--course", TINY, "sample-class", *sizes, "--out", folder / "class")
        assert made.returncode == 0, made.stderr
        graded = attend("--course", TINY, "grade", folder / "class", "--out", folder / "results")
        assert graded.returncode == 0, graded.stderr
        (folder / "output.txt").write_text(graded.stdout, encoding="utf-8")

    return made_once("tiny-class", make)


@pytest.fixture
def own_tiny(tmp_path) -> Course:
    """A copy of the tiny course that a test may change."""
    root = tmp_path / "tiny"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    return load_course(root)


@pytest.fixture
def write(tmp_path):
    """Write a text or bytes to a file below the test's own folder; its path."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def lay(tmp_path):
    """Write files below `class`; a name that ends in / is an empty folder. The folder."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "class" / name
            if name.endswith("/"):
                path.mkdir(parents=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "class"

    return write
