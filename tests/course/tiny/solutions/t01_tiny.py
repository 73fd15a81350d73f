"""Scale, then shift."""

import numpy as np


def scale(x: np.ndarray, factor: float) -> np.ndarray:
    """Multiply every number of `x` by `factor`.

    >>> scale(np.array([1.0, 2.0]), 3.0)
    array([3., 6.])
    """
    # BEGIN SOLUTION
    return x * factor
    # END SOLUTION


def shifted(x: np.ndarray, factor: float, offset: float) -> np.ndarray:
    """Scale `x`, then add `offset`.

    >>> shifted(np.array([1.0, 2.0]), 3.0, 0.5)
    array([3.5, 6.5])
    """
    # BEGIN SOLUTION
    return scale(x, factor) + offset
    # END SOLUTION
