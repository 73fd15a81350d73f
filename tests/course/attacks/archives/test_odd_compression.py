"""A way of compression that nobody knows is refused with its number."""


def test_odd_compression(hand_in, zipped, honest):
    archive = zipped({"t03_attention_decoding.py": honest})
    data = bytearray(archive.read_bytes())
    for mark, method in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        data[data.index(mark) + method] = 77
    archive.write_bytes(data)
    hand_in(archive).is_refused("compression")
