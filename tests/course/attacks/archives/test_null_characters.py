"""A file with null characters is refused, not passed to a compiler."""


def test_null_characters(hand_in, zipped, honest):
    hand_in(zipped({"t03_attention_decoding.py": honest + "\0"})).is_refused("null character")
