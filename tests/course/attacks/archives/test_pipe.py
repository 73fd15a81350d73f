"""A named pipe, which nobody ever writes to, is not waited for."""

import os


def test_pipe(hand_in, tmp_path):
    path = tmp_path / "t03_attention_decoding.py"
    os.mkfifo(path)
    hand_in(path).is_refused("no ordinary file")
