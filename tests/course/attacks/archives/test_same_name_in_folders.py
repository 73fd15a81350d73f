"""The same name in two folders, and a notebook beside a module: the one that is written in counts, and a note says so."""

import pytest


@pytest.mark.parametrize("other", ["old/t03_attention_decoding.py", "t03_attention_decoding.ipynb"])
def test_same_name_in_folders(hand_in, zipped, honest, other):
    verdict = hand_in(zipped({other: '{"cells": []}', "t03_attention_decoding.py": honest})).is_honest()
    assert any(
        "t03_attention_decoding.zip: t03_attention_decoding.py counts" in note for note in verdict.grade.notes
    )
