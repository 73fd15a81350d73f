"""Scale, then shift."""

import numpy as np


def scale(x: np.ndarray, factor: float) -> np.ndarray:
    """Multiply every number of `x` by `factor`.

    >>> scale(np.array([1.0, 2.0]), 3.0)
    array([3., 6.])
    """
    raise NotImplementedError("t01.1 scale: see docs/topics/t01_tiny")


def shifted(x: np.ndarray, factor: float, offset: float) -> np.ndarray:
    """Scale `x`, then add `offset`.

    >>> shifted(np.array([1.0, 2.0]), 3.0, 0.5)
    array([3.5, 6.5])
    """
    raise NotImplementedError("t01.2 shifted: see docs/topics/t01_tiny")
