"""What a student's module sets for the whole process reaches no other test, no other topic and no later run."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from attend.student import Student
from attend.student.local import LocalBackend, load_code
from attend.student.settings import Settings

SET = """
import sys
import warnings

import numpy as np

{place}sys.setrecursionlimit(sys.getrecursionlimit() + 1)
{place}np.seterr(all="raise", divide="ignore")
{place}np.set_printoptions(precision=1, threshold=0)
{place}warnings.simplefilter("error")
{torch}
"""
TORCH = """
import torch
{place}torch.set_default_dtype(torch.float16)
{place}torch.set_grad_enabled(False)
{place}torch.set_default_device("meta")
"""


@pytest.fixture(params=["numpy", "torch"])
def library(request):
    if request.param == "torch":
        pytest.importorskip("torch")
    return request.param


def text(library: str, place: str = "") -> str:
    torch = TORCH.format(place=place) if library == "torch" else ""
    code = SET.format(place=place, torch=torch)
    if not place:
        return code + "\n\ndef f(x):\n    return np.log(x)\n"
    lines = "\n".join(f"    {line}" for line in code.replace(place, "").splitlines() if line)
    return f"import numpy as np\n\n\ndef f(x):\n{lines}\n    return x\n"


@pytest.mark.parametrize("place", ["", "#inside "], ids=["while it loads", "in a call"])
def test_settings_of_a_module_stay_in_it(tiny, library, place):
    before = Settings.current()
    module = load_code(Path("t01_tiny.py"), tiny.topic("t01"), text(library, place), 10.0)
    assert Settings.current() == before
    Student(LocalBackend(module)).f(np.ones(2))
    assert Settings.current() == before
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.log(np.zeros(1))
    assert [warning.category for warning in caught] == [RuntimeWarning]


def test_a_call_begins_with_fresh_settings(tiny):
    """As in a worker: what a module sets while it loads does not make its functions raise in the tests."""
    module = load_code(Path("t01_tiny.py"), tiny.topic("t01"), text("numpy"), 10.0)
    student = Student(LocalBackend(module))
    student.reset(1)
    with np.errstate(all="raise"), pytest.warns(RuntimeWarning, match="divide by zero"):
        assert np.isneginf(student.f(np.zeros(1))).all()


def test_the_tests_own_settings_stay_as_they_are(tiny):
    module = load_code(Path("t01_tiny.py"), tiny.topic("t01"), text("numpy", "#inside "), 10.0)
    with np.errstate(over="raise"):
        Student(LocalBackend(module)).f(np.ones(2))
        assert np.geterr()["over"] == "raise"


def test_settings_are_restored_without_pytorchs_compiler():
    """In a backward pass gradients are off: `attend check` would import for more than a second."""
    pytest.importorskip("torch", reason="PyTorch is an extra")
    code = (
        "import sys, torch\nfrom attend.student import settings\n"
        "with torch.no_grad():\n    settings.reset()\n    assert torch.is_grad_enabled()\n"
        "assert 'torch._inductor' not in sys.modules\n"
        "torch.use_deterministic_algorithms(True)\nsettings.reset()\n"
        "assert not torch.are_deterministic_algorithms_enabled()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
