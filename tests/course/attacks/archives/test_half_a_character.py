"""A notebook that names half a character is refused, and stops no batch."""

import json


def test_half_a_character(hand_in, zipped):
    cell = {"cell_type": "code", "source": ["x = '\ud800'"]}
    archive = zipped({"t03_attention_decoding.ipynb": json.dumps({"cells": [cell]})})
    hand_in(archive).is_refused("half a character")
