"""What people may be shown of what a submission sent: no text of its own choosing.

Numbers, shapes, dtypes, the names of Python's own types, and names that the course's stub has are shown. Everything
else is replaced by what the stub calls it, or left out.
"""

import ast
import builtins
import re
from collections.abc import Iterable
from typing import Any

from attend.course.source import parse
from attend.course.stub_markers import stub_message
from attend.course.syllabus import Topic
from attend.student import values
from attend.student.protocol import Request, Result, Step

MAX_NUMBER = 10**6
# shorter texts stand in any sentence
_SHORTEST_TEXT = 4

_BUILTIN = sorted(name for name, value in vars(builtins).items() if isinstance(value, type))
_TYPES = "|".join([*_BUILTIN, "generator", "module", "function", "NoneType", "OrderedDict", "Size"])
_DTYPES = "|".join(
    [*values.ARRAY_DTYPES, *values.TENSOR_DTYPES, "object", "longdouble", "float128", "bytes8", "datetime64"]
)
_SHAPE = r"\((?:\d{1,4}(?:, \d{1,4}){0,4},?)?\)|of \d{1,4} axes"
_VALUE = (
    rf"(?:{_DTYPES}) (?:array subclass|array|tensor) (?:{_SHAPE})|(?:{_DTYPES}) scalar"
    rf"|(?:list|tuple|dict) of \d{{1,6}}|a module|a function|an object of a class of its own|None|{_TYPES}"
)
_REFUSALS = "|".join(
    [
        "an integer of more than 64 bits",
        "a value nested deeper or holding more items than any answer of this course",
        "a value of more bytes than any answer of this course",
        "more arrays than any answer of this course",
        "an array of more or longer axes than any answer of this course",
        "a tensor whose numbers cannot be read",
        "text with half a character",
        rf"an array of dtype (?:{_DTYPES})",
        rf"a tensor of dtype (?:{_DTYPES}) on (?:cpu|meta), layout torch\.(?:strided|sparse_coo|sparse_csr)",
        rf"a dict with a key of type (?:{_VALUE})",
    ]
)
_DESCRIPTION = re.compile(f"{_VALUE}|{_REFUSALS}", re.ASCII)


def description(text: str) -> str:
    """What a worker says that its answer is, if `values.describe` or a limit of the wire would say it so."""
    return text if _DESCRIPTION.fullmatch(text) else "a value of another type"


class StubNames:
    """The names in a topic's stub: its functions, its classes with their methods, and the parameters of all of these.

    Without a topic there are none.
    """

    def __init__(self, topic: Topic | None = None, solution: str = ""):
        self._parameters: dict[str, list[list[str]]] = {}
        self._names: set[str] = set()
        for statement in parse(solution).body:
            if isinstance(statement, ast.FunctionDef):
                self._add(statement.name, statement.args)
            elif isinstance(statement, ast.ClassDef):
                self._add_class(statement)
        self._undone = (
            {stub_message(exercise) for exercise in topic.exercises} if topic is not None else set()
        )

    def _add_class(self, definition: ast.ClassDef) -> None:
        self._names.add(definition.name)
        for method in definition.body:
            if isinstance(method, ast.FunctionDef):
                self._add(definition.name if method.name == "__init__" else method.name, method.args)

    def _add(self, name: str, arguments: ast.arguments) -> None:
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        names = names[1:] if names[:1] == ["self"] else names
        self._parameters.setdefault(name, []).append(names)
        self._names |= {name, *names, *(argument.arg for argument in arguments.kwonlyargs)}

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def argument(self, request: Request, position: int) -> str:
        """What the stub calls the argument at `position` of the positional and named arguments of a call."""
        if position >= len(request.args):
            name = list(request.kwargs)[position - len(request.args)]
            return name if name in self else "an argument"
        called = "forward" if request.name == "__call__" else request.name
        found = {tuple(names[position : position + 1]) for names in self._parameters.get(called, [])}
        names = found.pop() if len(found) == 1 else ()
        return names[0] if names else f"argument {position + 1}"

    def call(self, step: Step) -> str:
        """The call in words, as `handle.call_line`, with no text but the stub's: `softmax((3, 4), axis=1)`."""
        request = step.request
        parts = [self._value(argument) for argument in request.args]
        parts += [f"{name}={self._value(value)}" for name, value in request.kwargs.items() if name in self]
        called = "forward" if request.name == "__call__" else request.name
        return f"{called}({', '.join(parts)})"

    def _value(self, value: Any, inside: bool = False) -> str:
        """A small number, otherwise type and shape: an argument may be an answer that a test hands on."""
        if type(value) is int and abs(value) >= MAX_NUMBER:
            return "int"
        if type(value) is float:
            return f"{value:.4g}"
        if type(value) is str:
            return repr(value) if value in self else "str"
        if type(value) is values.ObjectRef:
            return value.kind if value.kind in self else "a module"
        if type(value) in (list, tuple) and len(value) <= 4 and not inside:
            parts = ", ".join(self._value(part, inside=True) for part in value)
            return f"[{parts}]" if type(value) is list else f"({parts})"
        return values.describe(value) if type(value) in (list, tuple) else values.brief(value)

    def is_undone(self, message: str) -> bool:
        """Whether an exception has the text of one of the stub's exercises that is still to be done."""
        return f'raise NotImplementedError("{message}")' in self._undone

    def holds_text_of(self, steps: Iterable[Step], words: str) -> bool:
        """Whether a test's own `words` repeat a text, or a key of a dict, that it was answered with."""
        answers = [step.outcome.value for step in steps if isinstance(step.outcome, Result)]
        texts = {text for answer in answers for text in _texts(answer)}
        return any(len(text) >= _SHORTEST_TEXT and text not in self and text in words for text in texts)


def _texts(value: Any) -> Iterable[str]:
    """Every text in a plain value, the keys of dicts among them."""
    if type(value) is str:
        yield value
    elif type(value) is dict:
        for key, part in value.items():
            yield from _texts(key)
            yield from _texts(part)
    elif type(value) in (list, tuple):
        for part in value:
            yield from _texts(part)
