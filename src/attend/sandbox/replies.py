"""Outcomes as frames and back. What a worker says about itself is put into words of ours: it runs the submission."""

import signal
from typing import Any

from attend.sandbox.codec import MAX_ANSWER, WireError, check_number
from attend.sandbox.connection import frame
from attend.student.errors import EXIT, PASSED_ON, NotPlain
from attend.student.protocol import Failure, Request, Result
from attend.student.stub_names import description
from attend.student.values import ObjectRef

MAX_LEFT_OUT = 20
_EXCEPTIONS = frozenset([*(kind.__name__ for kind in PASSED_ON), EXIT])


def outcome_frame(number: int, outcome: Result | Failure) -> bytes:
    """The frame that carries `outcome`; a value that no frame holds becomes a failure."""
    if isinstance(outcome, Result):
        try:
            return frame(number, "result", [outcome.value, outcome.call, list(outcome.edited)], MAX_ANSWER)
        except NotPlain as error:
            outcome = Failure("type", message=str(error))
        except MemoryError:
            outcome = Failure("raised", "MemoryError", "no memory left to hand over the answer")
    return frame(number, "failure", failure_tree(outcome))


def failure_tree(failure: Failure) -> list:
    """`failure` as the list that `failure_of` reads."""
    # half a character would not cross
    message = failure.message.encode(errors="replace").decode()
    return [failure.kind, failure.type_name, message, failure.line]


def outcome_of(kind: str, tree: Any, request: Request) -> Result | Failure:
    """What a worker's reply to `request` says. Raises WireError where it is no reply."""
    if kind == "failure":
        return failure_of(tree, request)
    if kind != "result" or type(tree) is not list or len(tree) != 3:
        raise WireError("an unexpected frame")
    value, call, edited = tree
    if type(edited) is not list:
        raise WireError("a malformed result")
    if call is not None:
        check_number(call)
    count = len(request.args) + len(request.kwargs)
    if len(edited) > count or any(type(index) is not int or not 0 <= index < count for index in edited):
        raise WireError("an argument that was never passed")
    if type(value) is ObjectRef and request.operation in ("call", "given", "optimizer"):
        # the worker's own word for it stays there
        value = ObjectRef(value.id, request.name)
    return Result(value, call, tuple(edited))


def failure_of(tree: Any, request: Request | None = None) -> Failure:
    """A failure as the worker tells it, of `request`; of loading the file where that is left out.

    It is the submission that speaks: what people are shown of it may hold none of its own words. Only the text of
    an exception passes, for tests that match it; reports leave it out.
    """
    if type(tree) is not list or len(tree) != 4:
        raise WireError("a malformed failure")
    kind, type_name, message, line = tree
    if kind not in (("raised", "syntax") if request is None else ("not done", "missing", "raised", "type")):
        raise WireError("an unknown kind of failure")
    message = message[:500] if type(message) is str else ""
    if kind == "type":
        message = description(message)
    elif kind == "missing":
        message = request.name if request is not None else ""
    elif kind == "syntax":
        message = ""
    return Failure(
        kind,
        type_name if type(type_name) is str and type_name in _EXCEPTIONS else None,
        message,
        line if type(line) is int and 0 < line < 10**6 else None,
    )


def loaded_tree(failure: Failure | None, left_out: list[Failure]) -> list:
    """What became of loading a file, as the list that `loaded_of` reads."""
    return [
        failure_tree(failure) if failure else None,
        [failure_tree(each) for each in left_out[:MAX_LEFT_OUT]],
    ]


def loaded_of(tree: Any) -> tuple[Failure | None, tuple[Failure, ...]]:
    """Why a file could not be loaded, or None; and what the statements raised that were left out.

    Raises:
        WireError: it is no such reply.
    """
    if type(tree) is not list or len(tree) != 2 or type(tree[1]) is not list:
        raise WireError("a malformed reply")
    left_out = tuple(failure_of(each) for each in tree[1][:MAX_LEFT_OUT])
    return failure_of(tree[0]) if tree[0] is not None else None, left_out


def cause_of(number: int) -> str:
    """Why a signal ended the worker."""
    limits: dict[int, str] = {
        signal.SIGXCPU: "it used up its processor time",
        signal.SIGKILL: "a limit stopped it",
    }
    try:
        return limits.get(number) or f"the process died of {signal.Signals(number).name}"
    except ValueError:  # the real-time signals have no names
        return f"the process died of signal {number}"
