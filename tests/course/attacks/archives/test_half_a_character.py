"""A cell of a notebook that names half a character is left out, and stops no batch."""

import json


def test_half_a_character(hand_in, zipped, honest):
    cells = [{"cell_type": "code", "source": [source]} for source in ("x = '\ud800'", honest)]
    verdict = hand_in(zipped({"t03_attention_decoding.ipynb": json.dumps({"cells": cells})})).is_honest()
    assert verdict.grade.notes == ["code cell 1 is no Python (line 1) and was left out."]
