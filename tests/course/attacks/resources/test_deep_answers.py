"""A list that holds itself, and one nested a hundred thousand deep, are no answers."""

ATTACK = """
calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    deep = []
    if calls % 2:
        deep.append(deep)
        return deep
    for _ in range(100_000):
        deep = [deep]
    return deep
"""


def test_deep_answers(attack):
    attack(ATTACK).loses("decode", saying="nested deeper", points=0)
