"""Right ground: a worker in which the reference's earlier functions stand in for the student's own.

Functions are not in that worker: each call of one goes to the grader, which asks the reference in a worker of its own.
Classes and methods have parameters and gradients that must live beside the student's code, so they are placed as
compiled code, without their source.
"""

import marshal
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from attend.sandbox.replies import outcome_of
from attend.student.handle import Student
from attend.student.protocol import Failure, Request, Result, tree_of

_NAME = "reference"  # the module that the reference's classes say they are of


@dataclass(frozen=True)
class Ground:
    """What takes the place of a student's earlier exercises.

    functions: the functions that a call of the student's module is passed on for.
    classes: classes, or methods as `Class.method`, that are placed in the student's module.
    code: the compiled statements that define the classes, by marshal; empty where there are none.
    needs: the functions that these statements call; they are passed on too.
    """

    functions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    code: bytes = b""
    needs: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the student's module that are replaced as a whole."""
        return frozenset([*self.functions, *(name for name in self.classes if "." not in name)])

    def tree(self) -> list:
        """The ground as it is sent to a worker."""
        code = np.frombuffer(self.code, np.uint8)
        return [list(self.functions), list(self.classes), code, list(self.needs)]

    @classmethod
    def from_tree(cls, tree: list) -> "Ground":
        """The ground that `tree` was made from."""
        functions, classes, code, needs = tree
        return cls(tuple(functions), tuple(classes), code.tobytes(), tuple(needs))

    @property
    def asked(self) -> frozenset[str]:
        """The functions that the worker may ask the grader for."""
        return frozenset([*self.functions, *self.needs])


class GraderBackend:
    """Sends requests from a worker to the grader. `exchange` sends a tree and gives the kind and tree that came back."""

    def __init__(self, exchange: Callable[[list], tuple[str, Any]]):
        self._exchange = exchange

    def run(self, request: Request, callbacks: list) -> Result | Failure:
        """What the reference answers. A function among the arguments cannot be passed on."""
        if callbacks:
            return Failure("type", message="a function")
        kind, tree = self._exchange(tree_of(request))
        return outcome_of(kind, tree, request)


class PlacedGround:
    """The reference's functions and classes as they are used in one worker."""

    def __init__(self, ground: Ground, exchange: Callable[[list], tuple[str, Any]]):
        self._ground = ground
        self._reference = Student(GraderBackend(exchange))
        namespace: dict[str, Any] = {"__name__": _NAME}
        namespace |= {name: self._passing(name) for name in ground.asked}
        if ground.code:
            exec(marshal.loads(ground.code), namespace)
        self._namespace = namespace
        # each class of the reference, with what it holds before the student's module runs
        self._classes = [
            (value, dict(vars(value)))
            for value in namespace.values()
            if isinstance(value, type) and value.__module__ == _NAME
        ]

    def globals(self) -> dict[str, Any]:
        """The names that the student's module gets before and after it runs."""
        return {name: self._namespace[name] for name in self._ground.names}

    def place(self, module: ModuleType) -> None:
        """Put the reference's parts into `module`, which has run: also what it put in their place as `Class.method = f`."""
        for each, held in self._classes:
            _restore(each, held)
        module.__dict__.update(self.globals())
        for name in self._ground.classes:
            owner, _, method = name.partition(".")
            if method and isinstance(module.__dict__.get(owner), type):
                setattr(module.__dict__[owner], method, vars(self._namespace[owner])[method])

    def reset(self, seed: int) -> None:
        """A test begins: the reference forgets the graphs of the last one."""
        self._reference.reset(seed)

    def _passing(self, name: str) -> Callable[..., Any]:
        function = getattr(self._reference, name)

        def passed_on(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            finally:
                # calls are recorded for diagnosis, which has no use for these
                self._reference.steps.clear()

        passed_on.__name__ = passed_on.__qualname__ = name
        return passed_on


def _restore(owner: type, held: dict[str, Any]) -> None:
    """Have a class hold what it held before, and nothing else."""
    now = dict(vars(owner))
    for name in now.keys() - held.keys():
        type.__delattr__(owner, name)
    for name, value in held.items():
        if now.get(name) is not value:
            type.__setattr__(owner, name, value)
