"""The list of slow tests names tests that exist."""

import re
from functools import cache
from pathlib import Path

from .conftest import slow_tests

HERE = Path(__file__).parent


@cache
def defined_in(file: str) -> set[str]:
    path = HERE / file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return set(re.findall(r"^\s*(?:async )?def (test_\w+)\(", text, re.MULTILINE))


def test_every_listed_test_exists():
    listed = [name.partition("::") for name in sorted(slow_tests())]
    assert listed
    assert [f"{file}::{name}" for file, _, name in listed if name not in defined_in(file)] == []
