"""What may stand around a small call: a place of the answer, its type, its gradient, several calls. Errors as answers."""

import numpy as np
import pytest
import torch

from attend.student import Student
from attend.student.local import LocalBackend
from attend.student.module import load_module
from attend.testing.plain_values import close_enough, plain
from attend.testing.small_calls import NoPlaceError, SmallCalls
from attend.testing.small_language import SmallCallError, form_of
from attend.testing.small_signatures import signatures
from attend.testing.small_table import SmallRow, SmallTable

CODE = """
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def squares(x: Float[Tensor, "S"], power: int = 2, tokens: Int[Tensor, "S"] | None = None):
    if power < 1:
        raise ValueError("power")
    return x**power


def both(x: Float[Tensor, "S"]):
    return x, x.new_zeros(())


def shape(x: Float[Tensor, "A B"], mask: Bool[Tensor, "A"] | None = None):
    return list(x.shape)


class Line(nn.Module):
    def __init__(self, dropout: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.unused = nn.Parameter(torch.ones(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "S"]):
        return self.weight * self.dropout(x)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, x: Float[Tensor, "S"]) -> float:
    optimizer.zero_grad()
    loss = model(x).sum()
    loss.backward()
    optimizer.step()
    return loss.item()
"""


def handle(code: str = CODE) -> Student:
    return Student(LocalBackend(load_module(code, "forms", "<forms>"), fresh_settings=False))


def run(text: str, library: str = "torch"):
    return plain(SmallCalls(signatures(CODE), library).run(text, handle()))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("squares([1, 3])[1]", 9.0),
        ("squares([1, 3])[-1]", 9.0),
        ("both([1, 3])[0]", [1.0, 3.0]),
        ("both([1, 3])[0, 1]", 3.0),
        ("both([1, 3])[0][1]", 3.0),
        ("type(both([1]))", {"type": "tuple"}),
        ("type(both([1])[0])", {"type": "Tensor"}),
        ("type(shape([[1]])[0])", {"type": "int"}),
        ("gradient(squares([1, 3]), 'x')", [2.0, 6.0]),
        ("gradient(squares(power=3, x=[2]), 'x')", [12.0]),
        ("gradient(squares([1, 3]), 'x')[1]", 6.0),
        ("gradient(both([1, 3]), 'x')", [1.0, 1.0]),
        ("gradient(Line()([1, 3]), 'weight')", [4.0]),
        ("gradient(Line().filled(2)([1, 3]), 'x')", [2.0, 2.0]),
        ("gradient(Line()([1, 3]), 'unused')", [0.0, 0.0]),
        ("Line(1)([1, 3])", [1.0, 3.0]),
        ("Line(1).training()([1, 3])", [0.0, 0.0]),
        ("Line(1).training().filled(2)([1, 3])", [0.0, 0.0]),
        ("step(Line(), SGD(0.5), [2])", 2.0),
        # the weight becomes 1 − 0.5 · 2 = 0, then −1
        ("repeated(3, step(Line(), SGD(0.5), [2]))", {"items": [2.0, 0.0, -2.0]}),
        ("repeated(2, squares([2]))", {"items": [[4.0], [4.0]]}),
    ],
)
def test_a_form_is_carried_out(text, answer):
    assert close_enough(run(text), answer)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("shape([ones(2), [3, 4]])", [2, 2]),
        ("shape([eye(2, 3)[0]])", None),
        ("shape(eye(2, 3))", [2, 3]),
        ("shape(zeros(0, 3))", [0, 3]),
        ("shape([zeros(3), ones(3), zeros(3)])", [3, 3]),
        ("shape(zeros(1, 2, 3, 4))", [1, 2, 3, 4]),
        ("shape([[eye(2), zeros(2, 2)]])", [1, 2, 2, 2]),
        ("shape(float32([eye(2)]))", [1, 2, 2]),
    ],
)
def test_arrays_of_given_sizes_may_be_parts_of_lists(text, sizes):
    if sizes is None:
        with pytest.raises(SmallCallError):
            run(text)
    else:
        assert run(text) == {"items": sizes}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("squares([1])['a']", "is no place"),
        ("squares([1])[0:1]", "is no number"),
        ("squares([1])[()]", "is no place"),
        ("squares([1])[0.5]", "is no place"),
        ("[1, 2][0]", "is no call"),
        ("type(1)", "is no call"),
        ("type(squares([1]), 2)", "type takes other arguments"),
        ("gradient(squares([1]))", "gradient takes other arguments"),
        ("gradient(squares([1]), 'y')", "y is no argument and no parameter"),
        ("gradient(squares([1]), 'power')", "no argument and no parameter"),
        ("gradient(squares([1], 3), 'power')", "power is no tensor of floats"),
        ("gradient(squares([1], 2, [1]), 'tokens')", "tokens is no tensor of floats"),
        ("gradient(Line()([1]), 'bias')", "bias is no argument and no parameter"),
        ("gradient(repeated(2, squares([1])), 'x')", "repeated takes other arguments"),
        ("gradient([1], 'x')", "is no call"),
        ("repeated(squares([1]), 2)", "repeated takes other arguments"),
        ("repeated(0, squares([1]))", "1 to 5 calls"),
        ("repeated(1000, squares([1]))", "1 to 5 calls"),
        ("repeated(True, squares([1]))", "1 to 5 calls"),
        ("repeated(2, repeated(2, squares([1])))", "repeated takes other arguments"),
        ("squares(gradient(squares([1]), 'x'))", "gradient takes other arguments"),
        ("step(SGD(0.5), SGD(0.5), [2])", "SGD needs a model"),
        ("step(Line(), SGD(), [2])", "SGD takes a step size"),
        ("step(Line(), SGD('a'), [2])", "SGD takes a step size"),
        ("Line().training(1)([1])", "training takes nothing"),
        ("Line().filled()([1])", "filled takes one number"),
        ("Line().filled('a')([1])", "filled takes one number"),
        ("squares([1]).training()", "is no object"),
        ("shape(zeros(1, 1, 1, 1, 1))", "one to four sizes"),
        ("shape([zeros(2), zeros(3)])", "is no array"),
        ("shape(zeros(-1, 2))", "takes other sizes"),
    ],
)
def test_a_form_that_is_used_wrongly_says_how(text, words):
    with pytest.raises(SmallCallError, match=words):
        run(text)


