"""Outcomes as frames and back. What a worker says about itself is put into words of ours: it runs the submission."""

import builtins
import re
import signal
from typing import Any

from attend.sandbox.codec import WireError
from attend.sandbox.connection import frame
from attend.student import values
from attend.student.errors import PASSED_ON, NotPlain
from attend.student.protocol import Failure, Result

# The words of `values.describe` and of the wire's own refusals, with the types and dtypes that they may name.
_WORDS = frozenset(
    """
    a an the of on in own its with than or more any this course value integer key type dtype layout class object
    module function bits bytes items deeper nested holding answer array tensor scalar subclass list tuple dict cpu meta
    64 generator torch.strided torch.sparse_coo torch.sparse_csr None
    """.split()
)
_WORDS |= (
    values.ARRAY_DTYPES | values.TENSOR_DTYPES | {"object", "longdouble", "float128", "bytes8", "datetime64"}
)
_WORDS |= {name for name, value in vars(builtins).items() if isinstance(value, type)}
_EDITED = re.compile(r"[A-Za-z_]\w{0,30}|argument \d{1,2}", re.ASCII)
_EXCEPTIONS = frozenset(kind.__name__ for kind in PASSED_ON)


def outcome_frame(number: int, outcome: Result | Failure) -> bytes:
    """The frame that carries `outcome`; a value that no frame holds becomes a failure."""
    if isinstance(outcome, Result):
        try:
            return frame(number, "result", [outcome.value, outcome.call, list(outcome.edited)])
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


def outcome_of(kind: str, tree: Any, asked: str) -> Result | Failure:
    """What a worker's reply says, to a request for `asked`. Raises WireError where it is no reply."""
    if kind == "failure":
        return failure_of(tree, asked)
    if kind != "result" or type(tree) is not list or len(tree) != 3:
        raise WireError("an unexpected frame")
    value, call, edited = tree
    if type(call) not in (int, type(None)) or type(edited) is not list:
        raise WireError("a malformed result")
    names = [name for name in edited[:20] if type(name) is str and _EDITED.fullmatch(name)]
    return Result(value, call, tuple(names))


def failure_of(tree: Any, asked: str = "") -> Failure:
    """A failure as the worker tells it, of a request for `asked`.

    It is the submission that speaks: what people are shown of it may hold none of its own words. Only the text of
    an exception passes, for tests that match it; reports leave it out.
    """
    if type(tree) is not list or len(tree) != 4:
        raise WireError("a malformed failure")
    kind, type_name, message, line = tree
    if kind not in ("not done", "missing", "raised", "type", "syntax"):
        raise WireError("an unknown kind of failure")
    message = message[:500] if type(message) is str else ""
    if kind == "type":
        message = _described(message)
    elif kind == "missing":
        message = asked
    return Failure(
        kind,
        type_name if type(type_name) is str and type_name in _EXCEPTIONS else None,
        message,
        line if type(line) is int and 0 < line < 10**6 else None,
    )


def cause_of(number: int) -> str:
    """Why a signal ended the worker."""
    limits = {signal.SIGXCPU: "it used up its processor time", signal.SIGKILL: "a limit stopped it"}
    try:
        return limits.get(number) or f"the process died of {signal.Signals(number).name}"
    except ValueError:  # the real-time signals have no names
        return f"the process died of signal {number}"


def _described(message: str) -> str:
    """What a worker says that its answer is, if it is said in the words that we say it in."""
    words = re.findall(r"[^\s(),]+", message)
    known = len(message) <= 120 and all(word in _WORDS or word.isdecimal() for word in words)
    return message if known else "a value of another type"
