"""A table of contents with a million entries is refused before it is read."""

import struct
import time

import pytest

ENTRY = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"


@pytest.mark.clock
def test_table_of_contents(hand_in, tmp_path):
    archive = tmp_path / "t03_attention_decoding.zip"
    table = ENTRY * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(table), 0, 0)
    archive.write_bytes(table + end)
    start = time.process_time()
    hand_in(archive).is_refused("has too many entries")
    assert time.process_time() - start < 2
