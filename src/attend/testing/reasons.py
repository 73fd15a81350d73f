"""Say of an exception what kind of mistake it is, without a word of the submission's own.

The text of an exception is the submission's to choose. So it is only recognised: where it is one that Python, NumPy or
PyTorch write, its numbers and names are put into words of ours. Sizes are repeated if an argument of the test's calls
has them, names if the course's own signatures have them.
"""

import re
from collections.abc import Callable, Container
from typing import Any

from attend.student import values
from attend.student.protocol import Step

_SHAPE = r"[(\[]((?:\d{1,6}(?:, ?|,?(?=[)\]]))){0,5})[)\]]"
_NUMBER = r"(\d{1,6})"
_DTYPES = {
    "Double": "float64",
    "Float": "float32",
    "Half": "float16",
    "Long": "int64",
    "Int": "int32",
    "Bool": "bool",
}
_DTYPES |= {"double": "float64", "float": "float32", "Byte": "uint8", "long": "int64", "bool": "bool"}


def _two(first: str, second: str) -> str:
    return f"two sizes do not fit: {first} and {second}"


# What the libraries write, and what is said of it. Groups are sizes, but for the rules of names and dtypes.
_SIZES: list[tuple[str, Callable[..., str]]] = [
    (
        rf"operands could not be broadcast together with shapes {_SHAPE} {_SHAPE}",
        lambda a, b: f"two shapes do not fit: ({a}) and ({b})",
    ),
    (rf"shapes {_SHAPE} and {_SHAPE} not aligned", lambda a, b: f"two shapes do not fit: ({a}) and ({b})"),
    (rf"\(size {_NUMBER} is different from {_NUMBER}\)", _two),
    (rf"The size of tensor a \({_NUMBER}\) must match the size of tensor b \({_NUMBER}\)", _two),
    (
        rf"mat1 and mat2 shapes cannot be multiplied \({_NUMBER}x{_NUMBER} and {_NUMBER}x{_NUMBER}\)",
        lambda a, b, c, d: f"two shapes do not fit: ({a}, {b}) and ({c}, {d})",
    ),
    (
        rf"Expected size for first two dimensions of batch2 tensor to be: {_SHAPE} but got: {_SHAPE}",
        lambda a, b: f"two shapes do not fit: ({a}) and ({b})",
    ),
    (
        rf"cannot reshape array of size {_NUMBER} into shape {_SHAPE}",
        lambda size, shape: f"{size} numbers do not fit into the shape ({shape})",
    ),
    (
        rf"shape '{_SHAPE}' is invalid for input of size {_NUMBER}",
        lambda shape, size: f"{size} numbers do not fit into the shape ({shape})",
    ),
    (
        rf"index {_NUMBER} is out of bounds for (?:axis|dimension) \d+ with size {_NUMBER}",
        lambda index, size: f"index {index} on an axis of size {size}",
    ),
]
_GENERAL = [
    (r"operands could not be broadcast|not aligned|must match the size|shapes cannot be multiplied|Sizes of tensors"
     r" must match|all the input array dimensions|is different from", "two sizes do not fit"),
    (r"cannot reshape|is invalid for input of size", "a shape does not hold as many numbers as there are"),
    (r"(?:list|tuple|string) index out of range|out of bounds|Dimension out of range|index out of range",
     "an index is out of range"),
    (r"too many indices", "it has more indices than the array has axes"),
    (r"'NoneType' object", "None was used where a value was needed"),
    (r"not enough values to unpack|too many values to unpack|cannot unpack",
     "what was unpacked has another number of parts"),
    (r"object is not (?:callable|subscriptable|iterable)", "a value was used as what it is not"),
    (r"can't be cast|Cannot cast|same dtype|expected scalar type", "two dtypes do not fit"),
    (r"does not require grad", "no gradient flows there: the graph was cut"),
]  # fmt: skip


def reason(message: str, steps: list[Step], names: Container[str]) -> str:
    """What kind of mistake an exception tells of; empty where its text is none that a library writes.

    Args:
        steps: the calls of the test; sizes of their arguments may be repeated.
        names: the names of arguments in the course's own signatures; they may be repeated.
    """
    return (
        _of_names(message, names)
        or _of_dtypes(message)
        or _of_sizes(message, steps)
        or next((words for pattern, words in _GENERAL if re.search(pattern, message)), "")
    )


def _of_sizes(message: str, steps: list[Step]) -> str:
    for pattern, words in _SIZES:
        found = re.search(pattern, message)
        if found:
            sizes = {int(number) for group in found.groups() for number in re.findall(r"\d+", group)}
            if sizes <= _sizes_of(steps):
                return words(*(", ".join(re.findall(r"\d+", group)) for group in found.groups()))
    return ""


def _sizes_of(steps: list[Step]) -> set[int]:
    """The sizes of all arguments, and 0 and 1."""
    sizes = {0, 1}
    for step in steps:
        for leaf in values.leaves([step.request.args, step.request.kwargs]):
            sizes |= set(_shape(leaf))
    return sizes


def _shape(leaf: Any) -> tuple[int, ...]:
    return tuple(leaf.shape) if values.is_array(leaf) or values.is_tensor(leaf) else ()


def _of_names(message: str, names: Container[str]) -> str:
    missing = re.search(r"missing \d+ required (?:positional|keyword-only) arguments?: (.+)", message)
    if missing:
        known = dict.fromkeys(name for name in re.findall(r"'(\w+)'", missing[1]) if name in names)
        return (
            f"an argument is missing: {', '.join(known)}" if 0 < len(known) < 4 else "an argument is missing"
        )
    extra = re.search(r"got an unexpected keyword argument '(\w+)'", message)
    if extra:
        return (
            f"it does not take the argument {extra[1]}"
            if extra[1] in names
            else "it does not take an argument"
        )
    count = re.search(
        r"takes (?:from \d to )?(\d) positional arguments? but (\d) (?:was|were) given", message
    )
    if count:
        return f"it takes {count[1]} arguments where {count[2]} were passed"
    return ""


def _of_dtypes(message: str) -> str:
    found = re.search(r"expected (?:m1 and m2 to have the same dtype, but got: (\w+) != (\w+)"
                      r"|scalar type (\w+) but found (\w+))", message)  # fmt: skip
    if not found:
        return ""
    first, second = (_DTYPES.get(name, "") for name in found.groups() if name)
    return f"two dtypes do not fit: {first} and {second}" if first and second else "two dtypes do not fit"
