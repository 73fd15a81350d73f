"""A folder under the file's name is refused: an archive is what holds files."""


def test_folder(hand_in, tmp_path):
    path = tmp_path / "t03_attention_decoding.py"
    (path / "numpy").mkdir(parents=True)
    hand_in(path).is_refused("holds no t03_attention_decoding.py")
