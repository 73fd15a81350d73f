"""An archive in an archive is not opened."""


def test_zip_in_a_zip(hand_in, zipped, honest):
    inner = zipped({"t03_attention_decoding.py": honest}).read_bytes()
    hand_in(zipped({"inner/t03_attention_decoding.zip": inner})).is_refused(
        "holds no t03_attention_decoding.py"
    )
