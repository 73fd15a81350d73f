"""An entry whose path leads out of its folder is refused by name; nothing is ever unpacked."""


def test_path_upwards(hand_in, zipped, honest):
    archive = zipped({"t03_attention_decoding.py": honest, "../../../../tmp/owned.py": "x"})
    hand_in(archive).is_refused("a path that leaves its own folder")
