"""Carried-forward credit: is an answer right, given the student's own earlier functions?

The reference is replayed with the student's earlier functions plugged in. Agreement alone is no evidence: earlier
functions that ignore their arguments, remember what was asked before or know the order of the tests can be made
to agree with anything. So every replay runs in a fresh worker, in an order that nobody can foresee, and what the
exercise itself computes must show in its answers.
"""

import linecache
import random
from collections.abc import Callable, Iterable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from attend.grading.diagnosis import Record, agrees_throughout
from attend.sandbox.backend import RemoteBackend
from attend.student import Student, values
from attend.student.handle import ModuleHandle
from attend.student.protocol import Failure

NOISE = (0.1, 0.3, 1.0)  # where answers are words, little noise may leave the likeliest as it was


class Earlier:
    """The student's own earlier functions, classes and methods, to be plugged into modules of ours."""

    def __init__(self, backend: RemoteBackend, targets: list[str]):
        self._backend, self.targets = backend, targets
        self.called: dict[
            str, bool
        ] = {}  # the targets that were called → whether floating numbers were passed

    def plugged(self, module: ModuleType, disturbed: str = "", by: float = 0.0) -> ModuleType:
        """A copy of `module` that calls the student's code for every target, in a fresh worker.

        What it passes to the target called `disturbed` is changed a little on the way, `by` at most.
        """
        self._backend.renew()
        student = Student(self._backend)
        copy = ModuleType(f"{module.__name__}_plugged")
        _run_again(module, copy.__dict__)
        for target in self.targets:
            owner, _, method = target.partition(".")
            original = getattr(copy, owner)
            change = partial(disturb, by=by) if target == disturbed else None
            if not isinstance(original, type):
                setattr(copy, owner, self._watched(getattr(student, owner), target, change))
                continue
            own = [name for name, value in vars(original).items() if callable(value) and name[0] != "_"]
            methods = {
                name: self._watched(_on_twin(name), target, change) for name in ([method] if method else own)
            }
            setattr(copy, owner, type(owner, (_with_twin(original, getattr(student, owner)),), methods))
        return copy

    def _watched(self, function: Callable, target: str, change: Callable | None) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            floats = any(map(_is_floating, values.leaves((args, kwargs))))
            self.called[target] = self.called.get(target, False) or floats
            return function(*change(args), **change(kwargs)) if change else function(*args, **kwargs)

        return call


def _run_again(module: ModuleType, namespace: dict[str, Any]) -> None:
    """Run our own reference once more in `namespace`: functions look names up where they were made."""
    namespace["__file__"] = module.__file__
    text = "".join(linecache.cache[module.__file__][2])
    exec(compile(text, module.__file__, "exec"), namespace)


def _with_twin(original: type, build: Callable[..., ModuleHandle]) -> type:
    """A subclass of the reference's class that can make the same object of the student's class."""

    class WithTwin(original):
        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **kwargs)
            object.__setattr__(self, "_arguments", (args, kwargs))

        def _twin(self) -> ModuleHandle:
            args, kwargs = self._arguments
            handle = build(*args, **kwargs)
            state = self.state_dict()
            if any(value.dtype.itemsize == 8 and value.is_floating_point() for value in state.values()):
                handle.double()
            handle.load_state_dict(state)
            own = dict(self.named_parameters())
            if own.keys() == dict(handle.named_parameters()).keys():  # gradients flow on into our parameters
                handle._leaves.update(own)
            return handle.train(self.training)

    return WithTwin


def _on_twin(method: str) -> Callable:
    def call(self, *args: Any, **kwargs: Any) -> Any:
        handle = self._twin()
        return handle(*args, **kwargs) if method == "forward" else getattr(handle, method)(*args, **kwargs)

    return call


def disturb(arguments: Any, by: float) -> Any:
    """The same arguments with noise of at most `by` on every floating array and tensor."""
    chance = np.random.default_rng()  # of fresh entropy: the student's code must not know it from a real call

    def leaf(value: Any) -> Any:
        if not _is_floating(value):
            return value
        noise = chance.uniform(-by, by, size=tuple(value.shape))
        if values.is_array(value):
            return value + noise.astype(value.dtype)
        return value + values.loaded_torch().as_tensor(noise).to(value.dtype)

    return values.map_leaves(arguments, leaf)


def _is_floating(value: Any) -> bool:
    return (
        values.is_tensor(value)
        and value.is_floating_point()
        or values.is_array(value)
        and value.dtype.kind == "f"
    )


def is_carried(
    records: list[Record], reference: ModuleType, rivals: Iterable[ModuleType], earlier: Earlier
) -> bool:
    """Whether the exercise is right, given the student's earlier functions.

    1. With them plugged in, the reference gives the student's answer in every failing test; and it is an answer.
    2. What the reference passes to them matters: changed a little, it no longer gives the student's answers.
    3. Of the exercise's known wrong answers (`rivals`), plugged in the same way, at least half give others. It
       need not be all: a function that ignores its mask hides whether the mask was handed on.
    """
    records = random.SystemRandom().sample(records, len(records))
    failing = [record for record in records if not record.passed]
    if any(isinstance(step.outcome, Failure) for record in failing for step in record.steps):
        return False  # to fail in the same way is no evidence
    if not _explains(earlier.plugged(reference), failing) or not earlier.called:
        return False
    for target in sorted(target for target, floats in earlier.called.items() if floats):
        if all(_explains(earlier.plugged(reference, disturbed=target, by=by), records) for by in NOISE):
            return False
    verdicts = [_explains(earlier.plugged(rival), records) for rival in rivals]
    return 2 * sum(verdicts) <= len(verdicts)


def _explains(module: ModuleType, records: list[Record]) -> bool:
    """Whether `module` gives the student's outcomes in all of the records."""
    return all(agrees_throughout(record, module) for record in records)
