"""What stands for a name whose statement could not run where the code is now."""

from typing import Any, NoReturn

# what other machines may have and this one has not: a library, a file, a network, another process
LACKING = (ImportError, OSError)


class Unavailable:
    """Raises the error of the statement that should have defined it, whenever it is used.

    Its attributes are such objects too: the name of a library may stand in an annotation or at the beginning of a
    decorator's name without being used.
    """

    def __init__(self, kind: type[Exception], message: str):
        self._kind, self._message = kind, message

    def __getattr__(self, name: str) -> "Unavailable":
        if name.startswith("__"):
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

    __call__ = __getitem__ = __setitem__ = __delitem__ = __iter__ = __next__ = __len__ = __contains__ = _fail
    __bool__ = __int__ = __float__ = __index__ = __enter__ = __exit__ = __array__ = __instancecheck__ = _fail
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _fail
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = (
        _fail
    )
    __neg__ = __pos__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = __and__ = __rand__ = __invert__ = _fail


def stand_in(error: Exception) -> Unavailable:
    """What stands for the names of a statement that raised `error`."""
    kinds = (ModuleNotFoundError, ImportError, FileNotFoundError, PermissionError, OSError, NameError)
    return Unavailable(next(kind for kind in kinds if isinstance(error, kind)), str(error))
