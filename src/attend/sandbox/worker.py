"""The worker: loads one student's file and answers requests, until the socket closes."""

import contextlib
import marshal
import os
import socket
import sys
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from attend.sandbox.codec import MAX_ANSWER, WireError
from attend.sandbox.connection import Connection, bundle, frame
from attend.sandbox.ground import Ground, PlacedGround
from attend.sandbox.replies import loaded_tree, outcome_frame
from attend.student import settings
from attend.student.errors import NotPlain
from attend.student.executor import Executor, failure_in
from attend.student.module import compile_module, left_out, load_module
from attend.student.protocol import Failure, Request, request_of

MODULE_NAME = "submission"


def serve(connection: Connection) -> None:
    """Answer the grader. The first frame is `load`, later ones are `run` or `scripts`."""
    number, _, (filename, text, code, ground_tree) = connection.receive()

    def exchange(kind: str, tree: Any) -> tuple[str, Any]:
        connection.send(number, kind, tree)
        _, answered, answer = connection.receive()
        return answered, answer

    def ask(callback: int, args: tuple, kwargs: dict) -> Any:
        kind, tree = exchange("callback", [callback, args, kwargs])
        if kind != "answer":
            raise RuntimeError("the function that was passed in raised an error")
        return tree

    ground = None
    if ground_tree is not None:
        ground = PlacedGround(Ground.from_tree(ground_tree), lambda tree: exchange("reference", tree))
    failure, module = _load(connection, filename, text, code, ground)
    connection.send(number, "loaded", loaded_tree(failure, left_out(MODULE_NAME)))
    if module is None:
        return
    executor = Executor(module, ask)
    while True:
        try:
            number, kind, tree = connection.receive()
        except WireError:
            return
        if kind == "scripts":
            _play(connection, executor, ground, tree)
        else:
            connection.send_bytes(_answer(number, request_of(tree), executor, ground))


def _load(
    connection: Connection, filename: str, text: str, code: np.ndarray | None, ground: PlacedGround | None
) -> tuple[Failure | None, ModuleType | None]:
    """The module, or why there is none. What it was compiled to is sent out for the next worker on the same text.

    It is sent before a line of the submission runs, so that no submission can send another one.
    """
    try:
        if ground is not None:
            compiled = compile_module(text, filename, without=ground.globals())
            module = load_module(text, MODULE_NAME, filename, compiled, ground.globals())
            ground.place(module)
            return None, module
        if code is None:
            compiled = compile_module(text, filename)
            _hand_on(connection, compiled)
        else:
            compiled = marshal.loads(code.tobytes())
        return None, load_module(text, MODULE_NAME, filename, compiled)
    except SyntaxError as error:
        line = error.lineno if error.filename == filename else None
        return Failure("syntax", "SyntaxError", str(error.msg)[:200], line), None
    except BaseException as error:
        return failure_in(sys.modules.get(MODULE_NAME), "raised", error), None


def _hand_on(connection: Connection, compiled: CodeType) -> None:
    """Send what the text was compiled to. Where it is more than an answer may be, the next worker compiles again."""
    with contextlib.suppress(NotPlain):
        code = np.frombuffer(marshal.dumps(compiled), np.uint8)
        connection.send_bytes(frame(0, "compiled", code, MAX_ANSWER))


def _play(
    connection: Connection, executor: Executor, ground: PlacedGround | None, scripts: list[list]
) -> None:
    """Answer all requests of several tests; a reply is packed as it is given, and those of a test are sent together.

    They are sent when the test is over: what a later test does, and when, takes nothing from it.
    """
    for script in scripts:
        replies = [_answer(number, request_of(tree), executor, ground) for number, tree in enumerate(script)]
        connection.send_bytes(bundle([b"".join(replies)]))


def _answer(number: int, request: Request, executor: Executor, ground: PlacedGround | None) -> bytes:
    """The reply to a request. It begins with the settings of a fresh process, whatever a request before it set."""
    if ground is not None and request.seed is not None:
        ground.reset(request.seed)
    settings.reset()
    return outcome_frame(number, executor.run(request))


def run_worker(steps: list[str], sock: socket.socket) -> None:
    """A forked child's whole life, once it is confined in `steps`. Nothing is flushed or cleaned up at the end."""
    connection = Connection(sock)
    connection.send(0, "jailed", steps)
    try:
        serve(connection)
    finally:
        os._exit(0)
