"""Benches for the labs' tests: the finished modules, or a copy that a test may damage."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ..common import COURSE

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from attend.lab.context import Bench  # noqa: E402
from attend.lab.modules import Code  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def screen() -> Console:
    return Console(file=StringIO(), width=100)


@pytest.fixture
def bench(tmp_path, screen) -> Bench:
    return Bench(Code(COURSE.root / "solutions"), 0, tmp_path / "kept", screen)


@pytest.fixture
def own_code(tmp_path) -> Path:
    """A folder called assignments with the finished modules, to be changed."""
    folder = tmp_path / "assignments"
    shutil.copytree(COURSE.root / "solutions", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder
