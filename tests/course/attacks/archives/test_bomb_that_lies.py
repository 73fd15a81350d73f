"""A file that unpacks to more than its header says gives no more than its header says."""

import zlib


def test_bomb_that_lies(hand_in, zipped):
    size = 8 << 20
    archive = zipped({"t03_attention_decoding.py": b"#" * size})
    data = archive.read_bytes()
    assert data.count(size.to_bytes(4, "little")) == 2
    small = b"#" * 100
    data = data.replace(size.to_bytes(4, "little"), len(small).to_bytes(4, "little"))
    archive.write_bytes(
        data.replace(zlib.crc32(b"#" * size).to_bytes(4, "little"), zlib.crc32(small).to_bytes(4, "little"))
    )
    verdict = hand_in(archive)
    assert verdict.grade.points == 0