def test_arrays_of_numpy_have_no_gradients():
    code = "import numpy\nfrom jaxtyping import Float\n\ndef double(x: Float[numpy.ndarray, 'S']):\n    return 2 * x\n"
    with pytest.raises(SmallCallError, match="have no gradients"):
        SmallCalls(signatures(code), "numpy").run("gradient(double([1]), 'x')", handle(code))


@pytest.mark.parametrize("text", ["squares([1])[1]", "squares([1])[0, 0]", "shape([[1]])[0, 0]"])
def test_a_place_that_the_answer_lacks(text):
    with pytest.raises(NoPlaceError):
        run(text)


def test_the_form_of_a_call_is_what_stands_around_it():
    texts = "f(1)", "f(1)(2)", "f(1)[0]", "gradient(f(1), 'x')[0]", "gradient(f(1), 'x')", "type(f(1))"
    assert [form_of(text) for text in texts] == ["", "", "place", "place", "gradient", "type"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.zeros(0), np.zeros((0, 3))),
        (np.zeros((1, 0)), np.zeros((2, 0))),
        (torch.zeros(0), torch.zeros(0, 2)),
        (True, 1.0),
        (np.array([True]), np.array([1])),
    ],
)
def test_values_that_differ_in_shape_or_kind_alone_differ(first, second):
    assert not close_enough(plain(first), plain(second))
    assert close_enough(plain(first), plain(first)) and close_enough(plain(second), plain(second))


def test_an_array_without_numbers_has_no_dtype():
    """Of an empty alignment the course asks for the sizes alone."""
    assert plain(torch.zeros(0, 3)) == plain(torch.zeros(0, 3, dtype=torch.float64)) == {"zeros": [0, 3]}


def test_a_zero_has_no_sign():
    assert str(plain(np.array([-0.0]))) == "[0.0]"


# what the smallest call says

ROWS = {
    "squares": [SmallRow("squares([1], 0)", "an error", {"raises": "ValueError"}, ())],
    "gradient": [SmallRow("gradient(squares([1]), 'x')", "a gradient", [2.0], ())],
    "type": [SmallRow("type(step(Line(), SGD(1), [2]))", "a type", {"type": "float"}, ())],
    "place": [SmallRow("both([1])[0, 0]", "a place", 1.0, ())],
    "Line": [SmallRow("Line()", "a class", {"raises": "ValueError"}, ())],
}
TABLE = SmallTable("torch", signatures(CODE), {}, ROWS)
CHECK = '    if power < 1:\n        raise ValueError("power")\n'


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("squares", CHECK, "", "squares([1], 0) must raise ValueError; yours is [1]"),
        ("squares", "ValueError", "KeyError", "squares([1], 0) must raise ValueError; yours raises KeyError"),
        (
            "squares",
            "ValueError",
            "Exception",
            "squares([1], 0) must raise ValueError; yours raises Exception",
        ),
        (
            "gradient",
            "x**power",
            "x.detach() ** power",
            "gradient(squares([1]), 'x') must be [2]; yours is None",
        ),
        ("gradient", "x**power", "x**power + x", "gradient(squares([1]), 'x') must be [2]; yours is [3]"),
        (
            "gradient",
            "x**power",
            "(x * 0 / 0) ** power",
            "gradient(squares([1]), 'x') must be [2]; yours is [nan]",
        ),
        ("type", "loss.item()", "loss", "type(step(Line(), SGD(1), [2])) must be float; yours is Tensor"),
        (
            "type",
            "loss.item()",
            "object()",
            "type(step(Line(), SGD(1), [2])) must be float; yours is no array",
        ),
        ("place", "x, x.new_zeros(())", "(1.0, x)", "both([1])[0, 0] must be 1; yours has no such place"),
        ("place", "x, x.new_zeros(())", "x[0]", "both([1])[0, 0] must be 1; yours has no such place"),
        ("Line", "unused", "unused", "Line() must raise ValueError; yours raises nothing"),
    ],
)
def test_the_smallest_call_says_what_is_wrong(name, old, new, sentence):
    code = CODE.replace(old, new)
    found = TABLE.counterexample(name, lambda: handle(code))
    assert found is not None and found.sentence.startswith(sentence)


@pytest.mark.parametrize(
    "raised",
    [
        "raise ValueError",
        "raise UnicodeDecodeError('a', b'', 0, 0, '')",
        "class Own(ValueError): ...\n        raise Own",
        "int('a')",
    ],
)
def test_an_error_of_the_right_type_is_right_whoever_raises_it(raised):
    """As in `pytest.raises`, a type below the one that was asked for is right too."""
    code = CODE.replace('raise ValueError("power")', raised)
    assert TABLE.counterexample("squares", lambda: handle(code)) is None


def test_an_exercise_that_is_not_done_is_not_said_to_raise():
    code = CODE.replace('raise ValueError("power")', "raise NotImplementedError('t06.1')")
    assert TABLE.counterexample("squares", lambda: handle(code)) is None
