"""The seed that a worker is told is not the one that the hidden test draws its inputs from."""

ATTACK = """
import random

import numpy as np

seeds = []
_seed = random.seed


def listen(seed):
    seeds.append(seed)
    _seed(seed)


random.seed = listen


def decode(state, *args, **kwargs):
    rng = np.random.default_rng(seeds[-1])
    foreseen = any(np.isin(rng.normal(size=200), state).any() for _ in range(20))
    return f"LOOT[{len(seeds) > 0, foreseen}]TOOL"
"""


def test_seeds(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "(True, False)"
