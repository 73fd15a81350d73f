"""t08 and t13 leave time, batch and heads to array operations: their references hold no loop over any of them."""

import ast

import pytest

from ..common import COURSE

LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
LAYERS = {"self.encoder", "self.decoder", "range(num_layers)"}  # a stack of layers is gone through one by one
HIDDEN_LOOPS = {
    "vectorize",
    "apply_along_axis",
    "fromiter",
    "map",
    "ndenumerate",
    "ndindex",
    "nditer",
    "unbind",
}


def looped_over(text: str) -> list[str]:
    """What the loops and comprehensions of a module go over, and the functions in it that hide a loop."""
    nodes = list(ast.walk(ast.parse(text)))
    over = [
        node.test if isinstance(node, ast.While) else node.iter for node in nodes if isinstance(node, LOOPS)
    ]
    written_out = [each for each in over if isinstance(each, ast.Tuple)]  # as many turns as stand there
    called = [ast.unparse(node.func).split(".")[-1] for node in nodes if isinstance(node, ast.Call)]
    hidden = [name for name in called if name in HIDDEN_LOOPS]
    return [ast.unparse(each) for each in over if each not in written_out] + hidden


@pytest.mark.parametrize("number", ["t08", "t13"])
def test_a_reference_without_loops_over_time_batch_or_heads(number):
    text = COURSE.solution(COURSE.topic(number)).read_text(encoding="utf-8")
    assert set(looped_over(text)) <= (LAYERS if number == "t13" else set())


@pytest.mark.parametrize(
    "text",
    [
        "for t in range(T):\n    pass",
        "[f(x) for x in xs]",
        "while t < T:\n    t += 1",
        "np.vectorize(f)(x)",
        "map(f, x)",
    ],
)
def test_a_loop_would_be_found(text):
    assert looped_over(text)
