"""The topic's own file under a path upwards is not taken: the path is wrong, whatever the name."""


def test_path_upwards_to_the_topic(hand_in, zipped, honest):
    hand_in(zipped({"../t03_attention_decoding.py": honest})).is_refused(
        "../t03_attention_decoding.py has a path that"
    )
