"""What a test sees when the student's code gives no answer."""

import builtins


class StudentError(Exception):
    """The student's code gave no answer; `kind` says why and `line` where, in the student's file."""

    kind = "error"
    line: int | None = None


class NotPlain(StudentError):
    """The answer is of a type that no exercise asks for."""

    kind = "type"


class StudentMissing(StudentError):
    """The function or class is not in the student's file."""

    kind = "missing"


class NotDone(StudentError, NotImplementedError):
    """The code still raises NotImplementedError."""

    kind = "not done"


class StudentRaised(StudentError):
    """The student's code raised; `type_name` is a builtin exception's name or a general phrase."""

    kind = "raised"
    type_name = "an exception of the submission's own"


class StudentTimeout(StudentError):
    """The student's code did not answer before its deadline."""

    kind = "timeout"


class StudentCrashed(StudentError):
    """The process that ran the student's code ended."""

    kind = "crash"


# The class name of an exception is a channel for text: only these names pass. Those that end a loop or a stub do not:
# a test that maps the student's function over its inputs would end early and find nothing wrong.
_ENDS = (NotImplementedError, StopIteration, StopAsyncIteration)
# And no type that a text alone does not make.
_OF_SEVERAL = (ExceptionGroup,)
PASSED_ON = tuple(
    value
    for value in vars(builtins).values()
    if isinstance(value, type) and issubclass(value, Exception) and value not in _ENDS + _OF_SEVERAL
)
# The one exception beside them whose name passes: it is no Exception, and a test cannot ask for it.
EXIT = "SystemExit"
_NAMES = {kind.__name__: kind for kind in PASSED_ON}
_raised_types: dict[str, type] = {}


def builtin_name(error: BaseException) -> str | None:
    """The name of the builtin exception type that `error` is of, else None.

    numpy's and torch's own types are told by the nearest builtin one, and a NotImplementedError that is no stub's
    as RuntimeError. PyTorch's RuntimeError where memory is short is told as MemoryError. What was raised on the other
    side has the name that it had there.
    """
    if isinstance(error, StudentRaised) and error.type_name in _NAMES:
        return error.type_name
    if type(error) is RuntimeError and type(error.args[0] if error.args else None) is str:
        if "DefaultCPUAllocator: can't allocate memory" in error.args[0]:
            return "MemoryError"
    if isinstance(error, SystemExit):
        return EXIT
    kinds = [type(error)]
    if isinstance(error, NotImplementedError) or type(error).__module__.split(".")[0] in ("numpy", "torch"):
        kinds = [kind for kind in type(error).__mro__ if kind is not Exception]
    return next((kind.__name__ for kind in kinds if kind in PASSED_ON), None)


def raised(type_name: str | None, message: str, line: int | None) -> StudentRaised:
    """An exception that is both StudentRaised and, where it is a builtin one, of that type."""
    known = _NAMES.get(type_name) if type_name is not None else None
    if type_name is None or known is None:
        error = StudentRaised(message)
        error.type_name = EXIT if type_name == EXIT else error.type_name
    else:
        if type_name not in _raised_types:
            init = {
                "__init__": lambda self, *args: Exception.__init__(self, *args),
                "__str__": Exception.__str__,
            }
            _raised_types[type_name] = type(f"Student{type_name}", (StudentRaised, known), init)
        error = _raised_types[type_name](message)
        error.type_name = type_name
    error.line = line
    return error
