"""A file that unpacks to a gigabyte is cut off after a mebibyte."""

import resource


def test_bomb(hand_in, zipped):
    archive = zipped({"t03_attention_decoding.py": b"#" * (256 << 20)})
    assert archive.stat().st_size < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hand_in(archive).is_refused("unpacks to more than 1,048,576 bytes")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
