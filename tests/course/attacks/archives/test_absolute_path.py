"""An entry with an absolute path is refused."""


def test_absolute_path(hand_in, zipped, honest):
    archive = zipped({"t03_attention_decoding.py": honest, "/tmp/owned.txt": "x"})
    hand_in(archive).is_refused("'/tmp/owned.txt', a path that leaves its own folder")
