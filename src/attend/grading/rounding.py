"""Whether an answer is that of the reference but for rounding.

Right code may add in another order. A test cannot tell its answers from the reference's: it allows for at least ten times
as much. So its verdict is known without running it again.
"""

from typing import Any

import numpy as np

from attend.testing.compare import pairs, same_leaf

# Relative, of 64-bit floats; other numbers must be the same. The course's tests allow for ten times as much or more.
ROUNDING = 1e-13


def alike(answer: Any, right: Any) -> bool:
    """Whether two plain values are the same, but for rounding and the order in which arrays lie in memory."""
    return all(
        type(one) is type(other) and same_leaf(one, other, _close) for _, one, other in pairs(answer, right)
    )


def _close(one: np.ndarray, right: np.ndarray) -> bool:
    """A zero is like no other number: a test may ask for exactly 0 where something is hidden."""
    same = one == right
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(right)
    if one.dtype == np.float64 and not same.all():
        with np.errstate(all="ignore"):
            same |= np.isfinite(right) & (np.abs(one - right) <= ROUNDING * np.abs(right))
    return bool(np.all(same))
