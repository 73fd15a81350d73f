"""numpy's error state and print options, changed while loading, change no comparison."""

ATTACK = """
import warnings

import numpy as np

np.seterr(all="ignore")
np.set_printoptions(threshold=0, precision=1)
warnings.simplefilter("error")
"""


def test_error_state(attack):
    attack(ATTACK).is_honest()
