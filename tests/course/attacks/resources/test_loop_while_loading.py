"""An endless loop outside any function is reported as what it is, after one deadline."""

ATTACK = """
while True:
    pass
"""


def test_loop_while_loading(attack):
    verdict = attack(ATTACK, load_seconds=1).fails_whole("the file did not finish loading")
    assert {row.outcome for row in verdict.grade.exercises} == {"timeout"}
