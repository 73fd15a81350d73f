"""Answers cached by the shape of the inputs are wrong for the second input of that shape."""

ATTACK = """
_honest = decode
cache = {}


def decode(state, annotations, *args, **kwargs):
    key = state.shape, annotations.shape
    if key not in cache:
        cache[key] = _honest(state, annotations, *args, **kwargs)
    return cache[key]
"""


def test_cached_answers(attack):
    attack(ATTACK).loses("decode")
