"""The list of slow tests names tests that exist."""

import re
from pathlib import Path

import pytest

from .conftest import slow_tests

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(slow_tests()))
def test_a_listed_test_exists(name):
    file, _, function = name.partition("::")
    path = HERE / file
    assert path.is_file(), f"slow.txt names {file}, which is not there"
    assert re.search(rf"^\s*(async )?def {function}\(", path.read_text(encoding="utf-8"), re.MULTILINE)
