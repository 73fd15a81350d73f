"""An archive of thousands of files is refused by their number."""


def test_many_entries(hand_in, zipped, honest):
    names = {f"junk/{number}": "" for number in range(600)}
    hand_in(zipped({"t03_attention_decoding.py": honest, **names})).is_refused(
        "601 entries; at most 500 are taken"
    )
