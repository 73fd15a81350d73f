"""What a name stands for if the statement that should have defined it raised."""

from typing import Any, NoReturn

from attend.student.errors import PASSED_ON


class Unavailable:
    """Raises the error of the statement that should have defined it, whenever it is used.

    Its attributes are such objects too, and so is `it | other`: the name of a library may stand in an annotation or at the
    beginning of a decorator's name without being used.
    """

    def __init__(self, kind: type[Exception], message: str):
        self._kind, self._message = kind, message

    def __getattr__(self, name: str) -> "Unavailable":
        if name.startswith("_"):
            raise AttributeError(name)
        return Unavailable(self._kind, self._message)

    def __or__(self, other: Any) -> "Unavailable":
        return self

    __ror__ = __or__

    def _fail(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise self._kind(self._message)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """As a base class: the class is made, and none of its objects."""
        return (type("Unavailable", (), {"__new__": self._fail}),)


# Python looks for these in the class: `__getattr__` is not asked.
_USES = """
    call getitem setitem delitem iter next len contains bool int float complex index enter exit array instancecheck
    add radd sub rsub mul rmul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod divmod rdivmod pow rpow
    neg pos abs round lt le gt ge and rand xor rxor invert lshift rlshift rshift rrshift
""".split()
for _use in _USES:
    setattr(Unavailable, f"__{_use}__", Unavailable._fail)


def stand_in(kind: type[Exception], message: str) -> Unavailable:
    """What the names of a statement stand for that raised an exception of type `kind`.

    Using it raises the nearest of Python's own types that takes a text.
    """
    own = next(base for base in kind.__mro__ if base in PASSED_ON and not issubclass(base, UnicodeError))
    return Unavailable(own, message)
