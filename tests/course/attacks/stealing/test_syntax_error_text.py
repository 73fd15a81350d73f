"""A SyntaxError made by hand, with any text and any file name, shows a line of the submission's own file at most."""

import json

ATTACK = """
raise SyntaxError("EXFILTRATED", ("/etc/passwd", 1, 1, "EXFILTRATED"))
"""


def test_syntax_error_text(attack):
    verdict = attack(ATTACK)
    assert verdict.grade.points == 100
    [note] = verdict.grade.notes
    shown = "left out, because it raised SyntaxError where this is graded; line "
    assert note.startswith(shown) and note.endswith(f": {ATTACK.strip()}")
    assert "EXFILTRATED" not in verdict.grade.to_json().replace(json.dumps(note)[1:-1], "")
