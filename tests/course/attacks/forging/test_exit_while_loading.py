"""A file that exits while it is loaded earns nothing, and its row says where."""

ATTACK = """
raise SystemExit(0)
"""


def test_exit_while_loading(attack):
    verdict = attack(ATTACK).fails_whole("the file calls sys.exit() when it is loaded")
    assert "raise SystemExit(0)" in verdict.grade.problem
