"""What a test asks of a student's code and what comes back, as plain data."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One thing asked.

    operation: `call` (a function or class of the student's file), `method` (of object `object`),
        `given` (a class of attend.given), `optimizer`, `parameters`, `state_shapes`, `backward`.
    wrt: the objects whose parameters gradients may be asked for after this call.
    seed: forget all objects, seed every generator, then carry out the request: a test begins with it.
    """

    operation: str
    name: str = ""
    object: int | None = None
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    wrt: tuple[int, ...] = ()
    seed: int | None = None

    def taking(self, args: tuple, kwargs: dict, wrt: tuple[int, ...] | None = None) -> "Request":
        """The same asked with other arguments. By hand, for every call: `dataclasses.replace` takes twice as long."""
        wrt = self.wrt if wrt is None else wrt
        return Request(self.operation, self.name, self.object, args, kwargs, wrt, self.seed)


@dataclass
class Result:
    """An answer. `call` names the kept graph when gradients can be asked for; `edited` the arguments changed in place."""

    value: Any
    call: int | None = None
    edited: tuple[str, ...] = ()


@dataclass
class Failure:
    """No answer: `kind` is one of not done, missing, raised, type, timeout, crash, protocol, syntax."""

    kind: str
    type_name: str | None = None
    message: str = ""
    line: int | None = None
    exception: BaseException | None = None  # the real one, only where the code ran in this process


@dataclass
class Step:
    """A request with its outcome, as kept for replay."""

    request: Request
    outcome: Result | Failure
