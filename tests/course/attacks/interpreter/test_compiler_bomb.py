"""Source that makes the compiler run out of stack is a file that cannot be read, not a grader that ends."""

ATTACK = """
x = NESTED
"""


def test_compiler_bomb(attack):
    verdict = attack(ATTACK.replace("NESTED", "(" * 5000 + ")" * 5000))
    assert verdict.grade.points == 0
    assert verdict.grade.problem
