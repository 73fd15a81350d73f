"""Carry out requests on a module: in the jailed worker, in this process for public tests, and in replays."""

import linecache
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from attend.student import settings, values
from attend.student.errors import NotPlain, builtin_name
from attend.student.protocol import Failure, Request, Result
from attend.student.values import CallbackRef, ObjectRef

MAX_MESSAGE = 500


def _says_not_done(error: BaseException, file: str | None) -> bool:
    """Whether a `raise NotImplementedError` of the student's was reached, or a module has no `forward`.

    PyTorch raises NotImplementedError too, where an operation does not know a dtype.
    """
    if not isinstance(error, NotImplementedError):
        return False
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return False
    frame, line = frames[-1]
    if frame.f_code.co_name == "_forward_unimplemented":
        return True
    # functions of a notebook come from many files, one a cell; their module is the program's main one
    own = frame.f_code.co_filename == file if file else frame.f_globals.get("__name__") == "__main__"
    return own and linecache.getline(frame.f_code.co_filename, line).lstrip().startswith("raise")


class Executor:
    """Runs requests against `module`; keeps the objects and graphs that later requests refer to.

    ask(callback id, args, kwargs) calls back to the test.
    """

    def __init__(self, module: ModuleType, ask: Callable[[int, tuple, dict], Any]):
        self.module = module
        self.ask = ask
        self.objects: list[Any] = []
        self.graphs: dict[int, tuple[list, list]] = {}
        self.calls = 0

    def run(self, request: Request) -> Result | Failure:
        """The outcome of `request`; no exception of the student's leaves this method."""
        try:
            if request.seed is not None:
                self._reset(request.seed)
            return getattr(self, f"_{request.operation}")(request)
        except NotPlain as error:
            return Failure("type", message=str(error))
        except BaseException as error:  # SystemExit and pytest's outcomes are the student's as well
            not_done = _says_not_done(error, getattr(self.module, "__file__", None))
            return failure_in(self.module, "not done" if not_done else "raised", error)

    # operations

    def _reset(self, seed: int) -> None:
        """Forget objects and graphs; seed every generator: a test starts as if it were the first."""
        self.objects.clear()
        self.graphs.clear()
        self.calls = 0
        settings.seed_generators(seed)

    def _call(self, request: Request) -> Result | Failure:
        function = getattr(self.module, request.name, None)
        if not callable(function):
            return Failure("missing", message=request.name)
        return self._invoke(function, request, [])

    def _given(self, request: Request) -> Result:
        from attend.student import helpers as given

        return self._invoke(getattr(given, request.name), request, [])

    def _optimizer(self, request: Request) -> Result:
        from attend.student.optimizers import new_optimizer

        module, *args = self._resolve(request.args)
        return Result(self._plain(new_optimizer(request.name, module, *args, **request.kwargs)))

    def _object(self, request: Request) -> Any:
        """The object that a request is for; an IndexError where there is none."""
        return self.objects[-1 if request.object is None else request.object]

    def _method(self, request: Request) -> Result | Failure:
        target = self._object(request)
        if request.name == "load_state_dict":
            # its report of missing keys is no plain value, and it raises anyway
            target.load_state_dict(*request.args)
            return Result(None)
        method = getattr(target, request.name, None)
        if not callable(method):
            return Failure("missing", message=f"{type(target).__name__}.{request.name}")
        return self._invoke(method, request, [] if request.object is None else [request.object])

    def _twice(self, request: Request) -> Result | Failure:
        """Two calls of one function or method: what the first returned, as it is after the second."""
        carry_out = self._call if request.object is None else self._method
        first, second = (carry_out(request.taking(arguments, {})) for arguments in request.args)
        if isinstance(first, Failure) or isinstance(second, Failure):
            return first if isinstance(first, Failure) else second
        return Result(first.value, first.call)

    def _parameters(self, request: Request) -> Result:
        return Result({name: value.detach() for name, value in _by_name(self._object(request))})

    def _state_shapes(self, request: Request) -> Result:
        state = self._object(request).state_dict()
        return Result({name: tuple(state[name].shape) for name in sorted(state)})

    def _backward(self, request: Request) -> Result:
        """Gradients of a kept call: cotangents in, one gradient or None for each input and parameter out."""
        import torch

        call, cotangents = request.args
        inputs, outputs = self.graphs[call]
        pairs = [(out, grad) for out, grad in zip(outputs, cotangents, strict=True) if grad is not None]
        gradients = torch.autograd.grad(
            [out for out, _ in pairs],
            inputs,
            [grad for _, grad in pairs],
            retain_graph=True,
            allow_unused=True,
        )
        return Result([None if grad is None else grad.detach() for grad in gradients])

    # helpers

    def _invoke(self, function: Callable, request: Request, objects: list[int]) -> Result:
        self.calls += 1
        given = values.leaves((request.args, request.kwargs))
        before, inputs = [], []
        for leaf in given:
            if values.is_array(leaf):
                before.append((leaf.copy(), leaf))
            elif values.is_tensor(leaf):
                before.append((leaf.detach().clone(), leaf))
                if leaf.requires_grad:
                    inputs.append(leaf)
        args, kwargs = request.args, request.kwargs
        if not values.REFERENCES.isdisjoint(map(type, given)):
            args, kwargs = self._resolve((args, kwargs))
        answer = values.without_names(function(*args, **kwargs))
        changed = [leaf for old, leaf in before if not values.same_leaf(old, leaf)]
        edited = _edited(request, changed) if changed else ()
        if values.loaded_torch() is None:
            return Result(answer, edited=edited)
        value = self._plain(answer)
        call = self._keep(inputs, request.wrt, value)
        return Result(value, call, edited)

    def _keep(self, inputs: list, wrt: tuple[int, ...], value: Any) -> int | None:
        outputs = [leaf for leaf in values.tensors(value) if leaf.requires_grad]
        parameters = [tensor for ref in wrt for _, tensor in _by_name(self.objects[ref])]
        if not outputs or not inputs + parameters:
            return None
        self.graphs[self.calls] = (inputs + parameters, outputs)
        return self.calls

    def _resolve(self, tree: Any) -> Any:
        return values.map_leaves(tree, self._resolve_leaf)

    def _resolve_leaf(self, leaf: Any) -> Any:
        if type(leaf) is ObjectRef:
            return self.objects[leaf.id]
        if type(leaf) is CallbackRef:
            return lambda *args, **kwargs: self.ask(leaf.id, self._plain(args), self._plain(kwargs))
        return leaf

    def _plain(self, answer: Any) -> Any:
        """The answer with modules and optimisers replaced by references."""
        torch = values.loaded_torch()
        kinds = (torch.nn.Module, torch.optim.Optimizer) if torch is not None else ()

        def leaf(value):
            return self._reference(value) if kinds and isinstance(value, kinds) else value

        return values.map_leaves(answer, leaf)

    def _reference(self, value: Any) -> ObjectRef:
        for index, known in enumerate(self.objects):  # noqa: B007 (used after the loop)
            if known is value:
                break
        else:
            index = len(self.objects)
            self.objects.append(value)
        return ObjectRef(index, type(value).__name__)


def _by_name(module: Any) -> list[tuple[str, Any]]:
    """The parameters in the order of their names: that in which a module defines them is nobody's concern."""
    return sorted(module.named_parameters(), key=lambda named: named[0])


def failure_in(module: ModuleType | None, kind: str, error: BaseException) -> Failure:
    """The failure that `error` is, with the deepest line of it in the module's own file."""
    try:
        message = str(error)[:MAX_MESSAGE]
    except BaseException:
        message = ""
    return Failure(kind, builtin_name(error), message, _line_in(module, error), error)


def _line_in(module: ModuleType | None, error: BaseException) -> int | None:
    file = getattr(module, "__file__", None)
    frames = traceback.walk_tb(error.__traceback__)
    lines: list[int | None] = [line for frame, line in frames if frame.f_code.co_filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines.append(error.lineno)
    return lines[-1] if lines else None


def _edited(request: Request, changed: list) -> tuple[int, ...]:
    """The positions of the arguments that hold a leaf which the call changed in place."""
    arguments = [*request.args, *request.kwargs.values()]
    leaves = set(map(id, changed))
    return tuple(
        index for index, value in enumerate(arguments) if not leaves.isdisjoint(map(id, values.leaves(value)))
    )
