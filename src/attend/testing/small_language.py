"""The text of a small call: what it may look like, the arrays that it writes down, and how many numbers it holds."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

FLOAT32 = "float32"
# arrays of given sizes, as NumPy makes them: `zeros(3, 1)`, `ones(2)`, `eye(3)`, `eye(3, 4, 1)`
MADE: dict[str, Callable[..., Any]] = {
    "zeros": lambda *sizes: np.zeros(sizes),
    "ones": lambda *sizes: np.ones(sizes),
    "eye": np.eye,
}
# an optimizer of the model in the same call
SGD = "SGD"
# methods that change an object and return it: they set its parameters, or switch it to training mode
CHANGES = ("filled", "counted", "training")
# of these the arguments are sizes and settings
SETTINGS = (*MADE, *CHANGES, SGD)
# what may stand around a call, with the place of the call among the arguments
FORMS = {"gradient": 0, "repeated": 1, "type": 0}


class SmallCallError(ValueError):
    """The text is no small call."""


def parse_call(text: str) -> ast.Call | ast.Subscript:
    """The call that `text` is, or the place of a call's answer, as `f(1)[0]`.

    Raises:
        SmallCallError: it is neither.
    """
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SmallCallError(f"{text.strip()[:80]} is not Python") from error
    if isinstance(node, ast.Call | ast.Subscript) and is_call(node):
        return node
    raise SmallCallError(f"{text.strip()[:80]} is no call")


def is_call(node: ast.expr) -> bool:
    """Whether an expression is a call, or a place of a call's answer."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Call)


def literal(node: ast.expr) -> Any:
    """The value of an expression of numbers, texts and lists; `zeros`, `ones` and `eye` in it are arrays.

    Raises:
        SmallCallError: it holds anything else.
    """
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in MADE:
            return _made_of_sizes(node, name)
        case ast.List(elts=parts):
            return [literal(each) for each in parts]
        case ast.Tuple(elts=parts):
            return tuple(literal(each) for each in parts)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError) as error:
        raise SmallCallError(f"{ast.unparse(node)} is no number, text, list or call") from error


def _made_of_sizes(node: ast.Call, name: str) -> np.ndarray:
    """The array that `zeros`, `ones` or `eye` is.

    Raises:
        SmallCallError: its arguments are no small sizes.
    """
    sizes = [literal(each) for each in node.args]
    if node.keywords or not 1 <= len(sizes) <= 4 or not all(type(n) is int and abs(n) <= 9 for n in sizes):
        raise SmallCallError(f"{ast.unparse(node)}: {name} takes one to four sizes up to 9")
    try:
        return MADE[name](*sizes)
    except (ValueError, TypeError) as error:
        raise SmallCallError(f"{ast.unparse(node)}: {name} takes other sizes") from error


def numbers_in(text: str) -> int:
    """How many numbers, truth values and texts the lists of a call hold, and numbers beside them.

    The arguments of a class, of `filled` and of `zeros` are sizes and settings: they do not count, nor do a place of
    the answer, the name in `gradient`, and the number of calls in `repeated`.
    """

    def count(node: ast.expr) -> int:
        match node:
            case ast.Constant(value=value):
                return int(value is not None)
            case ast.UnaryOp(operand=operand):
                return count(operand)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return sum(map(count, parts))
            case ast.Call(func=ast.Name(id=name), args=args) if name in FORMS and len(args) > FORMS[name]:
                return count(args[FORMS[name]])
            case ast.Call(func=function, args=args, keywords=words):
                inner = count(function) if not isinstance(function, ast.Name) else 0
                last = getattr(function, "attr", getattr(function, "id", ""))
                if last in SETTINGS or last[:1].isupper():
                    return inner
                return inner + sum(map(count, args)) + sum(count(word.value) for word in words)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return count(value)
        return 0

    return count(parse_call(text))


def form_of(text: str) -> str:
    """What stands around a call: the name of the form, "place" for a place of the answer, else nothing."""
    node: ast.expr = parse_call(text)
    if isinstance(node, ast.Subscript):
        return "place"
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    return name if name in FORMS else ""
