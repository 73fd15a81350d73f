"""Backslashes and drive letters are paths too: what leaves its folder is left out. A stream is no Python file."""

import pytest


@pytest.mark.parametrize("name", ["..\\..\\owned.py", "C:\\owned.py", "C:owned.py", "\\\\host\\owned"])
def test_windows_path(hand_in, zipped, honest, name):
    verdict = hand_in(zipped({"t03_attention_decoding.py": honest, name: "x"})).is_honest()
    assert any("has a path that leaves its own folder" in note for note in verdict.grade.notes)


def test_stream(hand_in, zipped, honest):
    assert (
        hand_in(zipped({"t03_attention_decoding.py": honest, "t03.py:stream": "x"})).is_honest().grade.notes
        == []
    )
