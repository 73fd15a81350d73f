"""Values that are kept for the next submission, up to a number of bytes; the oldest go first."""

from collections import OrderedDict
from typing import Any, Generic, TypeVar

from attend.student import values

T = TypeVar("T")
# bytes of all values together: what is kept may hold a submission's answers
MAX_KEPT = 32 << 20


class Kept(Generic[T]):
    """Values by key. What was asked for last goes last.

    size: bytes in memory of all values together, roughly.
    """

    def __init__(self) -> None:
        self.size = 0
        self._found: OrderedDict[bytes, tuple[T, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: bytes) -> T | None:
        """The value that was kept under `key`, or None."""
        if key not in self._found:
            return None
        self._found.move_to_end(key)
        return self._found[key][0]

    def keep(self, key: bytes, value: T, held: Any) -> None:
        """Keep a value under a new key; `held` is the tree of arrays and numbers that it holds."""
        size = 256 + sum(64 + getattr(leaf, "nbytes", 0) for leaf in values.leaves(held))
        self._found[key] = value, size
        self.size += size
        while self._found and self.size > MAX_KEPT:
            self.size -= self._found.popitem(last=False)[1][1]
