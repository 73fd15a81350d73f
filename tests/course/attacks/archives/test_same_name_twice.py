"""Two files of the topic's name in one archive are refused: nobody guesses which one counts."""


def test_same_name_twice(hand_in, zipped, honest):
    archive = zipped([("t03_attention_decoding.py", "pass"), ("t03_attention_decoding.py", honest)])
    hand_in(archive).is_refused("holds t03_attention_decoding 2 times")
