"""Backslashes, drive letters and streams are paths too."""

import pytest


@pytest.mark.parametrize(
    "name", ["..\\..\\owned.py", "C:\\owned.py", "C:owned.py", "t03.py:stream", "\\\\host\\owned"]
)
def test_windows_path(hand_in, zipped, honest, name):
    archive = zipped({"t03_attention_decoding.py": honest, name: "x"})
    hand_in(archive).is_refused("a path that leaves its own folder")
