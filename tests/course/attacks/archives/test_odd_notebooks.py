"""Notebooks that are no notebooks are refused: deep, endless, of other types."""

import pytest

NOTEBOOKS = {
    "deep": "[" * 100_000,
    "deep inside": '{"cells":' + "[" * 50_000 + "]" * 50_000 + "}",
    "a list": "[1, 2]",
    "cells of numbers": '{"cells": [1, 2]}',
    "cells without source": '{"cells": [{"cell_type": "code"}]}',
    "source of numbers": '{"cells": [{"cell_type": "code", "source": [1]}]}',
    "a huge number": '{"cells": ' + "9" * 500_000 + "}",
    "no JSON": "raise SystemExit",
}


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_odd_notebooks(hand_in, write, kind):
    path = write("t03_attention_decoding.ipynb", NOTEBOOKS[kind])
    hand_in(path).is_refused("t03_attention_decoding.ipynb is no readable notebook")
