"""An entry whose path leads out of its folder is left out by name; nothing is ever unpacked."""


def test_path_upwards(hand_in, zipped, honest):
    archive = zipped({"t03_attention_decoding.py": honest, "../../../../tmp/owned.py": "x"})
    verdict = hand_in(archive).is_honest()
    assert any("../../../../tmp/owned.py has a path that leaves" in note for note in verdict.grade.notes)
