"""An encrypted archive is refused with that reason."""


def test_encrypted(hand_in, zipped, honest):
    archive = zipped({"t03_attention_decoding.py": honest})
    data = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + flags] |= 1
    archive.write_bytes(data)
    hand_in(archive).is_refused("encrypted")
