"""The same in two folders, and as a module beside a notebook, is refused too."""

import pytest


@pytest.mark.parametrize("other", ["old/t03_attention_decoding.py", "t03_attention_decoding.ipynb"])
def test_same_name_in_folders(hand_in, zipped, honest, other):
    archive = zipped({"t03_attention_decoding.py": honest, other: "{}"})
    hand_in(archive).is_refused("holds t03_attention_decoding 2 times")
