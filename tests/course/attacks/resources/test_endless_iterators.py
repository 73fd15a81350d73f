"""An answer that yields for ever is not iterated."""

ATTACK = """
import itertools

calls = 0


def decode(*args, **kwargs):
    global calls
    calls += 1
    return [itertools.count(), (x for x in itertools.count()), map(str, itertools.count()), iter(int, 1)][calls % 4]
"""


def test_endless_iterators(attack):
    attack(ATTACK).loses("decode", saying="which no exercise asks for", points=0)
