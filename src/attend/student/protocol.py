"""What a test asks of a student's code and what comes back, as plain data."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Request:
    """One thing asked.

    operation: `call` (a function or class of the student's file), `method` (of object `object`), `twice` (either of them,
        with two tuples of arguments), `given` (a class of attend.student.helpers), `optimizer`, `parameters`,
        `state_shapes`, `backward`.
    wrt: the objects whose parameters gradients may be asked for after this call.
    seed: forget all objects, seed every generator, then carry out the request: a test begins with it.
    """

    operation: str
    name: str = ""
    object: int | None = None
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    wrt: tuple[int, ...] = ()
    seed: int | None = None

    def taking(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], wrt: tuple[int, ...] | None = None
    ) -> "Request":
        """The same asked with other arguments. By hand, for every call: `dataclasses.replace` takes twice as long."""
        wrt = self.wrt if wrt is None else wrt
        return Request(self.operation, self.name, self.object, args, kwargs, wrt, self.seed)


_REQUEST_FIELDS = tuple(each.name for each in fields(Request))


def tree_of(request: Request) -> list[Any]:
    """`request` as the list that is sent to a worker."""
    return [getattr(request, name) for name in _REQUEST_FIELDS]


def request_of(tree: list[Any]) -> Request:
    """The request that `tree_of` made `tree` from."""
    return Request(*tree)


# Operations that no record holds: a replay repeats only calls of the student's code.
UNRECORDED = ("parameters", "state_shapes")


@dataclass
class Result:
    """An answer.

    call: the number of the kept graph, when gradients can be asked for.
    edited: which arguments were changed in place, by their position among the positional and then the named ones.
    """

    value: Any
    call: int | None = None
    edited: tuple[int, ...] = ()


@dataclass
class Failure:
    """No answer: `kind` is one of not done, missing, raised, type, timeout, crash, protocol, syntax."""

    kind: str
    type_name: str | None = None
    message: str = ""
    line: int | None = None
    exception: BaseException | None = None  # the real one, only where the code ran in this process

    @property
    def exception_name(self) -> str:
        """The name of the exception's type in a sentence."""
        return self.type_name or "an exception"

    @property
    def odd_dtype(self) -> str:
        """What was returned, where that is an array or a tensor of a dtype that no exercise asks for; else empty."""
        return self.message if self.kind == "type" and " of dtype " in self.message else ""


@dataclass
class Step:
    """A request with its outcome, as kept for replay."""

    request: Request
    outcome: Result | Failure
