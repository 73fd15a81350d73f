"""numpy's and Python's global generators, seeded, exhausted or replaced, are nobody else's."""

ATTACK = """
import random

import numpy as np

np.random.seed(0)
np.random.seed = random.seed = lambda *args: None
np.random.set_state(np.random.RandomState(1).get_state())
np.random.default_rng = lambda *args: 1 / 0
"""


def test_global_generator(attack):
    attack(ATTACK).is_honest()
