"""A file of a terabyte, most of it holes, is refused by its size and never read."""

import os

import pytest


@pytest.mark.parametrize("suffix", [".py", ".zip", ".ipynb"])
def test_huge_file(hand_in, tmp_path, suffix):
    path = tmp_path / f"t03_attention_decoding{suffix}"
    path.touch()
    os.truncate(path, 1 << 40)
    hand_in(path).is_refused("bytes; at most")
