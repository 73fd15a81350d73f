"""The reference as it answers in place of a student's earlier functions; what it was asked before it need not run again."""

from collections.abc import Callable
from typing import Any

from attend.grading.kept import Kept
from attend.grading.prefetch import digest
from attend.sandbox.backend import RemoteBackend
from attend.student.protocol import Failure, Request, Result, tree_of

# what a worker's end is no answer of: the next time it may end otherwise
_ANSWERS = ("raised", "type", "missing", "not done")


class KnownReference:
    """Requests to the reference in its worker. An answer is a function of the requests since the last seed.

    After the same requests the same answer is given again, from memory. Where then a new request comes, the worker first
    carries out those that it was not asked: it may keep graphs and draw random numbers.
    """

    def __init__(self, backend: RemoteBackend):
        self._backend = backend
        self._kept: Kept[Result | Failure] = Kept()
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
            self._not_asked.append(request)
            return known
        for earlier in self._not_asked:
            self._backend.run(earlier, [])
        self._not_asked = []
        outcome = self._backend.run(request, callbacks)
        if isinstance(outcome, Result) or outcome.kind in _ANSWERS:
            held = outcome.value if isinstance(outcome, Result) else ()
            self._kept.keep(self._row, outcome, held)
        return outcome
