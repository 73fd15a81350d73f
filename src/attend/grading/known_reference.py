"""The reference as it answers in place of a student's earlier functions; what it was asked before it need not run again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from attend.grading.prefetch import digest
from attend.sandbox.backend import RemoteBackend
from attend.student import values
from attend.student.protocol import Failure, Request, Result, tree_of

# bytes of the answers that are kept for a topic; the oldest go first
MAX_KEPT = 32 << 20
# what a worker's end is no answer of: the next time it may end otherwise
_ANSWERS = ("raised", "type", "missing", "not done")


class KnownReference:
    """Requests to the reference in its worker. An answer is a function of the requests since the last seed.

    After the same requests the same answer is given again, from memory. Where then a new request comes, the worker first
    carries out those that it was not asked: it may keep graphs and draw random numbers.
    """

    def __init__(self, backend: RemoteBackend):
        self._backend = backend
        self._kept: OrderedDict[bytes, Result | Failure] = OrderedDict()
        self._size = 0
        self._row = b""
        self._not_asked: list[Request] = []

    def begin(self) -> None:
        """An exercise begins: a fresh worker, which has been asked nothing yet."""
        self._backend.begin()
        self._row, self._not_asked = b"", []

    def close(self) -> None:
        """End the worker."""
        self._backend.close()
        self._row, self._not_asked = b"", []

    def run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Result | Failure:
        """The outcome of `request`, which passes no functions."""
        if request.seed is not None:
            self._row, self._not_asked = b"", []
        self._row = digest(self._row.hex(), tree_of(request))
        known = self._kept.get(self._row)
        if known is not None:
            self._kept.move_to_end(self._row)
            self._not_asked.append(request)
            return known
        for earlier in self._not_asked:
            self._backend.run(earlier, [])
        self._not_asked = []
        outcome = self._backend.run(request, callbacks)
        if isinstance(outcome, Result) or outcome.kind in _ANSWERS:
            self._keep(outcome)
        return outcome

    def _keep(self, outcome: Result | Failure) -> None:
        self._kept[self._row] = outcome
        self._size += _size(outcome)
        while self._kept and self._size > MAX_KEPT:
            self._size -= _size(self._kept.popitem(last=False)[1])


def _size(outcome: Result | Failure) -> int:
    """Bytes in memory, roughly."""
    leaves = values.leaves(outcome.value) if isinstance(outcome, Result) else []
    return 256 + sum(64 + getattr(leaf, "nbytes", 0) for leaf in leaves)
