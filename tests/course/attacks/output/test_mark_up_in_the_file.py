"""A line of the file that is shown, because it cannot be read, is escaped on the page and in the text."""

ATTACK = """
x = = "<script>alert(1)</script> **full marks** [now](http://example.org) | `x` <!--"
"""


def test_mark_up_in_the_file(attack):
    verdict = attack(ATTACK).fails_whole("Python cannot read the file: a syntax error; line")
    assert "<script>" not in verdict.pages["html"] and "&lt;script&gt;" in verdict.pages["html"]
    assert "<script>" not in verdict.pages["md"] and "**full marks**" not in verdict.pages["md"]
    assert "[now](" not in verdict.pages["md"]
