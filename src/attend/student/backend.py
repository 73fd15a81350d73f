"""Where requests go: the local backend runs them in this process (public tests, replays, references)."""

from types import ModuleType
from typing import Protocol

from attend.student import values
from attend.student.executor import Executor
from attend.student.protocol import Failure, Request, Result


class Backend(Protocol):
    def run(self, request: Request, callbacks: list) -> Result | Failure:
        """Carry out `request`; a CallbackRef in it names an entry of `callbacks`."""


class LocalBackend:
    """Runs requests on a module of this process: a debugger works and tracebacks are real."""

    def __init__(self, module: ModuleType):
        self.callbacks: list = []
        self.executor = Executor(module, self._ask)

    def run(self, request: Request, callbacks: list) -> Result | Failure:
        self.callbacks = callbacks
        own = request.taking(*values.copy((request.args, request.kwargs)))
        torch = values.loaded_torch()
        enabled = torch is not None and torch.is_grad_enabled()
        outcome = self.executor.run(own)
        if (
            torch is not None
        ):  # the test's own setting, whatever the student's code or a fresh start makes of it
            torch.set_grad_enabled(enabled)
        if isinstance(outcome, Failure) and isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception  # somebody at the keyboard has had enough
        if isinstance(outcome, Result):
            try:
                outcome.value = values.copy(outcome.value)
            except values.NotPlain as error:
                return Failure("type", message=str(error))
        return outcome

    def _ask(self, callback: int, args: tuple, kwargs: dict):
        return values.copy(self.callbacks[callback](*values.copy(args), **values.copy(kwargs)))
