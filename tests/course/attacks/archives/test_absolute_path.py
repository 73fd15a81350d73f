"""An entry with an absolute path is left out by name; nothing is ever unpacked."""


def test_absolute_path(hand_in, zipped, honest):
    archive = zipped({"t03_attention_decoding.py": honest, "/tmp/owned.txt": "x"})
    verdict = hand_in(archive).is_honest()
    assert any("/tmp/owned.txt has a path that leaves its own folder" in note for note in verdict.grade.notes)
