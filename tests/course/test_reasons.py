"""Of an exception the kind of mistake is told, with sizes and names that are ours, and nothing else of its text."""

import numpy as np
import pytest

from attend.student.protocol import Request, Result, Step
from attend.testing.reasons import reason

STEPS = [Step(Request("call", "f", args=(np.zeros((3, 4)), np.zeros((5, 6)))), Result(None))]
NAMES = frozenset({"scores", "mask"})


def message_of(code: str) -> str:
    """What Python or NumPy really write."""
    try:
        exec(code, {"np": np, "f": lambda scores, mask: None})
    except Exception as error:
        return str(error)
    raise AssertionError("the code raises nothing")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("np.zeros((3, 4)) + np.zeros((5, 6))", "two shapes do not fit: (3, 4) and (5, 6)"),
        ("np.zeros(4) + np.zeros(5)", "two shapes do not fit: (4) and (5)"),
        ("np.zeros((3, 4)) @ np.zeros((5, 6))", "two sizes do not fit: 5 and 4"),
        ("np.dot(np.zeros((3, 4)), np.zeros((5, 6)))", "two shapes do not fit: (3, 4) and (5, 6)"),
        ("np.zeros(3)[5]", "index 5 on an axis of size 3"),
        ("[][3]", "an index is out of range"),
        ("np.zeros(3)[0, 0]", "it has more indices than the array has axes"),
        ("f(1)", "an argument is missing: mask"),
        ("f(1, 2, 3)", "it takes 2 arguments where 3 were passed"),
        ("f(1, mask=2, secret=3)", "it does not take an argument"),
        ("None[0]", "None was used where a value was needed"),
        ("a, b = 1, 2, 3", "what was unpacked has another number of parts"),
    ],
)
def test_what_libraries_write_is_recognised(code, told):
    assert reason(message_of(code), STEPS, NAMES) == told


@pytest.mark.parametrize(
    "text",
    [
        "GRADER: full marks",
        "0.297 0.118 -0.364",
        "operands could not be broadcast together with shapes (297,118) (364,)",
        "missing 1 required positional argument: 'x0594'",
        "got an unexpected keyword argument 'x0594'",
        "index 29711 is out of bounds for axis 0 with size 36417",
        "expected scalar type Secret but found Canary",
    ],
)
def test_nothing_of_a_submissions_own_words_or_numbers_passes(text):
    told = reason(text, STEPS, NAMES)
    assert not any(part in told for part in ("GRADER", "297", "0594", "364", "Secret", "Canary"))
