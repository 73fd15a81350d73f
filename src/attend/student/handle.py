"""`student.softmax(x)`, `student.Encoder(9, 4, 5)`: how tests call a student's code, in this process or in a worker."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from attend.student import values
from attend.student.errors import (
    NotDone,
    NotPlain,
    StudentCrashed,
    StudentError,
    StudentMissing,
    StudentRaised,
    StudentTimeout,
    raised,
)
from attend.student.local import Backend
from attend.student.protocol import Failure, Request, Result, Step
from attend.student.values import CallbackRef, ObjectRef


class Student:
    """A student's module. Attributes are its functions and classes; every call is recorded in `steps`."""

    def __init__(self, backend: Backend):
        self._backend = backend
        self._parameter_leaves: dict[int, dict[str, Any]] = {}
        self._seed: int | None = None
        self.steps: list[Step] = []

    def __getattr__(self, name: str) -> "StudentFunction":
        if name.startswith("_"):
            raise AttributeError(name)
        return StudentFunction(self, "call", name)

    @property
    def given(self) -> "HelperClasses":
        """The helper classes of `attend.student.helpers`; their objects are made in the student's process."""
        return HelperClasses(self)

    def optimizer(self, name: str, handle: "ModuleHandle", **settings: Any) -> "ModuleHandle":
        """`torch.optim.NAME` over the handle's parameters, made in the student's process.

        Raises:
            StudentError: it cannot be made.
        """
        made: ModuleHandle = self._ask(Request("optimizer", name, args=(handle,), kwargs=settings))
        return made

    def after_another(self, name: str, first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
        """What the function `name` returned for the arguments `first`, as it is after a call with `second`.

        Raises:
            StudentError: one of the calls has no answer.
        """
        return self._ask(Request("twice", name, args=(first, second)))

    def reset(self, seed: int) -> None:
        """Start a test: no objects, newly seeded generators, an empty record."""
        # the seed is sent with the first request, so that a test needs no round trip for it
        self._seed = seed
        self._parameter_leaves = {}
        self.steps = []

    def _ask(self, request: Request) -> Any:
        callbacks: list[Callable[..., Any]] = []
        raised_here: list[BaseException] = []
        handles: list[ModuleHandle] = []

        def to_reference(leaf: Any) -> Any:
            if isinstance(leaf, ModuleHandle):
                handles.append(leaf)
                return leaf._ref
            if callable(leaf) and not isinstance(leaf, type):
                callbacks.append(_guarded(leaf, raised_here))
                return CallbackRef(len(callbacks) - 1)
            return leaf

        if request.object is not None:
            handles.append(ModuleHandle(self, ObjectRef(request.object)))
        args, kwargs = values.map_leaves((request.args, request.kwargs), to_reference)
        watched = _with_leaves(self, handles)
        wrt = tuple(handle._ref.id for handle in watched)
        sent = request.taking(args, kwargs, wrt)
        # the record keeps its own copy: the test may change its arrays later
        args, kwargs = values.copy((args, kwargs))
        outcome = self._run(sent, callbacks)
        if callbacks:
            args, kwargs = _with_callables((args, kwargs), callbacks)
        self.steps.append(Step(sent.taking(args, kwargs), outcome))
        if raised_here:
            raise raised_here[0]
        if isinstance(outcome, Failure):
            raise to_error(outcome)
        value = outcome.value
        if outcome.call is not None and not values.loaded_torch().is_grad_enabled():
            value = values.map_leaves(value, values.detached)
        elif outcome.call is not None:
            from attend.student.autograd import attach

            inputs = [leaf for leaf in values.tensors((request.args, request.kwargs)) if leaf.requires_grad]
            inputs += [leaf for handle in watched for leaf in handle._leaves.values()]
            value = attach(self, outcome, inputs)
        return values.map_leaves(value, self._from_reference)

    def _run(self, request: Request, callbacks: list[Callable[..., Any]]) -> Result | Failure:
        seed, self._seed = self._seed, None
        return self._backend.run(request if seed is None else replace(request, seed=seed), callbacks)

    def _peek(self, request: Request) -> Any:
        """Ask without a record: a replay repeats only calls of the student's code."""
        outcome = self._run(request, [])
        if isinstance(outcome, Failure):
            raise to_error(outcome)
        return outcome.value

    def _from_reference(self, leaf: Any) -> Any:
        return ModuleHandle(self, leaf) if type(leaf) is ObjectRef else leaf


class HelperClasses:
    """The classes of `attend.student.helpers` by name, as `student.given.TinyEncoder(9, 4, 5)`."""

    def __init__(self, student: Student):
        self._student = student

    def __getattr__(self, name: str) -> "StudentFunction":
        return StudentFunction(self._student, "given", name)


class StudentFunction:
    """A function or class of the student's, called by name."""

    def __init__(self, student: Student, operation: str, name: str):
        self._student, self._operation, self.__name__ = student, operation, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with copies of the arguments, and return a copy of what it returns.

        Raises:
            StudentError: it raised, did not return in time, is missing, or returned a value of another type. What
                the student's code raised is also of the builtin type that it had there.
        """
        return self._student._ask(Request(self._operation, self.__name__, args=args, kwargs=kwargs))


class ModuleHandle:
    """An `nn.Module` (or optimiser) in the student's process. Methods that are not defined here are called there."""

    def __init__(self, student: Student, ref: ObjectRef):
        self._student, self._ref = student, ref

    @property
    def _leaves(self) -> dict[str, Any]:
        return self._student._parameter_leaves.setdefault(self._ref.id, {})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the module: its `forward`, with copies of the arguments. Raises as `StudentFunction` does."""
        return self._method("__call__", *args, **kwargs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._method(name, *args, **kwargs)

    def _method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._student._ask(Request("method", name, self._ref.id, args, kwargs))

    def after_another(self, name: str, first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
        """What the method `name` returned for the arguments `first`, as it is after a call with `second`.

        Raises:
            StudentError: one of the calls has no answer.
        """
        return self._student._ask(Request("twice", name, self._ref.id, (first, second)))

    def _changing(self, name: str, *args: Any) -> "ModuleHandle":
        self._leaves.clear()
        self._method(name, *args)
        return self

    def state_dict(self) -> dict[str, Any]:
        """The state, detached from any graph."""
        state = self._method("state_dict")
        return {name: values.detached(value) for name, value in state.items()}

    def load_state_dict(self, state: dict[str, Any]) -> "ModuleHandle":
        """Set the state; gradients of earlier parameters are forgotten. Returns the handle."""
        plain = {name: values.detached(value) for name, value in state.items()}
        self._leaves.clear()
        self._method("load_state_dict", plain)
        return self

    def double(self) -> "ModuleHandle":
        """Make its floating-point state float64. Returns the handle."""
        return self._changing("double")

    def float(self) -> "ModuleHandle":
        """Make its floating-point state float32. Returns the handle."""
        return self._changing("float")

    def train(self, mode: bool = True) -> "ModuleHandle":
        """Switch to training mode, or out of it. Returns the handle."""
        self._method("train", mode)
        return self

    def eval(self) -> "ModuleHandle":
        """Switch to evaluation mode. Returns the handle."""
        self._method("eval")
        return self

    def state_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the state dict.

        Raises:
            NotPlain: the student's class returns something else.
            StudentError: it raised, or did not return in time.
        """
        shapes: Any = self._student._peek(Request("state_shapes", object=self._ref.id))
        if not isinstance(shapes, dict) or not all(map(_is_shape, shapes.values())):
            raise NotPlain("a value of another type")
        return shapes

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for leaf in self._leaves.values():
            leaf.grad = None

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        """Names and leaf tensors; gradients of later calls are added to the leaves' `.grad`.

        Raises:
            StudentError: the module is not one whose parameters can be read.
        """
        if not self._leaves:
            parameters = self._student._peek(Request("parameters", object=self._ref.id))
            self._leaves.update({name: tensor.requires_grad_() for name, tensor in parameters.items()})
        return iter(self._leaves.items())

    def parameters(self) -> Iterator[Any]:
        """The parameters, in the order of `named_parameters`."""
        return (leaf for _, leaf in self.named_parameters())


def _is_shape(value: Any) -> bool:
    return type(value) is tuple and all(type(size) is int for size in value)


def to_error(failure: Failure) -> BaseException:
    """The exception that a test sees for `failure`."""
    exception: Any = failure.exception
    # a NotImplementedError that no stub raised is passed on as StudentRaised: tests take the other for "not done"
    is_no_stub = failure.kind == "raised" and isinstance(exception, NotImplementedError)
    if isinstance(exception, Exception) and not is_no_stub:
        marked: Any = exception
        marked.line = failure.line
        return exception
    match failure.kind:
        case "not done":
            error: StudentError = NotDone(failure.message)
        case "missing":
            error = StudentMissing(f"{failure.message} is not in the file")
        case "type":
            error = NotPlain(failure.message)
        case "timeout":
            error = StudentTimeout(failure.message)
        case "raised":
            error = raised(failure.type_name, failure.message, failure.line)
        case _:
            error = StudentCrashed(failure.message)
    # in this process the name of an exception such as SystemExit may be shown
    if exception is not None and isinstance(error, StudentRaised):
        error.type_name = type(exception).__name__
    error.line = failure.line
    return error


def _guarded(function: Callable[..., Any], raised_here: list[BaseException]) -> Callable[..., Any]:
    """A callback whose exception is kept for the test, even if the student's code catches it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            raised_here.append(error)
            raise

    return call


def _with_leaves(student: Student, handles: list[ModuleHandle]) -> list[ModuleHandle]:
    """The handles, each once, whose parameters the test has asked for."""
    found = {handle._ref.id: handle for handle in handles if handle._leaves}
    return list(found.values())


def _with_callables(arguments: Any, callbacks: list[Callable[..., Any]]) -> Any:
    def leaf(value: Any) -> Any:
        return callbacks[value.id] if type(value) is CallbackRef else value

    return values.map_leaves(arguments, leaf)


def call_line(step: Step) -> str:
    """The call in words, sizes instead of values: `softmax((3, 4), axis=1)`."""
    request = step.request
    parts = [values.brief(arg) for arg in request.args]
    parts += [f"{name}={values.brief(arg)}" for name, arg in request.kwargs.items()]
    name = request.name
    if request.operation == "method" and name == "__call__":
        name = "forward"
    return f"{name}({', '.join(parts)})"
