"""Large answers to every call add up to a limit: the grader keeps an exercise's answers in memory."""

import resource

ATTACK = """
import numpy as np


def decode(*args, **kwargs):
    return [1], np.ones(50 << 17)
"""


def test_many_large_answers(attack):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    attack(ATTACK).loses("decode", saying="more bytes than any answer of this course", points=0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # KiB
