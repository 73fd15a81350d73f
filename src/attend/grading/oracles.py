"""The oracles of a topic's hidden tests: what they returned for some arguments is kept for the next submission.

An oracle is a function of the test file whose name ends in `_by_hand`. It may depend on its arguments alone.
"""

import functools
from collections import OrderedDict
from collections.abc import Callable
from types import ModuleType
from typing import Any

from attend.grading.prefetch import digest
from attend.student import values
from attend.student.errors import NotPlain

SUFFIX = "_by_hand"
# bytes of the results that are kept for a topic; the oldest go first: arguments may be a submission's answers
MAX_KEPT = 32 << 20


class Oracles:
    """Takes the place of the oracles of a test module with functions that calculate each result once."""

    def __init__(self, module: ModuleType):
        self._kept: OrderedDict[bytes, Any] = OrderedDict()
        self._size = 0
        self._inside = False
        for name, function in list(vars(module).items()):
            if name.endswith(SUFFIX) and callable(function):
                setattr(module, name, self._keeping(name, function))

    def _keeping(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def kept(*args: Any, **kwargs: Any) -> Any:
            # what one oracle asks of another is part of its own result
            key = None if self._inside else _key(name, args, kwargs)
            if key is None:
                return function(*args, **kwargs)
            if key in self._kept:
                self._kept.move_to_end(key)
                return values.copy(self._kept[key])
            self._inside = True
            try:
                result = function(*args, **kwargs)
            finally:
                self._inside = False
            self._keep(key, result)
            return result

        return kept

    def _keep(self, key: bytes, result: Any) -> None:
        if any(leaf.requires_grad for leaf in values.tensors(result)):
            # a copy would be cut off from its graph
            return
        try:
            self._kept[key] = values.copy(result)
        except NotPlain:
            return
        self._size += _size(result)
        while self._kept and self._size > MAX_KEPT:
            self._size -= _size(self._kept.popitem(last=False)[1])


def _key(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes | None:
    """What tells a call from others; None where an argument is no plain value, or asks for gradients."""
    if any(leaf.requires_grad for leaf in values.tensors((args, kwargs))):
        return None
    try:
        return digest(name, args, kwargs)
    except NotPlain:
        return None


def _size(result: Any) -> int:
    """Bytes in memory, roughly."""
    return 256 + sum(64 + getattr(leaf, "nbytes", 0) for leaf in values.leaves(result))
