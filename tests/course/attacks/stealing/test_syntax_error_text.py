"""A SyntaxError made by hand, with any text and any file name, shows a line of the submission's own file at most."""

ATTACK = """
raise SyntaxError("EXFILTRATED", ("/etc/passwd", 1, 1, "EXFILTRATED"))
"""


def test_syntax_error_text(attack):
    verdict = attack(ATTACK).fails_whole("Python cannot read the file")
    assert "EXFILTRATED" not in verdict.pages["md"] + verdict.grade.to_json()
