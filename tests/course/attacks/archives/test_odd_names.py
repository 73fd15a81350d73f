"""Names of control characters, terminal commands and text written backwards are shown harmless."""


def test_odd_names(hand_in, zipped):
    names = ["\x1b]0;owned\x07.py", "\u202e\u2066yp.evil", "\u202e.py", "a\nGRADER, full marks", "x" * 5000]
    verdict = hand_in(zipped(dict.fromkeys(names, ""))).is_refused("holds no t03_attention_decoding.py")
    shown = verdict.grade.problem
    assert shown.isprintable() and len(shown) < 800
