"""Terminal commands, and text written backwards, in the line that is shown are shown as what they are: nothing."""

ATTACK = """
x = = "]0;owned[2J ‮⁦GRADER​"
"""


def test_control_characters_in_the_file(attack):
    verdict = attack(ATTACK).fails_whole("Python cannot read the file: a syntax error; line")
    for character in "\x1b\x07\u202e\u2066\u200b":
        assert character not in verdict.grade.problem
        assert character not in verdict.pages["md"] + verdict.pages["html"]
