"""A line of half a megabyte is cut."""

ATTACK = """
x = = "LONG"
"""


def test_endless_line(attack):
    verdict = attack(ATTACK.replace("LONG", "A" * 500_000)).fails_whole("a syntax error")
    assert len(verdict.grade.problem) < 300
    assert len(verdict.pages["html"]) < 100_000
