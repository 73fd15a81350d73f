"""The worker: loads one student's file and answers requests, until the socket closes."""

import contextlib
import io
import marshal
import os
import socket
import sys
import time
from typing import Any

import numpy as np

from attend.sandbox.codec import WireError
from attend.sandbox.connection import Connection, bundle, frame
from attend.student.errors import NotPlain
from attend.student.executor import Executor
from attend.student.module import compile_module, load_module
from attend.student.protocol import Failure, Result, request_of

MODULE_NAME = "submission"
_SEND_SECONDS = 0.005


def serve(connection: Connection) -> None:
    """Answer the grader. The first frame is `load`, later ones are `run` or `scripts`."""
    number, _, (filename, text, code) = connection.receive()
    failure, module = _load(connection, filename, text, code)
    connection.send(number, "loaded", _failure_tree(failure) if failure else None)
    if failure:
        return

    def ask(callback: int, args: tuple, kwargs: dict) -> Any:
        connection.send(number, "callback", [callback, args, kwargs])
        _, kind, tree = connection.receive()
        if kind != "answer":
            raise RuntimeError("the function that was passed in raised an error")
        return tree

    executor = Executor(module, ask)
    while True:
        try:
            number, kind, tree = connection.receive()
        except WireError:
            return
        if kind == "scripts":
            _play(connection, executor, tree)
            continue
        connection.send_bytes(_reply(number, executor.run(request_of(tree))))


def _load(
    connection: Connection, filename: str, text: str, code: np.ndarray | None
) -> tuple[Failure | None, Any]:
    """The module, or why there is none. What it was compiled to is handed out for the next worker on the same text.

    It leaves before a line of the submission runs, so that no submission can hand out another one.
    """
    try:
        if code is None:
            compiled = compile_module(text, filename)
            connection.send(0, "compiled", np.frombuffer(marshal.dumps(compiled), np.uint8))
        else:
            compiled = marshal.loads(code.tobytes())
        return None, load_module(text, MODULE_NAME, filename, compiled)
    except SyntaxError as error:
        line = error.lineno if error.filename == filename else None
        return Failure("syntax", "SyntaxError", str(error.msg)[:200], line), None
    except BaseException as error:
        return Executor(sys.modules.get(MODULE_NAME), None).failure("raised", error), None


def _play(connection: Connection, executor: Executor, scripts: list[list]) -> None:
    """Answer all requests of several tests; a reply is packed as it is given, and those of a test stay together.

    Bundles go out every few milliseconds: should a test never end, those before it were not in vain.
    """
    ready, since = [], time.monotonic()
    for script in scripts:
        ready.append(
            b"".join([_reply(number, executor.run(request_of(tree))) for number, tree in enumerate(script)])
        )
        if time.monotonic() - since > _SEND_SECONDS:
            connection.send_bytes(bundle(ready))
            ready, since = [], time.monotonic()
    if ready:
        connection.send_bytes(bundle(ready))


def _reply(number: int, outcome: Result | Failure) -> bytes:
    """The frame that tells the outcome."""
    if isinstance(outcome, Result):
        try:
            return frame(number, "result", [outcome.value, outcome.call, list(outcome.edited)])
        except NotPlain as error:
            outcome = Failure("type", message=str(error))
        except MemoryError:
            outcome = Failure("raised", "MemoryError", "no memory left to hand over the answer")
    return frame(number, "failure", _failure_tree(outcome))


def _failure_tree(failure: Failure) -> list:
    message = failure.message.encode(errors="replace").decode()  # half a character would not cross
    return [failure.kind, failure.type_name, message, failure.line]


class _Prints(io.RawIOBase):
    """Standard output up to the limit on what a worker may write; the rest is lost without a word."""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        with contextlib.suppress(OSError):
            os.write(1, data)
        return len(data)


def catch_prints() -> None:
    """Once, before forks: what they print goes to whatever their descriptor 1 is then."""
    sys.stdout = sys.stderr = io.TextIOWrapper(_Prints(), errors="replace", write_through=True)


def run_worker(steps: list[str], sock: socket.socket, output: int) -> None:
    """A forked child's whole life, once it is confined in `steps`.

    Prints go to `output`; nothing is flushed or cleaned up at the end.
    """
    os.dup2(output, 1)
    os.dup2(output, 2)
    connection = Connection(sock)
    connection.send(0, "jailed", steps)
    try:
        serve(connection)
    finally:
        os._exit(0)
