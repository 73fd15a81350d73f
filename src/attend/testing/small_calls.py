"""Small calls: an expression such as `softmax([0, 1])`, carried out on some code and written down with its answer.

The language is a small part of Python: functions, classes and methods of the topic's module, numbers, texts, None, lists
and tuples. A list becomes an array or a tensor of the kind that the course's signature names for that argument. A new
object of a class takes part in evaluation mode and in float64; `.filled(0.5)` sets all its parameters to one number,
`.counted()` to 0.1, 0.2, … 0.9, 0.1, … in the order of their names. `given.TinyEncoder(3, 1, 1)` is a helper class.
`float32([0, 1])` is an array of that dtype; otherwise numbers are of 64 bits.
"""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from attend.student import values
from attend.student.handle import ModuleHandle, Student
from attend.testing.small_signatures import LIST, PLAIN, Signatures

FLOAT32 = "float32"
# arrays of given sizes, as NumPy makes them: `zeros(3, 1)`, `ones(2)`, `eye(3)`, `eye(3, 4, 1)`
MADE: dict[str, Callable[..., Any]] = {
    "zeros": lambda *sizes: np.zeros(sizes),
    "ones": lambda *sizes: np.ones(sizes),
    "eye": np.eye,
}
# of these the arguments are sizes and settings
SETTINGS = (*MADE, "filled", "counted")


class SmallCallError(ValueError):
    """The text is no small call."""


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
            StudentError, Exception: what the student's code raised.
        """
        student.reset(0)
        value, _ = self._call(parse_call(text), student)
        return value

    def _call(self, node: ast.expr, student: Student) -> tuple[Any, str]:
        """The value of a call, and the class that it is an object of, if it is one of the module's."""
        if not isinstance(node, ast.Call):
            raise SmallCallError(f"{ast.unparse(node)} is no call")
        match node.func:
            case ast.Name(id=name) if name in self._signatures:
                return self._made(getattr(student, name), name, node, student)
            case ast.Attribute(value=ast.Name(id="given"), attr=name) if f"given.{name}" in self._signatures:
                return self._made(getattr(student.given, name), f"given.{name}", node, student)
            case ast.Name(id=name):
                raise SmallCallError(f"{name} is no function of this topic")
            case ast.Attribute(value=owner, attr=name):
                handle, kind = self._call(owner, student)
                if not isinstance(handle, ModuleHandle):
                    raise SmallCallError(f"{ast.unparse(owner)} is no object")
                if name in ("filled", "counted"):
                    numbers = [ast.literal_eval(each) for each in node.args]
                    return _with_parameters(handle, *numbers), kind
                args, kwargs = self._arguments(node, f"{kind}.{name}", student)
                return getattr(handle, name)(*args, **kwargs), ""
            case owner:
                handle, kind = self._call(owner, student)
                args, kwargs = self._arguments(node, f"{kind}.forward", student)
                return handle(*args, **kwargs), ""

    def _made(
        self, function: Callable[..., Any], name: str, node: ast.Call, student: Student
    ) -> tuple[Any, str]:
        args, kwargs = self._arguments(node, name, student)
        made = function(*args, **kwargs)
        return (made.double().eval(), name) if isinstance(made, ModuleHandle) else (made, "")

    def _arguments(self, node: ast.Call, name: str, student: Student) -> tuple[list[Any], dict[str, Any]]:
        """The arguments by position and by name, lists as arrays or tensors."""
        parameters = self._signatures.get(name)
        if parameters is None:
            raise SmallCallError(f"{name} is no function of this topic")
        kinds = dict(parameters)
        names = [each for each, _ in parameters]
        if len(node.args) > len(names) or any(word.arg not in kinds for word in node.keywords):
            raise SmallCallError(f"{ast.unparse(node)}: {name} takes {', '.join(names) or 'nothing'}")
        args = [self._value(arg, kinds[each], student) for each, arg in zip(names, node.args, strict=False)]
        given = {
            str(word.arg): self._value(word.value, kinds[str(word.arg)], student) for word in node.keywords
        }
        return args, given

    def _value(self, node: ast.expr, kind: str, student: Student) -> Any:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == FLOAT32 and len(node.args) == 1:
            array = self._value(node.args[0], "float", student)
            return array.astype(np.float32) if isinstance(array, np.ndarray) else array.float()
        if isinstance(node, ast.Call) and ast.unparse(node.func) in MADE:
            return self._array(_made_of_sizes(node), "float" if kind == PLAIN else kind)
        if isinstance(node, ast.Call):
            return self._call(node, student)[0]
        if isinstance(node, ast.Tuple) and kind != PLAIN:
            return tuple(self._value(each, kind, student) for each in node.elts)
        if isinstance(node, ast.List) and kind.endswith(LIST):
            return [self._value(each, kind.removesuffix(LIST), student) for each in node.elts]
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError) as error:
            raise SmallCallError(f"{ast.unparse(node)} is no number, text, list or call") from error
        return self._array(value, kind) if kind != PLAIN and isinstance(value, list) else value

    def _array(self, value: list[Any], kind: str) -> Any:
        try:
            array: np.ndarray = np.array(
                value, dtype={"float": np.float64, "int": np.int64, "bool": np.bool_}[kind]
            )
        except (ValueError, TypeError) as error:
            raise SmallCallError(f"{value} is no array of the kind {kind}") from error
        torch = values.loaded_torch()
        return torch.from_numpy(array) if self._library == "torch" and torch else array


def _made_of_sizes(node: ast.Call) -> list[Any]:
    """The numbers of `zeros`, `ones` or `eye`.

    Raises:
        SmallCallError: its arguments are no small sizes.
    """
    name = ast.unparse(node.func)
    try:
        sizes = [ast.literal_eval(each) for each in node.args]
    except (ValueError, TypeError, SyntaxError) as error:
        raise SmallCallError(f"{ast.unparse(node)}: a size is no number") from error
    if node.keywords or not 1 <= len(sizes) <= 3 or not all(type(n) is int and abs(n) <= 9 for n in sizes):
        raise SmallCallError(f"{ast.unparse(node)}: {name} takes one to three sizes up to 9")
    try:
        return MADE[name](*sizes).tolist()
    except (ValueError, TypeError) as error:
        raise SmallCallError(f"{ast.unparse(node)}: {name} takes other sizes") from error


def parse_call(text: str) -> ast.Call:
    """The call that `text` is.

    Raises:
        SmallCallError: it is none.
    """
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SmallCallError(f"{text.strip()[:80]} is not Python") from error
    if not isinstance(node, ast.Call):
        raise SmallCallError(f"{text.strip()[:80]} is no call")
    return node


def numbers_in(text: str) -> int:
    """How many numbers, truth values and texts the lists of a call hold, and numbers beside them.

    The arguments of a class and of `filled` are sizes and settings: they do not count.
    """

    def count(node: ast.expr) -> int:
        match node:
            case ast.Constant(value=value):
                return int(value is not None)
            case ast.UnaryOp(operand=operand):
                return count(operand)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return sum(map(count, parts))
            case ast.Call(func=function, args=args, keywords=words):
                inner = count(function) if not isinstance(function, ast.Name) else 0
                last = getattr(function, "attr", getattr(function, "id", ""))
                if last in SETTINGS or last[:1].isupper():
                    return inner
                return inner + sum(map(count, args)) + sum(count(word.value) for word in words)
            case ast.Attribute(value=value):
                return count(value)
        return 0

    return count(parse_call(text))


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
