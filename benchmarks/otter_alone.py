"""The other side of the measurement: a topic's hidden tests in otter's own format, without a plugin.

The file of tests that is made holds the text of the hidden tests, the reference solution as their oracle, and a case for
each test. Tests call the student's functions in otter's own process: no time limit, no sandbox.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attend.course.syllabus import Course, Topic
from attend.grading.bundle import run_tool

# Stands in for pytest, which takes longer to import than many tests to run: each parametrised test becomes several cases.
_BEGIN = """
OK_FORMAT = False
import itertools, sys, types, zlib
from contextlib import contextmanager
import numpy as np
from otter.test_files import test_case
from attend.student.handle import Student
from attend.student.local import LocalBackend

class _Mark:
    def exercise(self, name):
        return lambda test: test
    def parametrize(self, names, rows, ids=None):
        names = names.split(",") if isinstance(names, str) else names
        names = [name.strip() for name in names]
        rows = [dict(zip(names, row if len(names) > 1 else [row])) for row in rows]
        def mark(test):
            test.__dict__.setdefault("rows", []).insert(0, rows)
            return test
        return mark

class pytest:
    mark = _Mark()
    @staticmethod
    @contextmanager
    def raises(kind):
        try:
            yield
        except kind:
            return
        raise AssertionError("nothing was raised")

def for_exercises(*names):
    return pytest.mark.parametrize("name", names)

_module = types.ModuleType("attend_reference")
sys.modules[_module.__name__] = _module
exec(compile(SOLUTION, "<reference>", "exec"), _module.__dict__)
_student = []
"""

_END = """
def _make_student(env):
    if not _student:
        _student.append(types.ModuleType("submission"))
        _student[0].__dict__.update(env)
    return Student(LocalBackend(_student[0]))

def _torch_generator(seed):
    import torch
    return torch.Generator().manual_seed(seed)

def _case(test, row, label):
    seed, wanted = zlib.crc32(label.encode()), test.__code__.co_varnames[: test.__code__.co_argcount]
    def run(env):
        student = _make_student(env)
        student.reset(seed + 1)
        makers = {"student": lambda: student, "reference": lambda: _module,
            "rng": lambda: np.random.default_rng(seed), "torch_rng": lambda: _torch_generator(seed)}
        test(**{name: row[name] if name in row else makers[name]() for name in wanted})
    return test_case(name=label)(run)

def _cases(found):
    for name, test in found:
        for place, rows in enumerate(itertools.product(*test.__dict__.get("rows", []))):
            yield f"{name}_{place}", _case(test, {k: v for row in rows for k, v in row.items()}, f"{name}_{place}")

globals().update(dict(_cases([(n, t) for n, t in globals().items() if n.startswith("test_") and n != "test_case"])))
"""


def tests_file(course: Course, topic: Topic) -> str:
    """The text of a file of tests for otter: all hidden tests of the topic, each one a case."""
    left_out = ("import pytest", "from attend.testing.items import for_exercises")
    hidden = course.graders(topic).read_text(encoding="utf-8")
    lines = [line for line in hidden.splitlines() if line not in left_out]
    solution = course.solution(topic).read_text(encoding="utf-8")
    head = f"SOLUTION = {solution!r}\nname = {topic.slug!r}\npoints = {topic.points}\n"
    return "\n".join([head, _BEGIN, *lines, _END])


def build(course: Course, topic: Topic, folder: Path) -> Path:
    """Have otter make an autograder zip of the topic's hidden tests."""
    tests = folder / topic.slug / "tests"
    tests.mkdir(parents=True)
    (tests / f"{topic.slug}.py").write_text(tests_file(course, topic), encoding="utf-8")
    config = {"show_hidden": True, "show_stdout": False, "print_summary": False}
    (tests.parent / "otter_config.json").write_text(json.dumps(config), encoding="utf-8")
    made = tests.parent / "autograder.zip"
    options = ["-t", tests, "-o", made, "-c", "otter_config.json", "--no-requirements", "--no-environment"]
    run_tool([sys.executable, "-m", "otter", "generate", *options], tests.parent)
    return made


def grade(paths: list[Path], autograder: Path, out: Path, jobs: int) -> tuple[float, list[float]]:
    """Run otter on each file, `jobs` at a time; seconds for all of them, and the share of its points that each got."""

    def run(path: Path) -> float:
        folder = out / path.parent.name
        folder.mkdir(parents=True)
        command = ["-m", "otter", "run", path, "-a", autograder, "-o", folder, "--no-logo"]
        subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True, cwd=folder)
        rows = json.loads((folder / "results.json").read_text())["tests"]
        tests = [row for row in rows if "max_score" in row]
        return sum(test["score"] for test in tests) / sum(test["max_score"] for test in tests)

    start = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        shares = list(pool.map(run, paths))
    return time.perf_counter() - start, shares
