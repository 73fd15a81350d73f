"""Whether an answer is that of the reference but for rounding.

Right code may add in another order. A test cannot tell its answers from the reference's: it allows for at least ten times
as much. So its verdict is known without running it again.
"""

from typing import Any

import numpy as np

from attend.student import values
from attend.testing.compare import as_numpy, pairs

# Relative, of 64-bit floats; other numbers must be the same. The course's tests allow for ten times as much or more.
ROUNDING = 1e-13


def alike(answer: Any, right: Any) -> bool:
    """Whether two plain values are the same, but for rounding and the order in which arrays lie in memory."""
    return all(_alike(one, other) for _, one, other in pairs(answer, right))


def _alike(one: Any, right: Any) -> bool:
    if values.is_tensor(one) and values.is_tensor(right):
        if one.dtype != right.dtype or one.requires_grad != right.requires_grad:
            return False
        one, right = as_numpy(one), as_numpy(right)
    if type(one) is not type(right) or isinstance(one, list | tuple | dict):
        return False
    if not isinstance(one, np.ndarray | np.generic | float):
        return bool(one == right)
    first, second = np.asarray(one), np.asarray(right)
    return first.dtype == second.dtype and first.shape == second.shape and _close(first, second)


def _close(one: np.ndarray, right: np.ndarray) -> bool:
    """A zero is like no other number: a test may ask for exactly 0 where something is hidden."""
    same = one == right
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(right)
    if one.dtype == np.float64 and not same.all():
        with np.errstate(all="ignore"):
            same |= np.isfinite(right) & (np.abs(one - right) <= ROUNDING * np.abs(right))
    return bool(np.all(same))
