"""References as modules, for tests that hold them against PyTorch and against each other."""

from types import ModuleType

import pytest

from attend.student.module import load_module

from ..common import COURSE


@pytest.fixture(scope="session")
def load():
    """The reference of a topic, as `load("t04")`."""
    loaded: dict[str, ModuleType] = {}

    def module(number: str) -> ModuleType:
        if number not in loaded:
            path = COURSE.solution(COURSE.topic(number))
            loaded[number] = load_module(path.read_text(encoding="utf-8"), f"reference_{number}", str(path))
        return loaded[number]

    return module


@pytest.fixture(autouse=True)
def seed():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    with torch.random.fork_rng():
        torch.manual_seed(20_170_612)
        yield
