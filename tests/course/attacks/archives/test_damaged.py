"""An archive cut short, overwritten or only called one is refused."""

import random

import pytest


@pytest.mark.parametrize("seed", range(6))
def test_damaged(hand_in, zipped, honest, seed):
    archive = zipped({"t03_attention_decoding.py": honest})
    data, chance = bytearray(archive.read_bytes()), random.Random(seed)
    if seed == 0:
        data = b"PK\3\4" + b"nonsense" * 100
    elif seed == 1:
        data = data[: len(data) // 2]
    else:
        middle = range(100, data.index(b"PK\1\2"))
        for place in chance.sample(middle, 40):
            data[place] = chance.randrange(256)
    archive.write_bytes(data)
    hand_in(archive).is_refused("t03_attention_decoding.zip")
