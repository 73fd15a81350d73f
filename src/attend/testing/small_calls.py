"""Small calls: an expression such as `softmax([0, 1])`, carried out on some code.

The language is a small part of Python: functions, classes and methods of the topic's module, numbers, texts, None, lists
and tuples. A list becomes an array or a tensor of the kind that the course's signature names for that argument;
`zeros(2, 1)`, `ones(3)` and `eye(2)` are arrays, also within lists; `float32([0, 1])` has that dtype, otherwise numbers are
of 64 bits.

A new object of a class takes part in evaluation mode and in float64; `.training()` switches it to training mode,
`.filled(0.5)` sets all its parameters to one number, `.counted()` to 0.1, 0.2, … 0.9, 0.1, … in the order of their names.
`given.TinyEncoder(3, 1, 1)` is a helper class. `SGD(0.5)` is gradient descent with that step size, an optimizer of the model
that stands before it in the same call.

Around a call: `f(…)[0, 1]` is a place of the answer, `type(f(…))` the type of the answer, `repeated(3, f(…))` the answers of
three calls with the same objects, and `gradient(f(…), 'x')` the gradient of the sum of all numbers of the answer with
respect to the argument or the parameter x.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from attend.student import values
from attend.student.handle import ModuleHandle, Student
from attend.testing.small_language import (
    CHANGES,
    FLOAT32,
    FORMS,
    MADE,
    SGD,
    SmallCallError,
    is_call,
    literal,
    parse_call,
)
from attend.testing.small_signatures import LIST, PLAIN, Signatures

MOST_REPEATED = 5


class NoPlaceError(LookupError):
    """The answer does not have the place that the call asks for."""


@dataclass(frozen=True)
class _Optimizer:
    """What `SGD(0.5)` stands for, before its model is known."""

    step_size: float


@dataclass
class _Prepared:
    """A function or method with its arguments.

    name: its signature's name. owner: the object whose method it is.
    """

    name: str
    function: Callable[..., Any]
    args: list[Any]
    kwargs: dict[str, Any]
    owner: ModuleHandle | None = None

    def call(self) -> Any:
        return self.function(*self.args, **self.kwargs)


class SmallCalls:
    """Carries out small calls of one topic.

    Args:
        library: "numpy" or "torch", what lists become.
    """

    def __init__(self, signatures: Signatures, library: str):
        self._signatures, self._library = signatures, library

    def run(self, text: str, student: Student) -> Any:
        """What the call returns on a student's code.

        Raises:
            SmallCallError: the text is no small call of this topic.
            NoPlaceError: the answer lacks the place that is asked for.
            StudentError, Exception: what the student's code raised.
        """
        student.reset(0)
        return _Run(self._signatures, self._library, student).answer(parse_call(text))


class _Run:
    """One call on a student's code."""

    def __init__(self, signatures: Signatures, library: str, student: Student):
        self._signatures, self._library, self._student = signatures, library, student

    def answer(self, node: ast.expr) -> Any:
        """The value of a call and of what stands around it."""
        match node:
            case ast.Subscript(value=inner, slice=index):
                return _at_place(self.answer(_checked(inner)), index)
            case ast.Call(func=ast.Name(id="type"), args=[inner], keywords=[]):
                return type(self.answer(_checked(inner)))
            case ast.Call(func=ast.Name(id="repeated"), args=[ast.Constant(value=count), inner], keywords=[]):
                if type(count) is not int or not 1 <= count <= MOST_REPEATED:
                    raise SmallCallError(f"{ast.unparse(node)}: it takes 1 to {MOST_REPEATED} calls")
                prepared = self._prepared(inner)
                return [prepared.call() for _ in range(count)]
            case ast.Call(
                func=ast.Name(id="gradient"), args=[inner, ast.Constant(value=str(name))], keywords=[]
            ):
                return self._gradient(self._prepared(inner), name)
        return self._value_and_class(node)[0]

    def _gradient(self, prepared: _Prepared, name: str) -> Any:
        """The gradient of the sum of the answer's numbers; None where none can be taken, zero where it is not used."""
        leaf = self._leaf(prepared, name)
        outputs = [each for each in values.tensors(prepared.call()) if each.requires_grad]
        if not outputs:
            return None
        torch = values.loaded_torch()
        [found] = torch.autograd.grad(sum(each.sum() for each in outputs), [leaf], allow_unused=True)
        return torch.zeros_like(leaf) if found is None else found

    def _leaf(self, prepared: _Prepared, name: str) -> Any:
        """The argument or parameter of a call with this name, from now on one whose gradient can be taken."""
        if self._library != "torch":
            raise SmallCallError("gradient: the arrays of this topic have no gradients")
        names = [each for each, _ in self._signatures[prepared.name]]
        holder: Any = prepared.kwargs
        key: Any = name
        if name in names[: len(prepared.args)]:
            holder, key = prepared.args, names.index(name)
        elif name not in holder:
            parameters = dict(prepared.owner.named_parameters()) if prepared.owner else {}
            if name not in parameters:
                raise SmallCallError(f"gradient: {name} is no argument and no parameter of the call")
            return parameters[name]
        if not values.is_tensor(holder[key]) or not holder[key].is_floating_point():
            raise SmallCallError(f"gradient: {name} is no tensor of floats")
        holder[key].requires_grad_()
        return holder[key]

    def _value_and_class(self, node: ast.expr) -> tuple[Any, str]:
        """The value of a call, and the class that it is an object of, if it is one of the module's."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args) if name in CHANGES:
                handle, kind = self._object(owner)
                return _changed(handle, name, [literal(each) for each in args]), kind
        prepared = self._prepared(node)
        value = prepared.call()
        if isinstance(value, ModuleHandle) and prepared.owner is None:
            return value.double().eval(), prepared.name
        return value, ""

    def _object(self, node: ast.expr) -> tuple[ModuleHandle, str]:
        handle, kind = self._value_and_class(node)
        if not isinstance(handle, ModuleHandle):
            raise SmallCallError(f"{ast.unparse(node)} is no object")
        return handle, kind

    def _prepared(self, node: ast.expr) -> _Prepared:
        """The function or method that is called, with its arguments."""
        if not isinstance(node, ast.Call):
            raise SmallCallError(f"{ast.unparse(node)} is no call")
        match node.func:
            case ast.Name(id=name) if name in self._signatures:
                return _Prepared(name, getattr(self._student, name), *self._arguments(node, name))
            case ast.Attribute(value=ast.Name(id="given"), attr=name) if f"given.{name}" in self._signatures:
                function = getattr(self._student.given, name)
                return _Prepared(f"given.{name}", function, *self._arguments(node, f"given.{name}"))
            case ast.Name(id=name):
                words = "takes other arguments" if name in FORMS else "is no function of this topic"
                raise SmallCallError(f"{ast.unparse(node)}: {name} {words}")
            case ast.Attribute(value=owner, attr=method):
                handle, kind = self._object(owner)
                function, name = getattr(handle, method), f"{kind}.{method}"
            case owner:
                handle, kind = self._object(owner)
                function, name = handle, f"{kind}.forward"
        return _Prepared(name, function, *self._arguments(node, name), handle)

    def _arguments(self, node: ast.Call, name: str) -> tuple[list[Any], dict[str, Any]]:
        """The arguments by position and by name, lists as arrays or tensors."""
        parameters = self._signatures.get(name)
        if parameters is None:
            raise SmallCallError(f"{name} is no function of this topic")
        kinds = dict(parameters)
        names = [each for each, _ in parameters]
        if len(node.args) > len(names) or any(word.arg not in kinds for word in node.keywords):
            raise SmallCallError(f"{ast.unparse(node)}: {name} takes {', '.join(names) or 'nothing'}")
        args = [self._value(arg, kinds[each]) for each, arg in zip(names, node.args, strict=False)]
        given = {str(word.arg): self._value(word.value, kinds[str(word.arg)]) for word in node.keywords}
        models = [each for each in (*args, *given.values()) if isinstance(each, ModuleHandle)]
        args = [self._with_model(each, models) for each in args]
        return args, {word: self._with_model(value, models) for word, value in given.items()}

    def _with_model(self, value: Any, models: list[ModuleHandle]) -> Any:
        """The value; the optimizer of the first of these models where it is to be one."""
        if not isinstance(value, _Optimizer):
            return value
        if not models:
            raise SmallCallError(f"{SGD} needs a model in the same call")
        return self._student.optimizer("SGD", models[0], lr=value.step_size)

    def _value(self, node: ast.expr, kind: str) -> Any:
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name == FLOAT32 and len(node.args) == 1:
            array = self._value(node.args[0], "float")
            return array.astype(np.float32) if isinstance(array, np.ndarray) else array.float()
        if isinstance(node, ast.Call) and name == SGD:
            sizes = [literal(each) for each in node.args]
            if node.keywords or len(sizes) != 1 or type(sizes[0]) not in (int, float):
                raise SmallCallError(f"{ast.unparse(node)}: {SGD} takes a step size")
            return _Optimizer(float(sizes[0]))
        if isinstance(node, ast.Call) and name not in MADE:
            return self._value_and_class(node)[0]
        if isinstance(node, ast.Tuple) and kind != PLAIN:
            return tuple(self._value(each, kind) for each in node.elts)
        if isinstance(node, ast.List) and kind.endswith(LIST):
            return [self._value(each, kind.removesuffix(LIST)) for each in node.elts]
        value = literal(node)
        if isinstance(value, np.ndarray):
            return self._array(value, "float" if kind == PLAIN else kind)
        return self._array(value, kind) if kind != PLAIN and isinstance(value, list) else value

    def _array(self, value: Any, kind: str) -> Any:
        try:
            array: np.ndarray = np.array(
                value, dtype={"float": np.float64, "int": np.int64, "bool": np.bool_}[kind]
            )
        except (KeyError, ValueError, TypeError) as error:
            raise SmallCallError(f"{value} is no array of the kind {kind}") from error
        torch = values.loaded_torch()
        return torch.from_numpy(array) if self._library == "torch" and torch else array


def _checked(node: ast.expr) -> ast.expr:
    if not is_call(node):
        raise SmallCallError(f"{ast.unparse(node)} is no call")
    return node


def _at_place(value: Any, index: ast.expr) -> Any:
    """The part of an answer at a place: a whole number, or one for each axis.

    Raises:
        SmallCallError: the index is none.
        NoPlaceError: the answer has no such place.
    """
    place = literal(index)
    steps = place if isinstance(place, tuple) else (place,)
    if not steps or not all(type(step) is int for step in steps):
        raise SmallCallError(f"[{ast.unparse(index)}] is no place: it holds whole numbers")
    for step in steps:
        if not (isinstance(value, list | tuple | np.ndarray) or values.is_tensor(value)):
            raise NoPlaceError
        try:
            value = value[step]
        except IndexError as error:
            raise NoPlaceError from error
    return value


def _changed(handle: ModuleHandle, name: str, numbers: list[Any]) -> ModuleHandle:
    """The object after `.filled(0.5)`, `.counted()` or `.training()`."""
    if len(numbers) != (name == "filled") or not all(type(each) in (int, float) for each in numbers):
        raise SmallCallError(f"{name} takes {'one number' if name == 'filled' else 'nothing'}")
    return handle.train() if name == "training" else _with_parameters(handle, *numbers)


def _with_parameters(handle: ModuleHandle, number: float | None = None) -> ModuleHandle:
    """The object with all its parameters set: to one number, or to 0.1, 0.2, … where none is given."""
    torch = values.loaded_torch()
    names = sorted(name for name, _ in handle.named_parameters())
    state, place = dict(handle.state_dict()), 0
    for name in names:
        shape, size = state[name].shape, state[name].numel()
        counted = 0.1 + 0.1 * (torch.arange(place, place + size, dtype=torch.float64) % 9)
        state[name] = (
            counted.reshape(shape) if number is None else torch.full(shape, number, dtype=torch.float64)
        )
        place += size
    return handle.load_state_dict(state)
