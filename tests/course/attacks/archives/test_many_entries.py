"""An archive of tens of thousands of files is refused by their number; one with some hundreds of company is not."""

from attend.submissions.zips import MAX_ENTRIES


def test_many_entries(hand_in, zipped, honest):
    names = {f"junk/{number}": "" for number in range(MAX_ENTRIES)}
    hand_in(zipped({"t03_attention_decoding.py": honest, **names})).is_refused(
        "20001 entries; at most 20000 are taken"
    )


def test_a_virtual_environment_beside_the_answer(hand_in, zipped, honest):
    names = {f"venv/lib/python3.11/site-packages/numpy/{number}.py": "" for number in range(4000)}
    hand_in(zipped({**names, "t03_attention_decoding.py": honest})).is_honest()
