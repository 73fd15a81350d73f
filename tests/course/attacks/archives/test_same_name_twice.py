"""Of two files of one name in an archive the one that was added last counts, as it does when the archive is unpacked."""

import pytest


@pytest.mark.parametrize("last", ["honest", "empty"])
def test_same_name_twice(hand_in, zipped, honest, last):
    texts = [honest.replace("return", "return 0 *"), honest][:: 1 if last == "honest" else -1]
    verdict = hand_in(zipped([("t03_attention_decoding.py", text) for text in texts]))
    assert (verdict.grade.points == 100) == (last == "honest")
    assert any("2 files are called t03" in note for note in verdict.grade.notes)
